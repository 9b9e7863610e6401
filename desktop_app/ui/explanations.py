"""What the words of the program mean: a sentence and a picture each, for tooltips, What's This and the guide."""

import html
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from desktop_app.core.resources import resource
from desktop_app.ui.text import Words, as_tooltip, tr

WIDTH = 300


@dataclass(frozen=True)
class Explanation:
    """A word: what it means, and the page of the guide that tells more. Its picture has its name."""

    text: Words
    page: str


EXPLANATIONS: dict[str, Explanation] = {
    "prune": Explanation("Removes whole channels, those that matter least: smaller and faster everywhere.", "3-prune"),
    "rank": Explanation("Writes the layer as a product of two thin ones: a smaller rank, less work.", "4-rank"),
    "bits": Explanation("How many bits store one weight: 8 are a quarter of the size, and faster.", "5-bits"),
    "structure": Explanation("A thick kernel becomes thin ones and a mix: fast, but it needs training.", "3-prune"),
    "fidelity": Explanation("How near the outputs are to the original's. SQNR in decibels: 6 more halve the error.",
                            "5-bits"),
    "calibration": Explanation("Samples show in which range values lie, so that 8 bits fit them.", "5-bits"),
    "front": Explanation("The runs that no other beats in both: the others can be forgotten.", "8-trade-off"),
    "locked": Explanation("A locked layer stays as it is, whatever a preset or a scope says.", "2-tree"),
}  # fmt: skip


def rich(word: str, *above: str) -> str:
    """The explanation of a word as a tooltip: plain lines above, the picture, the sentence, where more stands."""
    known = EXPLANATIONS[word]
    lines = [html.escape(line).replace("\n", "<br>") for line in above if line]
    picture = html.escape(resource(f"guide/pictures/{word}.svg").as_posix(), quote=True)
    told = html.escape(tr(known.text))
    more = html.escape(tr("More: Help > Guide"))
    head = f"<p>{'<br>'.join(lines)}</p>" if lines else ""
    return f'<qt>{head}<p><img src="{picture}" width="{WIDTH}"></p><p>{told}</p><p><small>{more}</small></p></qt>'


def explained(word: str, *above: str) -> str:
    """A tooltip that explains a word where the program can, else the lines alone."""
    return rich(word, *above) if word in EXPLANATIONS else as_tooltip("\n".join(line for line in above if line))


def explain(widget: QWidget, word: str) -> None:
    """Has a widget and what lies in it explain a word: by its tooltip, and by Shift+F1 (What's This)."""
    widget.setToolTip(rich(word))
    for part in (widget, *widget.findChildren(QWidget)):
        part.setWhatsThis(rich(word))
