"""The whole graph as a file: SVG or PNG, drawn piece by piece so that the window stays awake."""

from collections.abc import Generator
from pathlib import Path

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsPathItem

from desktop_app.ui.graph.stage import BoxItem, FrameItem, Stage
from desktop_app.ui.text import tr

MARGIN = 24.0
SHARP, MOST_PIXELS, LONGEST_SIDE = 2.0, 80e6, 30_000
OFTEN = 20


def write_picture(stage: Stage, path: str, title: str) -> Generator[None, None, str]:
    """Writes the graph as it is open now; returns why that failed, or nothing.

    Args:
        stage: What is drawn.
        path: Where to; `.png` makes an image, everything else an SVG.
        title: Of an SVG.
    """
    size = QRectF(0, 0, stage.picture.width, stage.picture.height).adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
    if Path(path).suffix.lower() == ".png":
        return (yield from _write_png(stage, path, size))
    return (yield from _write_svg(stage, path, size, title))


def _write_svg(stage: Stage, path: str, size: QRectF, title: str) -> Generator[None, None, str]:
    draft = f"{path}.part"
    generator = QSvgGenerator()
    generator.setFileName(draft)
    generator.setSize(QSize(round(size.width()), round(size.height())))
    generator.setViewBox(QRect(0, 0, round(size.width()), round(size.height())))
    generator.setTitle(title)
    painter = QPainter()
    if not painter.begin(generator):
        return tr("The picture cannot be written to {path}.").format(path=path)
    try:
        yield from _draw(stage, painter, size)
    finally:
        painter.end()
    return _put(draft, path)


def _write_png(stage: Stage, path: str, size: QRectF) -> Generator[None, None, str]:
    scale = min(
        SHARP,
        (MOST_PIXELS / max(size.width() * size.height(), 1.0)) ** 0.5,
        LONGEST_SIDE / max(size.width(), size.height(), 1.0),
    )
    image = QImage(round(size.width() * scale), round(size.height() * scale), QImage.Format.Format_RGB32)
    if image.isNull():
        return tr("There is not enough memory for the picture; write it as SVG.")
    painter = QPainter(image)
    painter.scale(scale, scale)
    try:
        yield from _draw(stage, painter, size)
    finally:
        painter.end()
    draft = f"{path}.part"
    if not image.save(draft, "PNG"):  # type: ignore[call-overload]
        return tr("The picture cannot be written to {path}.").format(path=path)
    return _put(draft, path)


def _put(draft: str, path: str) -> str:
    """Puts the finished file in its place."""
    try:
        Path(draft).replace(path)
    except OSError as error:
        return tr("The picture cannot be written to {path}: {reason}").format(path=path, reason=error.strerror)
    return ""


def _draw(stage: Stage, painter: QPainter, size: QRectF) -> Generator[None, None, None]:
    """Ground, open groups, lines, boxes."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(QRectF(0, 0, size.width(), size.height()), stage.paint.brush.inks.ground)
    painter.translate(MARGIN, MARGIN)
    sizes, looks, brush = stage.paint.sizes, stage.paint.looks, stage.paint.brush
    for depth, item in enumerate(one for one in stage.boxes.values() if isinstance(one, FrameItem)):
        brush.frame(painter, item.at, sizes.of(item.number), looks.of(item.number), item.depth, 1.0, False, False)
        if depth % OFTEN == 0:
            yield
    for place, line in enumerate(stage.near.childItems()):
        if isinstance(line, QGraphicsPathItem) and line is not stage.marked:
            painter.setPen(line.pen())
            painter.setBrush(line.brush() if line.pen().style() == Qt.PenStyle.NoPen else Qt.BrushStyle.NoBrush)
            painter.drawPath(line.path())
        if place % OFTEN == 0:
            yield
    for place, box in enumerate(one for one in stage.boxes.values() if isinstance(one, BoxItem)):
        brush.box(painter, box.at, sizes.of(box.number), looks.of(box.number))
        if place % OFTEN == 0:
            yield
