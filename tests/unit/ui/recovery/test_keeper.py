import pytest

from desktop_app.jobs.messages import Opened
from desktop_app.ui import operations
from desktop_app.ui.document import Document
from desktop_app.ui.recovery.keeper import Keeper
from desktop_app.ui.recovery.kept import ViewState
from desktop_app.ui.recovery.store import Store

CONV1, CONV2 = "/block/inner/conv1", "/block/inner/conv2"


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "sessions")


@pytest.fixture
def opened(qapp, summary, store):
    """Another window's document and keeper, as often as is asked for."""
    kept = []

    def open_one(look=ViewState) -> tuple[Document, Keeper]:
        document = Document()
        keeper = Keeper(document, store)
        keeper.watch(look)
        keeper.offers = []
        keeper.found.connect(keeper.offers.append)
        kept.append((document, keeper))
        document.show(Opened(summary, "/snapshot"))
        return document, keeper

    yield open_one
    for _, keeper in kept:
        keeper._timer.stop()
        if keeper.place is not None:
            keeper.place.release()


def crash(keeper):
    """The system lets go of the locks of a process that was killed."""
    keeper._timer.stop()
    keeper.place.release()
    keeper._place = None


def edit(document):
    """Edits of every kind: one that was saved, one slider, one undone and done again, one undone."""
    operations.set_bits(document, [CONV1], 8)
    for share in (0.1, 0.2, 0.3):
        operations.set_prune(document, [CONV1], share, "slider")
    operations.set_locked(document, [CONV2], True)
    document.undo_stack.undo()
    document.undo_stack.redo()
    operations.set_bits(document, [CONV1], 4)
    document.undo_stack.undo()


def undone(document):
    recipes = [document.recipe]
    while document.undo_stack.canUndo():
        document.undo_stack.undo()
        recipes.append(document.recipe)
    return recipes


def test_edits_are_there_after_a_crash_with_all_that_can_be_undone_and_redone(opened, store, tmp_path):
    document, keeper = opened()
    edit(document)
    document.saved(tmp_path / "recipe.yaml")
    operations.set_bits(document, ["/stem/conv"], 8)
    document.undo_stack.undo()
    document.undo_stack.undo()
    crash(keeper)

    again, other = opened()
    other.go_on(*other.offers)
    assert again.recipe == document.recipe
    assert again.dirty
    assert again.recipe_path == tmp_path / "recipe.yaml"
    assert again.undo_stack.index() == document.undo_stack.index()
    assert again.undo_stack.redoText() == document.undo_stack.redoText()
    again.undo_stack.redo()
    assert not again.dirty, "that is the recipe in the file"
    document.undo_stack.redo()
    assert undone(again) == undone(document)


def test_a_crash_after_a_recovery_loses_nothing_either(opened, store):
    document, keeper = opened()
    edit(document)
    crash(keeper)
    again, other = opened()
    other.go_on(*other.offers)
    operations.set_locked(again, [CONV1], True)
    crash(other)
    (found,) = store.found()
    assert found.history.recipe == again.recipe
    assert len(found.history.steps) == document.undo_stack.index() + 1


def test_unsaved_edits_are_offered_when_the_model_is_opened_again(opened, store, qtbot):
    document, keeper = opened()
    operations.set_bits(document, [CONV1], 8)
    crash(keeper)

    again = Document()
    other = Keeper(again, store)
    with qtbot.waitSignal(other.found) as offered:
        again.show(Opened(document.summary, "/again"))
    assert offered.args[0].history.recipe == document.recipe
    assert store.found() == (), "it is asked about in one window only"
    other.let_go()
    assert len(store.found()) == 1, "unanswered, it must stay"
    other.take(store.found()[0].id)
    other.discard()
    assert store.found() == ()
    crash(other)


def test_a_window_that_lives_is_not_taken_for_a_crash(opened, qtbot):
    document, _ = opened()
    operations.set_bits(document, [CONV1], 8)
    again = Document()
    other = Keeper(again, opened()[1].store)
    with qtbot.assertNotEmitted(other.found):
        again.show(Opened(document.summary, "/again"))
    crash(other)


def test_the_last_session_is_kept_and_the_one_before_goes(opened, store):
    first, second = opened()[1], opened(lambda: ViewState(places="here"))[1]
    first.close(unsaved=False)
    second.close(unsaved=False)
    (found,) = store.found()
    assert not found.crashed
    assert found.kept.view.places == "here"


def test_windows_that_are_closed_together_are_the_last_session_together(opened, store):
    keepers = [opened()[1], opened()[1]]
    for keeper in keepers:
        keeper.together = "now"
        keeper.close(unsaved=False)
    assert len(store.found()) == 2


def test_edits_given_up_are_gone_and_the_saved_ones_stay(opened, store, tmp_path):
    document, keeper = opened()
    operations.set_bits(document, [CONV1], 8)
    document.saved(tmp_path / "recipe.yaml")
    saved = document.recipe
    operations.set_bits(document, [CONV2], 8)
    keeper.close(unsaved=False)
    (found,) = store.found()
    assert found.history.recipe == saved
    assert not found.history.dirty


def test_edits_that_were_not_asked_about_stay_however_many_windows_are_closed_later(opened, store):
    document, keeper = opened()
    operations.set_bits(document, [CONV1], 8)
    keeper.close(unsaved=True)
    other = opened()[1]
    other.let_go()
    other.close(unsaved=False)
    assert {one.unsaved for one in store.found()} == {True, False}


def test_a_model_in_whose_place_another_comes_is_kept_for_its_unsaved_edits_only(opened, store, summary):
    document, keeper = opened()
    keeper.leave(unsaved=True)
    assert store.found() == ()
    document.show(Opened(summary, "/again"))
    operations.set_bits(document, [CONV1], 8)
    recipe = document.recipe
    keeper.leave(unsaved=True)
    (found,) = store.found()
    assert found.history.recipe == recipe
    assert found.unsaved


def test_how_the_window_is_arranged_is_written_soon_after_it_was_touched(opened, store, qtbot):
    looks = [ViewState(places="here")]
    _, keeper = opened(lambda: looks[-1])
    looks.append(ViewState(places="there"))
    keeper._timer.setInterval(10)
    keeper.touch()
    qtbot.waitUntil(lambda: store.read(keeper.place.id).kept.view.places == "there")


def test_a_folder_that_cannot_be_written_is_told_once(qapp, summary, tmp_path, qtbot, caplog):
    (tmp_path / "file").write_text("")
    document = Document()
    keeper = Keeper(document, Store(tmp_path / "file"))
    with qtbot.waitSignal(keeper.troubled) as told:
        document.show(Opened(summary, "/snapshot"))
    assert "Not a directory" in told.args[0]
    with qtbot.assertNotEmitted(keeper.troubled):
        operations.set_bits(document, [CONV1], 8)
        document.show(Opened(summary, "/snapshot"))
    assert "cannot be kept" in caplog.text
