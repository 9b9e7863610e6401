"""What `convert` makes of its arguments before a worker hears of them."""

from pathlib import Path

import pytest

from desktop_app.commands.convert import convert
from desktop_app.core.errors import StudioError

OUT = Path("m.onnx")


@pytest.fixture
def checkpoint(tmp_path: Path) -> str:
    (tmp_path / "w.pt").write_bytes(b"weights")
    return str(tmp_path / "w.pt")


@pytest.mark.parametrize("factor", [float("nan"), float("inf")])
def test_a_factor_that_is_no_number_is_not_taken_for_none(factor: float) -> None:
    with pytest.raises(StudioError, match="--width"):
        convert("resnet18", OUT, width=factor)


def test_what_is_neither_file_nor_family_lists_the_families() -> None:
    with pytest.raises(StudioError, match=r"resnet18.*resnet110_cifar"):
        convert("resnet19", OUT)


def test_two_families_are_one_too_many() -> None:
    with pytest.raises(StudioError, match="two families"):
        convert("resnet18", OUT, family="resnet34")


def test_a_file_brings_its_own_weights(checkpoint: str) -> None:
    with pytest.raises(StudioError, match="--weights"):
        convert(checkpoint, OUT, weights=Path(checkpoint))


def test_a_shape_that_is_none_is_refused(checkpoint: str) -> None:
    with pytest.raises(StudioError, match="no shape"):
        convert(checkpoint, OUT, input=["3*224"])
