"""Where the data of a recipe is looked for."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop_app.commands.compress import named_recipe, with_data
from desktop_app.core.data import DataSettings
from desktop_app.core.errors import InvalidRecipeError
from desktop_app.core.recipe import Recipe

RECIPE = Recipe(data=DataSettings(path="images", labels="labels.csv", calibration=7))


def test_paths_are_sought_beside_the_recipe_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    beside, here = tmp_path / "recipes", tmp_path / "here"
    (beside / "images").mkdir(parents=True)
    here.mkdir()
    monkeypatch.chdir(here)
    data = with_data(RECIPE, None, beside).data
    assert data.path == str(beside / "images")
    assert data.labels == str(here / "labels.csv")


def test_the_command_line_goes_first_and_keeps_the_rest(tmp_path: Path) -> None:
    data = with_data(RECIPE, tmp_path, tmp_path / "elsewhere").data
    assert data == replace(RECIPE.data, path=str(tmp_path))


def test_no_data_stays_no_data(tmp_path: Path) -> None:
    assert with_data(Recipe(), None, tmp_path).data.path is None


def test_a_recipe_is_a_file_or_written_out_in_braces(tmp_path):
    (tmp_path / "r.yaml").write_text("defaults: {bits: 8}\ndata: {path: images}", "utf-8")
    (tmp_path / "images").mkdir()
    from_file = named_recipe(str(tmp_path / "r.yaml"), None)
    assert (from_file.defaults.bits, from_file.data.path) == (8, str(tmp_path / "images"))
    assert named_recipe(" {defaults: {bits: 4}}", tmp_path).defaults.bits == 4
    with pytest.raises(InvalidRecipeError, match="defaults"):
        named_recipe("{defaults: {bits: 5}}", None)
