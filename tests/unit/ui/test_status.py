from desktop_app.core.data import DataSettings
from desktop_app.core.progress import Progress
from desktop_app.jobs.messages import DataPreview, OpenModel
from desktop_app.ui import operations
from desktop_app.ui.document import Document
from desktop_app.ui.status import idle_text, task_text
from desktop_app.ui.work import Task


def test_what_is_open_and_on_which_data(document):
    assert "5 layers" in idle_text(document)
    assert "made-up samples" in idle_text(document)
    operations.set_data(document, DataSettings(path="/somewhere/pictures"))
    assert "data: pictures" in idle_text(document)
    document.set_data(DataPreview("images", 500, True, 10, 300, 200, None, False, ()))
    assert "data: 500 samples" in idle_text(document)


def test_what_is_done_now(qapp):
    task = Task(OpenModel("/net.onnx"), "Opening net.onnx", print)
    assert task_text(task, None) == "Opening net.onnx …"
    assert task_text(task, Progress("open", 0.5)) == "Opening net.onnx 50 %"
    assert task_text(None, None) == idle_text(Document()) == ""
