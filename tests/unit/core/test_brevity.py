import pytest

from desktop_app.core.brevity import VARIABLE, at_most


@pytest.mark.parametrize(("granted", "taken"), [(None, 12.0), ("", 12.0), ("1", 1.0), ("60", 12.0)])
def test_measuring_takes_what_it_asks_for_unless_less_is_granted(monkeypatch, granted, taken):
    monkeypatch.delenv(VARIABLE, raising=False)
    if granted is not None:
        monkeypatch.setenv(VARIABLE, granted)

    assert at_most(12.0) == taken
