"""Commands that use the clipboard: settings of layers, and the command line of a recipe."""

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from desktop_app.core.settings import Knob
from desktop_app.core.text import clean_name
from desktop_app.ui import operations
from desktop_app.ui.command_text import command_text, out_folder
from desktop_app.ui.layer_text import as_text, from_text, matched
from desktop_app.ui.session import Session
from desktop_app.ui.settings.measuring import chosen_measuring
from desktop_app.ui.text import plural, tell, tr
from desktop_app.ui.views.facts import KNOB_TITLES

MOST_NAMED = 3


class Clipping(QObject):
    """Copies and pastes for one window; what was done, and what was not, is told by the session."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._document = session.document

    def copy(self) -> None:
        """Puts the settings of the selected layers into the clipboard, as text."""
        names = self._document.selection.layers
        QGuiApplication.clipboard().setText(as_text(self._document, names))
        self._tell(
            plural(len(names), "The settings of one layer are copied.", "The settings of {count} layers are copied.")
        )

    def paste(self) -> None:
        """Gives the selected layers the settings in the clipboard; what they cannot take is told."""
        copied = from_text(QGuiApplication.clipboard().text())
        if not copied:
            self._warn(tr("The clipboard holds no settings of layers: select some layers and copy theirs first."))
            return
        wanted = matched(self._document, copied, self._document.selection.layers)
        if not wanted:
            text = tr("The settings of {count} layers were copied: select as many layers, or copy one layer's.")
            self._warn(text.format(count=len(copied)))
            return
        changed, refused = operations.paste(self._document, wanted)
        done = plural(len(changed), "One layer has other settings now.", "{count} layers have other settings now.")
        if refused:
            self._warn(done, *refusal_lines(refused))
        else:
            self._tell(done)

    def copy_command(self) -> None:
        """Puts the command line for the model and its recipe into the clipboard."""
        summary = self._document.summary
        if summary is None:
            return
        text = command_text(self._document, chosen_measuring())
        if text:
            QGuiApplication.clipboard().setText(text)
            told = tr("The command is copied; it writes to {folder}.")
            self._tell(told.format(folder=out_folder(Path(summary.path))))
        else:
            self._warn(tr("This recipe does not fit into a command: save it first, then the command names its file."))

    def _tell(self, sentence: str) -> None:
        self._session.told.emit(sentence)

    def _warn(self, *sentences: str) -> None:
        self._session.troubled.emit(sentences)


def refusal_lines(refused: Mapping[str, Mapping[Knob, str]]) -> list[str]:
    """What was not pasted, and why: a line for each layer, of the first few."""
    lines = [
        tr("Not pasted onto {layer}: {reasons}").format(
            layer=clean_name(name),
            reasons="; ".join(f"{tr(KNOB_TITLES[knob])}: {tell(reason)}" for knob, reason in reasons.items()),
        )
        for name, reasons in list(refused.items())[:MOST_NAMED]
    ]
    if len(refused) > MOST_NAMED:
        lines.append(tr("and {count} more").format(count=len(refused) - MOST_NAMED))
    return lines
