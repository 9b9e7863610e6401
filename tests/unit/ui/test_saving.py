"""Pictures and tables as files and on the clipboard, by menu, Menu key and the commands of the window."""

import csv
import io

import pytest
from PySide6.QtCore import QByteArray, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QFileDialog, QGraphicsView, QLineEdit, QMenu, QMessageBox, QTableView

from desktop_app.jobs.messages import Opened
from desktop_app.ui import pictures
from desktop_app.ui.plots.bars import BarPlot
from desktop_app.ui.plots.series import Point, Series
from desktop_app.ui.saving import Savable, file_stem, savable_at, write_whole
from tests.unit.ui.ui_samples import find

ROWS = [
    ["After", "Latency", "Share"],
    ["Original", "9.10", "100 %"],
    ["Prune channels", "6.10", "67 %"],
]


@pytest.fixture
def plot(qtbot, settings_folder):
    shown = BarPlot("Latency", "latencyPlot")
    qtbot.addWidget(shown)
    shown.resize(500, 420)
    shown.show()
    shown.show_series(Series("Latency", "ms", (Point("original", 9.1), Point("prune_channels", 6.1))))
    return shown


def save_as(qtbot, path, name_filter=""):
    """Answers the dialog that asks where to."""
    dialog = next(one for one in QApplication.topLevelWidgets() if isinstance(one, QFileDialog) and one.isVisible())
    if name_filter:
        dialog.selectNameFilter(next(one for one in dialog.nameFilters() if name_filter in one))
        dialog.filterSelected.emit(dialog.selectedNameFilter())
    dialog.setDirectory(str(path.parent))
    dialog.findChild(QLineEdit, "fileNameEdit").setText(path.name)
    dialog.accept()


def colours(image):
    return {image.pixelColor(x, y).name() for x in range(0, image.width(), 5) for y in range(0, image.height(), 5)}


def test_the_picture_is_lines_and_words_and_shows_what_the_screen_shows(plot):
    picture = plot.findChild(Savable).picture()
    source = pictures.as_svg(picture)
    assert b"<image" not in source
    for word in (b"Latency, ms", b"9.10", b"Original"):
        assert word in source
    drawn = QImage(pictures.as_image(picture).size(), QImage.Format.Format_ARGB32)
    drawn.fill(Qt.GlobalColor.black)
    painter = QPainter(drawn)
    renderer = QSvgRenderer(QByteArray(source))
    assert renderer.isValid()
    renderer.render(painter)
    painter.end()
    accent = plot.palette().accent().color().name()
    assert accent in colours(drawn)
    assert accent in colours(pictures.as_image(picture))


def test_the_double_picture_has_four_times_the_pixels(plot):
    picture = plot.findChild(Savable).picture()
    small, large = (QImage.fromData(pictures.as_png(picture, times)) for times in (1, 2))
    assert large.size() == small.size() * 2
    assert plot.palette().accent().color().name() in colours(large)


@pytest.mark.parametrize(("name", "kind"), [("a.svg", "svg"), ("b.png", "Picture (")])
def test_a_picture_is_saved_where_the_user_says(plot, qtbot, tmp_path, name, kind):
    plot.findChild(Savable).save_picture()
    save_as(qtbot, tmp_path / name, kind)
    qtbot.waitUntil((tmp_path / name).exists)
    content = (tmp_path / name).read_bytes()
    assert (b"<svg" in content) == name.endswith("svg")
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == [name]


def test_a_table_is_saved_as_csv(plot, qtbot, tmp_path):
    plot.findChild(Savable).save_table()
    save_as(qtbot, tmp_path / "table")
    qtbot.waitUntil((tmp_path / "table.csv").exists)
    assert list(csv.reader(io.StringIO((tmp_path / "table.csv").read_text("utf-8-sig")))) == ROWS


def test_both_are_copied(plot):
    savable = plot.findChild(Savable)
    savable.copy_table()
    assert QGuiApplication.clipboard().text().splitlines() == ["\t".join(row) for row in ROWS]
    savable.copy_picture()
    data = QGuiApplication.clipboard().mimeData()
    assert data.hasImage()
    assert b"<svg" in data.data("image/svg+xml").data()


@pytest.mark.parametrize("part", [QGraphicsView, QTableView])
def test_the_menu_key_offers_all_four(plot, qtbot, part):
    widget = plot.findChild(part)
    widget.setFocus()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), widget.mapToGlobal(QPoint(5, 5)))
    QApplication.sendEvent(widget.viewport(), event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert [one.text() for one in menu.actions()] == [
        "Save picture…", "Copy picture", "Save table as CSV…", "Copy table"]  # fmt: skip
    menu.close()


def test_what_cannot_be_written_is_a_sentence_and_nothing_is_left(plot, qtbot, tmp_path):
    (tmp_path / "there.csv").write_text("old")
    (tmp_path / "folder").mkdir()
    assert "folder" in write_whole(str(tmp_path / "folder"), b"x")
    savable = plot.findChild(Savable)
    savable._write(str(tmp_path / "missing" / "x.csv"), b"x")
    box = plot.findChild(QMessageBox)
    assert "x.csv was not written" in box.text()
    box.close()
    assert {one.name for one in tmp_path.iterdir() if not one.name.startswith(("settings", "cache"))} == {
        "there.csv", "folder"}  # fmt: skip


def test_titles_become_names_of_files():
    assert file_stem("Layers: before/after") == "layers-before-after"
    assert file_stem("大小") == "大小"
    assert file_stem("../..") == "saved"


def test_the_commands_mean_what_has_the_focus(window, summary, qtbot):
    window.document.show(Opened(summary, "/snapshot"))
    window.activateWindow()
    window.tree.setFocus()
    qtbot.waitUntil(lambda: window._face.saving.current is not None)
    assert window.actions_["view.save_table"].isEnabled()
    assert not window.actions_["view.save_picture"].isEnabled()
    assert "plot" in window.actions_["view.save_picture"].toolTip()
    rows = window._face.saving.current.rows()
    assert [row[0] for row in rows[1:]] == [layer.name for layer in summary.layers]
    assert rows[0][:2] == ["Layer", "Op"]
    assert savable_at(window.messages) is None
    assert savable_at(window.workspace.compare.findChild(QTableView)).title == "Layers before and after"
    assert find(window.tree.model(), "stem/conv").isValid()
