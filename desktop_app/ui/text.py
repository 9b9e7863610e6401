"""Every text that the user reads goes through here, so that it can be translated, and never becomes markup."""

import html
from collections.abc import Mapping

from desktop_app.core import stages
from desktop_app.core.language import Words as Words
from desktop_app.core.language import plural as plural
from desktop_app.core.language import translate
from desktop_app.core.sentences import tell as tell


def tr(text: Words) -> str:
    """The text in the user's language; fill its `{placeholders}` afterwards. Literals only: tables hold `Words`."""
    return translate(text)


def as_tooltip(text: str) -> str:
    """A tooltip that tells `text`, without markup: Qt would take a name that looks like HTML for HTML."""
    return "<qt>" + html.escape(tell(text)).replace("\n", "<br>") + "</qt>" if text else ""


SHORT_TITLES: Mapping[str, Words] = {
    "reduce_input": "Input",
    "swap_activations": "Swap",
    "restructure": "Structure",
    "prune_channels": "Prune",
    "low_rank": "Rank",
    "prune_weights": "Sparse",
    "quantize_static": "Static",
    "quantize_dynamic": "Dynamic",
    "quantize_weights": "Weights",
    "recover": "Recover",
    "recover_quantised": "Rounded",
    "half": "FP16",
}


def stage_title(stage: str) -> str:
    """What the user calls a stage; a stage that has no title here shows its own name."""
    return tr(stages.stage_title(stage))


def short_stage_title(stage: str) -> str:
    """A stage in one word, for the axis of a picture; its table has the whole title."""
    return tr(SHORT_TITLES[stage]) if stage in SHORT_TITLES else stage_title(stage)
