from desktop_app.core.data import DataSettings
from desktop_app.core.design import Design
from desktop_app.core.recipe import Recipe
from desktop_app.jobs.designs import DesignStudent
from desktop_app.jobs.messages import Failed, OpenModel, RunRecipe
from desktop_app.jobs.previews import DataPreview
from desktop_app.ui import operations
from desktop_app.ui.document import Document
from desktop_app.ui.long_work import Ended, Standing
from desktop_app.ui.status import ended_text, idle_text, task_text, window_title
from desktop_app.ui.work import Task


def test_what_is_open_and_on_which_data(document):
    assert "5 layers" in idle_text(document)
    assert "made-up samples" in idle_text(document)
    operations.set_data(document, DataSettings(path="/somewhere/pictures"))
    assert "data: pictures" in idle_text(document)
    document.set_data(DataPreview("images", 500, True, 10, 300, 200, None, False, ()))
    assert "data: 500 samples" in idle_text(document)


OPENING = Task(OpenModel("/net.onnx"), "Opening net.onnx", print)
RUNNING = Task(RunRecipe("/net.onnx", Recipe(), "/run"), "Running the recipe", print)


DESIGNING = Task(
    DesignStudent("/net.onnx", Design("mobilenet_v2"), DataSettings(), "/out"), "Designing a student", print
)


def test_a_design_tells_its_parts_by_their_own_names(qapp):
    assert task_text(Standing(DESIGNING, "recover", 0.5)) == "Designing a student: Teach the best alone 50 %"


def test_what_is_done_now(qapp):
    assert task_text(Standing(OPENING)) == "Opening net.onnx …"
    assert task_text(Standing(OPENING, "open", 0.5)) == "Opening net.onnx 50 %"
    assert task_text(Standing(RUNNING, "low_rank", 0.5)) == "Running the recipe: Low rank 50 %"
    assert task_text(None) == idle_text(Document()) == ""


def test_the_title_says_first_how_far_it_is(qapp):
    quiet = Task(OpenModel("/net.onnx"), "Looking", print, quiet=True)
    assert window_title("", None) == "Compression Studio"
    assert window_title("net.onnx", Standing(OPENING, "open", 0.42)) == "42 % – net.onnx[*] – Compression Studio"
    assert window_title("net.onnx", Standing(RUNNING, "low_rank", 0.4)).startswith("40 % Low rank – net.onnx")
    assert window_title("net.onnx", Standing(quiet, "open", 0.4)) == "net.onnx[*] – Compression Studio"


def test_the_note_says_what_is_done_or_why_not(qapp):
    assert ended_text(Ended(RUNNING, None, 65.0), "net.onnx") == (
        "net.onnx",
        "Running the recipe: done after 1 min 5 s.",
    )
    assert ended_text(Ended(RUNNING, Failed("It broke."), 65.0), "") == ("Compression Studio", "It broke.")
