from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.layer import Layer
from desktop_app.core.settings import LayerSettings
from desktop_app.ui.filters import holds, parse


@dataclass(frozen=True)
class Told:
    """Facts that are all known."""

    layer: Layer
    settings: LayerSettings = field(default_factory=LayerSettings)
    changed: bool = False
    refused: bool = False
    shares: dict[str, float] = field(default_factory=dict)


def facts(**more) -> Told:
    layer = Layer("/block/conv_dw", "Conv", ("block",), (8, 1, 3, 3), (8, 4, 4), 80, 100, 320)
    return Told(layer, **{"shares": {"time": 0.06, "size": 0.5}, **more})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ("  ", True),
        ("conv_dw", True),
        ("BLOCK", True),
        ("pointwise", False),
        ("op:conv", True),
        ("op:Gemm", False),
        (">5% time", True),
        (">5% of time", True),
        ("> 5 % of time", True),
        (">7% time", False),
        ("<7% time", True),
        (">40% size op:Conv", True),
        (">40% size op:Gemm", False),
        ("refused", False),
        ("locked", False),
        ("bits:32", True),
        ("bits:8", False),
    ],
)
def test_the_filter_line_selects(text, expected):
    assert holds(parse(text), facts()) is expected


def test_flags_ask_for_the_state_of_the_layer():
    assert holds(parse("refused"), facts(refused=True))
    assert holds(parse("changed"), facts(changed=True))
    assert holds(parse("locked bits:4"), facts(settings=LayerSettings(bits=4, locked=True)))


@given(st.text(max_size=40))
def test_no_text_is_an_error(text):
    assert holds(parse(text), facts()) in (True, False)
