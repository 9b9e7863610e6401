"""Presets of the user: kept, replaced, renamed, deleted; a broken file harms no other."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.core.data import DataSettings
from desktop_app.core.errors import StudioError
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.io import presets
from desktop_app.io.presets import delete_own, own_folder, read_builtin, read_own, write_own

RECIPE = Recipe(defaults=LayerSettings(bits=8), data=DataSettings(path="/secret"), seed=7)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(presets, "own_folder", lambda: tmp_path / "presets")
    return tmp_path / "presets"


def test_a_preset_is_kept_without_data_and_seed(folder):
    write_own("Mine: 8 bits", "For tests.", RECIPE)
    (kept,), broken = read_own()
    assert (kept.title, kept.tip, kept.recipe) == ("Mine: 8 bits", "For tests.", Recipe(defaults=LayerSettings(bits=8)))
    assert not broken
    assert "secret" not in (folder / f"{kept.name}.yaml").read_text("utf-8")


def test_the_same_title_replaces_and_another_does_not(folder):
    write_own("Small!", "", RECIPE)
    write_own("Small?", "", RECIPE)
    write_own("Small!", "Again.", RECIPE)
    kept, _ = read_own()
    assert [(one.title, one.tip) for one in kept] == [("Small!", "Again."), ("Small?", "")]
    assert len({one.name for one in kept}) == 2


def test_a_preset_is_renamed_in_its_file(folder):
    write_own("Old", "", RECIPE)
    ((kept,), _) = read_own()
    write_own("New", "Now.", kept.recipe, kept.name)
    ((renamed,), _) = read_own()
    assert (renamed.name, renamed.title, renamed.tip) == (kept.name, "New", "Now.")
    delete_own(renamed.name)
    delete_own(renamed.name)
    assert read_own() == ((), ())


@settings(max_examples=25)
@given(title=st.text(min_size=1, max_size=80), tip=st.text(max_size=300))
def test_any_title_is_a_comment_of_one_line(title, tip):
    write_own(title, tip, RECIPE, "same")
    ((kept,), broken) = read_own()
    assert kept.recipe.defaults.bits == 8
    assert not broken
    assert len(kept.title.splitlines()) == 1


def test_a_broken_file_gets_a_sentence_and_the_others_are_read(folder):
    write_own("Good", "", RECIPE)
    (folder / "bad.yaml").write_text("# Bad\n#\nversion: 1\ndefaults: {bits: 5}\n", "utf-8")
    (folder / "noise.yaml").write_bytes(b"\xff\xfe\x00")
    (folder / "folder.yaml").mkdir()
    kept, broken = read_own()
    assert [one.title for one in kept] == ["Good"]
    assert [one.partition(" is left out")[0] for one in broken] == [
        "Your preset bad.yaml", "Your preset folder.yaml", "Your preset noise.yaml"]  # fmt: skip
    assert "defaults.bits must be" in broken[0]


@pytest.mark.parametrize("name", ["../up", "a/b", "a.yaml", "x" * 65, "a\0b"])
def test_only_files_of_the_folder_are_written_and_deleted(name):
    with pytest.raises(StudioError, match="no name of a preset"):
        delete_own(name)
    with pytest.raises(StudioError, match="no name of a preset"):
        write_own("x", "", RECIPE, name)


def test_a_folder_that_cannot_be_made_is_told(folder):
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("a file")
    with pytest.raises(StudioError, match="cannot be made"):
        write_own("x", "", RECIPE)


def test_those_of_the_program_have_a_title_and_a_sentence():
    assert all(one.title and one.tip.endswith(".") for one in read_builtin())
    assert own_folder().name == "presets"


def test_what_a_preset_of_the_application_says_is_shown_whole():
    assert not [one.title for one in read_builtin() if "…" in one.title + one.tip]
