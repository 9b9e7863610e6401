"""The tab Graph: the canvas with its tools, what the colours mean, and the table of its boxes."""

from collections.abc import Generator, Sequence

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QMenu, QSplitter, QStackedLayout, QVBoxLayout, QWidget

from desktop_app.core.layout.nested import lay_out, look
from desktop_app.ui.graph.brush import Brush
from desktop_app.ui.graph.canvas import GraphCanvas
from desktop_app.ui.graph.inks import inks
from desktop_app.ui.graph.looks import Looks
from desktop_app.ui.graph.marks import marks_of
from desktop_app.ui.graph.menu import add_entries
from desktop_app.ui.graph.paint import Paint
from desktop_app.ui.graph.rows import told
from desktop_app.ui.graph.sizes import Sizes
from desktop_app.ui.graph.slices import Slices
from desktop_app.ui.graph.stage import Stage, build_stage
from desktop_app.ui.graph.state import NONE
from desktop_app.ui.graph.table import BoxTable
from desktop_app.ui.graph.tools import Foot, Tools
from desktop_app.ui.graph.writing import Writing
from desktop_app.ui.session import Session
from desktop_app.ui.text import as_tooltip, tell, tr
from desktop_app.ui.views.labels import label

REFRESH_MS = 60
MESSAGE, PICTURE = 0, 1


class GraphView(QWidget):
    """Draws the graph when it is to be seen, and follows the selection, the recipe and what is measured."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("graphView")
        self._state, self._document = session.graph, session.document
        self._commands: Sequence[QAction] = ()
        self._stale, self._anchor, self._wanted = True, NONE, NONE
        self._paint = self._fresh_paint()
        self.canvas = GraphCanvas(self._state)
        self.canvas.tip_of = self._tip
        self.tools = Tools(self._state)
        self.foot = Foot(self._paint.brush.inks)
        self.table = BoxTable(self._state)
        self._lay_out()
        self._drawing, self._writing = Slices(self), Writing(session, self)
        self._refreshing = QTimer(self, singleShot=True, interval=REFRESH_MS)
        self._refreshing.timeout.connect(self.refresh)
        self._connect()
        self._on_read()

    @property
    def stage(self) -> Stage | None:
        """What is shown."""
        return self.canvas.stage

    @property
    def busy(self) -> bool:
        """Whether something is being laid out."""
        return self._drawing.busy

    def take_commands(self, commands: Sequence[QAction]) -> None:
        """Takes the commands on layers, for the menu of a box."""
        self._commands = tuple(commands)

    def refresh(self) -> None:
        """Looks anew at figures, colours and what is asked."""
        self._refreshing.stop()
        if self.stage is None or not self.isVisible():
            self._stale = self._stale or self.stage is not None
            return
        self._paint.looks.refresh()
        self.stage.update()
        self.canvas.overview.refresh()
        self._tell()

    def write(self, path: str) -> None:
        """Writes the whole graph to a file."""
        if self.stage is not None:
            self._writing.write(self.stage, path)

    def choose_file(self) -> None:
        """Asks for a file and writes the whole graph there."""
        path = self._writing.ask()
        if path:
            self.write(path)

    def find_boxes(self) -> None:
        """Puts the cursor into the find field."""
        self.tools.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.tools.field.selectAll()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if not hasattr(self, "_refreshing"):
            return
        if event.type() == QEvent.Type.PaletteChange:
            self._dip()
        elif event.type() == QEvent.Type.FontChange:
            self._paint = self._fresh_paint()
            self._draw()

    def _dip(self) -> None:
        """Takes the colours of another palette."""
        self.tools.refresh_icons()
        brush = Brush(inks())
        self._paint.brush = brush
        if self.stage is not None:
            self.stage.dip(brush)
            self.canvas.overview.refresh()
            self._tell()

    def _fresh_paint(self) -> Paint:
        ink = inks()
        return Paint(Brush(ink), Sizes(self._state, ink), Looks(self._state))

    def _lay_out(self) -> None:
        self._message = label(quiet=True, wrap=True)
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message.setContentsMargins(30, 30, 30, 30)
        pages = QWidget()
        self._pages = QStackedLayout(pages)
        self._pages.addWidget(self._message)
        self._pages.addWidget(self.canvas)
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(pages)
        split.addWidget(self.table)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        split.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tools)
        layout.addWidget(split, 1)
        layout.addWidget(self.foot)
        self.table.setVisible(self._state.listed)

    def _connect(self) -> None:
        state, document = self._state, self._document
        state.read.connect(self._on_read)
        state.opened.connect(self._on_opened)
        state.restyled.connect(self.refresh)
        state.moved.connect(self._on_moved)
        document.selection.changed.connect(self._on_selected)
        for signal in (
            document.prediction_changed,
            document.profile_changed,
            document.sensitivity_changed,
            document.runs.shown_changed,
        ):
            signal.connect(self._refreshing.start)
        self.canvas.menu_wanted.connect(self._show_menu)
        self.canvas.find_wanted.connect(self.find_boxes)
        tools = self.tools
        tools.fit_wanted.connect(self.canvas.fit)
        tools.zoom_wanted.connect(self.canvas.zoom)
        tools.found.connect(self._go_to)
        tools.left.connect(self.canvas.setFocus)
        tools.export_wanted.connect(self.choose_file)
        tools.table_wanted.connect(self._show_table)
        self.table.chosen.connect(self._go_to)
        for keys, call in (("F3", tools.next_match), ("Shift+F3", tools.previous_match)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(call)

    def _on_read(self) -> None:
        """There is another graph, or none yet."""
        self._drawing.stop()
        self._writing.stop()
        self.canvas.clear()
        self.table.clear()
        self._paint = self._fresh_paint()
        self.tools.reset()
        self._draw()

    def _on_opened(self) -> None:
        self._anchor = self._state.current
        self._draw()

    def _draw(self) -> None:
        """Lays the graph out, once it is to be seen."""
        self._stale = True
        if self._state.tree is None:
            self._message.setText(tell(self._state.problem) or tr("The graph appears here as soon as it is read."))
            self._pages.setCurrentIndex(MESSAGE)
            self._tell()
        elif self.isVisible():
            self._stale = False
            self._drawing.start(self._steps())

    def _steps(self) -> Generator[None, None, None]:
        """Lays out, makes the items, and shows them: a step at a time."""
        state, paint, tree = self._state, self._paint, self._state.tree
        if tree is None:
            return
        scene = yield from look(tree, state.open)
        for place, number in enumerate((*scene.boxes, *scene.frames)):
            paint.sizes.of(number)
            if place % 50 == 0:
                yield
        picture = yield from lay_out(tree, scene, paint.sizes.size, state.across, state.cache)
        stage = yield from build_stage(tree, picture, paint)
        yield
        self._pages.setCurrentIndex(PICTURE)
        anchor, self._anchor = self._anchor, NONE
        self.canvas.show_stage(stage, anchor)
        yield
        self._mark()
        yield
        if self._wanted != NONE:
            self.canvas.reach(self._wanted, middle=True)
            self._wanted = NONE
        self._tell()

    def _tell(self) -> None:
        """Shows what the colours mean, and how much is to be seen."""
        measure = self._paint.looks.measure
        why_not = measure.why_not(self._document) if self._document.summary else ""
        self.tools.show_state()
        self.foot.tell(self._paint.brush.inks, measure, self._paint.looks.ends, why_not, self.stage, self._state)
        if self._state.listed and self.stage is not None:
            self.table.show_boxes(self._paint.looks, self.stage.picture.scene)
        self.table.choose(self._state.current)

    def _mark(self) -> None:
        """Shows what is selected, and tells it to those who cannot see it."""
        stage, state = self.stage, self._state
        if stage is None:
            return
        self.canvas.mark(marks_of(state, stage.picture.scene))
        if state.current in stage.boxes:
            self.canvas.setAccessibleDescription(told(state, self._paint.looks, state.current))
        self.table.choose(state.current)

    def _on_moved(self) -> None:
        self._mark()
        self.canvas.reach(self._state.current)

    def _on_selected(self, layers: tuple[str, ...]) -> None:
        """Follows what was selected elsewhere: goes to the box of the first layer, or to that of its group."""
        state = self._state
        if layers and (state.current == NONE or set(state.layers_in(state.current)).isdisjoint(layers)):
            state.go_to(state.visible(state.box_of(layers[0])))
        self._mark()

    def _go_to(self, number: int) -> None:
        """Shows a node or group, wherever it is hidden."""
        state = self._state
        if number == NONE or state.tree is None:
            return
        hidden = state.visible(number) != number
        if hidden:
            self._wanted = number
            state.reveal(number)
        state.choose(number)
        if not hidden:
            self.canvas.reach(number)

    def _show_table(self, shown: bool) -> None:
        self._state.listed = shown
        self.table.setVisible(shown)
        self._tell()
        QTimer.singleShot(0, self, self._reach_current)  # the canvas has its new height then

    def _reach_current(self) -> None:
        self.canvas.reach(self._state.current)

    def _tip(self, number: int) -> str:
        if number == NONE or self.stage is None:
            return ""
        return as_tooltip(told(self._state, self._paint.looks, number))

    def _show_menu(self, number: int, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        add_entries(menu, self._state, number, self._commands)
        menu.addAction(tr("Show all"), self.canvas.fit)
        menu.addAction(tr("Export the graph…"), self.choose_file)
        menu.popup(at)
