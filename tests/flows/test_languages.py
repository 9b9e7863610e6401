"""No text of the window stands outside the catalogue, and the language changes while a run goes on."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QDialog, QLabel

from desktop_app.core.language import catalogue_of, use
from desktop_app.core.progress import Measurement, Progress
from desktop_app.jobs.messages import Failed, Opened
from desktop_app.jobs.previews import DataPreview
from desktop_app.ui.language import speak
from desktop_app.ui.window import MainWindow
from tests.pseudo import forgotten, pseudo_language, shown_texts
from tests.real_window import settings_folder, window
from tests.unit.ui.run_samples import kept_run
from tests.unit.ui.test_compare import run_of
from tests.unit.ui.ui_samples import conv, summary_of

__all__ = ["settings_folder", "window"]

NAMES = frozenset(
    (
        *("stem", "conv", "block", "inner", "norm", "head", "classifier", "Conv", "Gemm", "MatMul", "net", "onnx"),
        *("Compression", "Studio", "English", "简体中文", "processor", "snapshot", "run", "model", "root", "home"),
        *("rgb", "bgr", "gray", "nchw", "nhwc", "adamw", "sgd", "ONNX", "Runtime", "AdamW", "SGD"),
        *("by", "hand", "MobileNet", "EfficientNet", "ResNet", "CIFAR", "large", "small", "for"),
    )
)
"""Of the model by hand, of families, formats and files, and of the program."""

DIALOGS = (
    "recipe.data", "recipe.recover", "file.export", "file.student", "file.design", "edit.settings", "help.keys",
    "help.about", "recipe.preset", "recipe.presets", "run.compare", "run.delete",
)  # fmt: skip


DATA = ("QTableView components", "QPlainTextEdit log")
"""Names, versions and licences of the software of others; what goes into the files of the log."""


@pytest.fixture
def english_again() -> Iterator[None]:
    yield
    speak("en")
    use(catalogue_of("en"))


def told_of_the_model():
    layers = (
        conv("/stem/conv", 32, 3, out=0),
        conv("/block/inner/conv1", 64, 32, out=1, into=0),
        conv("/block/norm", 1, 1, refusals=dict.fromkeys(("prune", "rank", "bits"), "its weight is empty")),
    )
    return summary_of(layers)


def show_everything(window: MainWindow) -> None:
    """A model, its data, a run with figures, an outcome that was refused, and a failure."""
    summary = told_of_the_model()
    document, live = window.document, window.session.live
    document.show(Opened(summary, "/snapshot"))
    document.set_data(DataPreview("labelled images", 9, True, 3, 4, 5, None, True, (), ("it is empty",)))
    live.start()
    for stage in ("data", "clean", "prune_channels", "quantize_static"):
        live.report(Progress(stage, 0.5, "rounding conv1", 12.0))
        live.report(Measurement("bytes", 1000.0, stage))
        live.report(Measurement("latency_ms", 2.0, stage, 1.9, 2.1))
    live.end("done")
    for number in (1, 2):
        document.runs.add(replace(run_of(summary), kept=kept_run(number, number, 0.9)))
    window.messages.fail(Failed("The training judged nothing: give more samples."))


def left_over(root) -> list[str]:
    texts = ((where, text, forgotten(text, NAMES)) for where, text in shown_texts(root))
    return [f"{where}: {text!r} {words}" for where, text, words in texts if words and where not in DATA]


def test_no_text_of_the_window_stands_outside_the_catalogue(window, english_again, qtbot):
    show_everything(window)
    tree = window.tree
    use(pseudo_language())
    QCoreApplication.sendEvent(QApplication.instance(), QEvent(QEvent.Type.LanguageChange))
    qtbot.waitUntil(lambda: window.tree is not tree)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    window.tree.selectAll()
    found = left_over(window)
    for name in DIALOGS:
        if window.actions_[name].isEnabled():
            window.actions_[name].trigger()
            for dialog in [one for one in window.findChildren(QDialog) if one.isVisible()]:
                found += [f"{name} {line}" for line in left_over(dialog)]
                dialog.reject()
    assert not found, "\n".join(dict.fromkeys(found))


def test_the_language_changes_while_a_run_goes_on(window, english_again, qtbot):
    show_everything(window)
    live = window.session.live
    live.start()
    live.report(Progress("clean", 1.0))
    live.report(Progress("quantize_static", 0.25, "rounding conv1", 12.0))
    tree = window.tree
    speak("zh_CN")
    qtbot.waitUntil(lambda: window.tree is not tree)
    shown = [one.text() for one in window.workspace.results.findChildren(QLabel)]
    assert "量化（静态）" in shown
    assert any("正在为 conv1 取整" in text for text in shown)
    live.report(Progress("pack", 0.5))
    live.report(Measurement("bytes", 500_000.0, "pack"))
    shown = [one.text() for one in window.workspace.results.findChildren(QLabel)]
    assert "打包" in shown
    live.end("done")
    window.messages.fail(Failed("The training judged nothing: give more samples."))
    assert window.messages.findChild(QLabel, "messageText").text() == "训练没有评判任何内容：请提供更多样本。"
