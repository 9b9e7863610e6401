from pathlib import Path

import pytest

from desktop_app.core import resources
from desktop_app.core.resources import resource


def test_finds_the_resources_of_a_source_checkout() -> None:
    assert resource("report.html.j2").is_file()
    assert resource("bundle").is_dir()


def test_an_installed_package_has_them_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "desktop_app" / "resources"
    inside.mkdir(parents=True)
    (inside / "icon.svg").touch()
    monkeypatch.setattr(resources, "PLACES", (inside, tmp_path / "resources"))
    assert resource("icon.svg") == inside / "icon.svg"


def test_says_what_is_missing() -> None:
    with pytest.raises(FileNotFoundError, match=r"resources/nothing\.svg is missing"):
        resource("nothing.svg")
