"""The language changes while the window is open; what the user has chosen in its views stays."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLocale, QPoint, QRect, Qt
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QLabel, QLineEdit, QPushButton, QSpinBox

from desktop_app.core.language import catalogue_of, use
from desktop_app.jobs.messages import Failed, Opened
from desktop_app.ui.dialogs.settings import SettingsDialog
from desktop_app.ui.language import SYSTEM, Language, language_of, speak
from desktop_app.ui.settings.rows import LANGUAGE
from desktop_app.ui.settings.store import settings
from desktop_app.ui.window import MainWindow


@pytest.fixture(autouse=True)
def _english_again(settings_folder) -> Iterator[None]:
    before = QLocale()
    yield
    speak("en")
    QLocale.setDefault(before)


@pytest.fixture
def language(qapp, settings_folder) -> Iterator[Language]:
    made = Language(qapp)
    yield made
    settings().changed.disconnect(made._on_setting)
    made.deleteLater()


@pytest.fixture
def opened(window, summary) -> MainWindow:
    """The real window with a model by hand: nothing is asked of the worker about it."""
    window.document.show(Opened(summary, "/snapshot"))
    return window


def titles(window: MainWindow) -> list[str]:
    return [action.text() for action in window.menuBar().actions()]


def test_everything_is_made_anew_in_another_language(opened, language, qtbot):
    tree = opened.tree
    settings().write(LANGUAGE, "zh_CN")
    qtbot.waitUntil(lambda: opened.tree is not tree)
    assert titles(opened) == ["文件", "编辑", "配方", "运行", "视图", "帮助"]
    assert opened.workspace.tabs.tabText(0) == "结果"
    settings().write(LANGUAGE, "en")
    qtbot.waitUntil(lambda: titles(opened)[0] == "File")
    assert len(opened.findChildren(type(opened.workspace))) == 1


def test_selection_open_scopes_filter_tab_and_splitter_stay(opened, qtbot):
    tree, workspace = opened.tree, opened.workspace
    tree.collapseAll()
    block = tree.model().index(1, 0)
    tree.expand(block)
    tree.setCurrentIndex(tree.model().index(0, 0))
    chosen_before = tree.selected_layers()
    workspace.tabs.setCurrentIndex(1)
    workspace.splitter.setSizes([700, 400, 300])
    sizes = workspace.splitter.sizes()
    opened.tree.setColumnWidth(3, 99)
    workspace.tree_panel.filter_line.setText("conv")
    workspace.tree_panel._filter()
    speak("zh_CN")
    qtbot.waitUntil(lambda: opened.tree is not tree)
    assert opened.tree.selected_layers() == chosen_before
    assert opened.workspace.tabs.currentIndex() == 1
    assert opened.workspace.splitter.sizes() == sizes
    assert opened.tree.columnWidth(3) == 99
    assert opened.workspace.tree_panel.filter_line.text() == "conv"
    opened.workspace.tree_panel.filter_line.clear()
    opened.workspace.tree_panel._filter()
    rows = [opened.tree.model().index(row, 0) for row in range(opened.tree.model().rowCount())]
    assert [opened.tree.isExpanded(row) for row in rows] == [False, True, False]
    assert opened.tree.selected_layers() == chosen_before == ("/stem/conv",)


def places(window: MainWindow) -> list[QRect]:
    """Where the parts of the window stand in it."""
    workspace = window.workspace
    parts = (workspace.tree, workspace.tabs, workspace.inspector, workspace.recover, window.statusBar())
    return [QRect(one.mapTo(window, QPoint()), one.size()) for one in parts]


def test_views_made_anew_stand_at_once_where_they_stay(opened, qapp):
    """Else all is drawn, moved and drawn again."""
    use(catalogue_of("zh_CN"))
    opened.renew()
    stood = places(opened)
    qapp.processEvents()
    assert places(opened) == stood


def test_a_message_and_the_keys_stay_where_they_were(opened, qtbot):
    opened.messages.fail(Failed("It did not work."))
    opened.activateWindow()
    opened.workspace.tree_panel.filter_line.setFocus()
    tree = opened.tree
    speak("zh_CN")
    qtbot.waitUntil(lambda: opened.tree is not tree)
    assert opened.messages.isVisible()
    assert opened.focusWidget() is opened.workspace.tree_panel.filter_line


def test_views_made_anew_follow_the_document(opened, qtbot):
    tree = opened.tree
    speak("zh_CN")
    qtbot.waitUntil(lambda: opened.tree is not tree)
    undo = opened.actions_["edit.undo"]
    assert not undo.isEnabled()
    opened.tree.selectAll()
    opened.actions_["edit.lock"].trigger()
    assert opened.document.dirty
    assert undo.isEnabled()
    undo.trigger()
    assert not opened.document.dirty


@pytest.mark.parametrize(("code", "text"), [("zh_CN", "取消"), ("en", "Cancel")])
def test_qt_speaks_the_language_too(qapp, code, text):
    speak("zh_CN")
    speak(code)
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    assert box.button(QDialogButtonBox.StandardButton.Cancel).text() == text


def test_the_choice_is_kept(window, language, qtbot):
    assert settings().read(LANGUAGE) == SYSTEM
    menu = window.menuBar().findChild(object, "languageMenu")
    assert [action.text() for action in menu.actions()] == ["As the system", "English", "简体中文"]
    menu.actions()[2].trigger()
    qtbot.waitUntil(lambda: titles(window)[0] == "文件")
    assert settings().read(LANGUAGE) == "zh_CN"
    assert [action.isChecked() for action in window.menuBar().findChild(object, "languageMenu").actions()][2]


def test_the_settings_dialog_follows_at_once(language, qtbot):
    dialog = SettingsDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    choice = dialog.findChild(QComboBox, LANGUAGE.key)
    assert [choice.itemText(place) for place in range(choice.count())] == ["As the system", "English", "简体中文"]
    choice.setFocus()
    qtbot.keyClick(choice, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: dialog.windowTitle() == "设置")
    fresh = dialog.findChild(QComboBox, LANGUAGE.key)
    assert fresh.currentData() == "zh_CN"
    assert dialog.focusWidget() is fresh
    assert "语言" in [one.text() for one in dialog.findChildren(QLabel)]


def test_an_open_dialog_follows_and_keeps_what_was_typed(opened, qtbot):
    opened.actions_["recipe.data"].trigger()
    dialog = opened.findChild(QDialog, "dataDialog")
    dialog.findChild(QLineEdit, "dataPath").setText("Samples")
    dialog.findChild(QSpinBox, "dataCalibration").setValue(7)
    tree = opened.tree
    speak("zh_CN")
    qtbot.waitUntil(lambda: opened.tree is not tree)
    assert dialog.windowTitle() == "数据"
    assert "样本" in [one.text() for one in dialog.findChildren(QLabel)]
    assert "取消" in [one.text() for one in dialog.findChildren(QPushButton)]
    assert dialog.findChild(QLineEdit, "dataPath").text() == "Samples"
    assert dialog.findChild(QSpinBox, "dataCalibration").text() == "7 个样本"
    speak("en")
    qtbot.waitUntil(lambda: dialog.windowTitle() == "Data")
    assert "Samples" in [one.text() for one in dialog.findChildren(QLabel)]
    dialog.reject()


@pytest.mark.parametrize(
    ("wanted", "code"),
    [(["zh-Hans-CN"], "zh_CN"), (["zh-TW", "en-US"], "en"), (["de-DE", "zh-CN"], "zh_CN"), (["de"], "en"), ([], "en")],
)
def test_the_system_is_followed_as_far_as_its_language_is_spoken(monkeypatch, wanted, code):
    class System:
        def uiLanguages(self) -> list[str]:
            return wanted

    monkeypatch.setattr(QLocale, "system", staticmethod(System))
    assert language_of(SYSTEM) == code
