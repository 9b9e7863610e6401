"""The guide and the explanations: pages in both languages, pictures that are there, Shift+F1 and tooltips."""

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWhatsThis, QWidget

from desktop_app.core.language import Catalogue, current, use
from desktop_app.core.resources import resource
from desktop_app.jobs.messages import Opened
from desktop_app.ui.dialogs.guide import GuideDialog
from desktop_app.ui.explanations import EXPLANATIONS, explained, rich
from desktop_app.ui.guide_pages import pages, searched

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def chinese():
    before = current()
    use(Catalogue("zh_CN", {}, counts=False))
    yield
    use(before)


def test_both_languages_have_the_same_pages_with_the_same_pictures():
    names = [sorted(path.name for path in resource(f"guide/{code}").glob("*.md")) for code in ("en", "zh_CN")]
    assert names[0] == names[1]
    for name in names[0]:
        drawn = [re.findall(r"\]\((\S+\.svg)\)", (resource(f"guide/{code}") / name).read_text("utf-8"))
                 for code in ("en", "zh_CN")]  # fmt: skip
        assert drawn[0] == drawn[1]
        for picture in drawn[0]:
            assert not QImage(str(resource("guide/en") / picture)).isNull()


def test_pages_stand_in_their_order():
    assert [page.name for page in pages()][::9] == ["1-first-model", "10-messages"]
    assert pages()[0].title == "Your first model"


def test_pages_are_in_the_language_of_now(chinese):
    assert pages()[2].title == "剪枝"


def test_the_guide_is_searched(qtbot):
    assert [page.name for page in searched(pages(), "sqnr decibels")] == ["5-bits"]
    assert searched(pages(), "recover")[0].name == "7-recover"
    dialog = GuideDialog()
    qtbot.addWidget(dialog)
    qtbot.keyClicks(dialog.line, "calibration")
    assert "5-bits" in [page.name for page in dialog._shown]
    assert dialog.text.textCursor().selectedText().lower() == "calibration"
    dialog.line.setText("qqqq")
    assert dialog.list.count() == 0
    assert "No page" in dialog.text.toPlainText()


def test_pages_show_their_pictures(qtbot):
    dialog = GuideDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.list.setCurrentRow(2)
    image = dialog.text.document().resource(2, dialog.text.document().baseUrl().resolved("../pictures/prune.svg"))
    assert "Prune" in dialog.text.toPlainText()
    assert image is not None


@pytest.mark.parametrize("word", EXPLANATIONS)
def test_every_word_has_a_picture_and_a_page(word):
    assert not QImage(str(resource(f"guide/pictures/{word}.svg"))).isNull()
    assert EXPLANATIONS[word].page in [page.name for page in pages()]


def test_what_stands_above_an_explanation_is_text():
    assert "&lt;b&gt;" in rich("prune", "<b>")
    assert explained("other", "<b>") == "<qt>&lt;b&gt;</qt>"
    assert explained("other") == ""


def test_shift_f1_explains_the_knob_that_has_the_focus(window, summary, qtbot):
    window.document.show(Opened(summary, "/snapshot"))
    window.document.selection.choose([("stem", "conv", "/stem/conv")], ["/stem/conv"])
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    field = window.findChild(QWidget, "pruneField")
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_F1, Qt.KeyboardModifier.ShiftModifier)
    shown = [one for one in QApplication.topLevelWidgets() if one.metaObject().className() == "QWhatsThat"]
    assert any(one.isVisible() for one in shown)
    QWhatsThis.hideText()


def test_the_guide_opens_by_its_keys_once(window, qtbot):
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, Qt.Key.Key_F1, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.findChild(GuideDialog) is not None)
    window.actions_["help.guide"].trigger()
    assert len(window.findChildren(GuideDialog)) == 1
    window.findChild(GuideDialog).close()
