"""Pictures of plots as files and for the clipboard: SVG, which stays sharp, and PNG at one or two times the size."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter, QPalette
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsView, QWidget

SVG_TYPE = "image/svg+xml"
DOTS_PER_INCH, DOTS_PER_METRE = 96, 3780
"""Of a picture at its plain size: 96 to the inch."""
LARGE, MARGIN = 2, 12


@dataclass(frozen=True)
class Picture:
    """What can be drawn at any size.

    Attributes:
        size: Its size in pixels.
        ground: The colour behind it.
        paint: Draws it into a rectangle at the origin of that size.
    """

    size: QSize
    ground: QColor
    paint: Callable[[QPainter], None]


def picture_of(widget: QWidget) -> Picture:
    """The picture of a widget as it is shown: a graphics view as its lines and words, all else as it paints itself."""
    ground = widget.palette().color(QPalette.ColorRole.Base)

    def paint(painter: QPainter) -> None:
        if isinstance(widget, QGraphicsView):
            shown = widget.viewport().rect()
            widget.render(painter, QRectF(shown), shown, Qt.AspectRatioMode.IgnoreAspectRatio)
        else:
            with _drawn_anew(widget):
                widget.render(painter, QPoint(), renderFlags=QWidget.RenderFlag.DrawChildren)

    size = widget.viewport().size() if isinstance(widget, QGraphicsView) else widget.size()
    return Picture(size, ground, paint)


def as_svg(picture: Picture) -> bytes:
    """The picture as an SVG file."""
    buffer = QBuffer()
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setOutputDevice(buffer)
    generator.setSize(_size(picture))
    generator.setViewBox(QRect(QPoint(), _size(picture)))
    generator.setResolution(DOTS_PER_INCH)  # else Qt makes all letters smaller
    generator.setTitle("Compression Studio")
    _draw(picture, QPainter(generator))
    return bytes(buffer.data().data())


def as_image(picture: Picture, times: int = 1) -> QImage:
    """The picture as pixels, `times` the size at which it is shown."""
    image = QImage(_size(picture) * times, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDotsPerMeterX(DOTS_PER_METRE)
    image.setDotsPerMeterY(DOTS_PER_METRE)
    image.setDevicePixelRatio(times)
    image.fill(picture.ground)
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    _draw(picture, painter)
    return image


def as_png(picture: Picture, times: int = 1) -> bytes:
    """The same as a PNG file."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"PNG")).write(as_image(picture, times))
    return bytes(content.data())


def for_clipboard(picture: Picture) -> QMimeData:
    """The picture as programs paste it: as SVG where they can, else as pixels at twice the size."""
    data = QMimeData()
    data.setData(SVG_TYPE, QByteArray(as_svg(picture)))
    data.setImageData(as_image(picture, LARGE))
    return data


def _size(picture: Picture) -> QSize:
    return picture.size + QSize(2 * MARGIN, 2 * MARGIN)


def _draw(picture: Picture, painter: QPainter) -> None:
    painter.fillRect(QRect(QPoint(), _size(picture)), picture.ground)
    painter.translate(MARGIN, MARGIN)
    picture.paint(painter)
    painter.end()


@contextmanager
def _drawn_anew(widget: QWidget) -> Iterator[None]:
    """The graphics views in a widget draw their ground themselves, not as pixels that they have kept."""
    modes = [(view, view.cacheMode()) for view in widget.findChildren(QGraphicsView)]
    for view, _ in modes:
        view.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)
    try:
        yield
    finally:
        for view, mode in modes:
            view.setCacheMode(mode)
