"""The status line: what is done now, or what is open."""

from pathlib import Path

from desktop_app.core.text import clean_name
from desktop_app.ui import format as fmt
from desktop_app.ui.document import Document
from desktop_app.ui.long_work import Ended, Standing
from desktop_app.ui.text import plural, tell, tr


def task_text(standing: Standing | None) -> str:
    """What is done now, which part of it, and how far that is; empty where nothing is done."""
    if standing is None:
        return ""
    title = tell(standing.task.title)
    if standing.done is None:
        return f"{title} …"
    done = fmt.percent(standing.done, 0)
    return f"{title}: {standing.stage_title} {done}" if standing.staged else f"{title} {done}"


def window_title(name: str, standing: Standing | None) -> str:
    """The title of a window: how far the work is, for who sees no more of it than this, the model, the program."""
    parts = [f"{clean_name(name)}[*]"] if name else []
    if standing is not None and not standing.task.quiet and standing.done is not None:
        done = fmt.percent(standing.done, 0)
        parts.insert(0, f"{done} {standing.stage_title}" if standing.staged else done)
    return " – ".join([*parts, tr("Compression Studio")])


def ended_text(ended: Ended, name: str) -> tuple[str, str]:
    """Title and text of the note that work is done, or has failed."""
    title = clean_name(name) if name else tr("Compression Studio")
    if ended.failure is not None:
        return title, tell(ended.failure.sentence)
    text = tr("{task}: done after {time}.")
    return title, text.format(task=tell(ended.task.title), time=fmt.duration(ended.seconds))


def idle_text(document: Document) -> str:
    """The model and its data in a few words; empty before a model is open."""
    summary, data = document.summary, document.data
    if summary is None:
        return ""
    parts = [
        plural(len(summary.layers), "one layer", "{count} layers"),
        tr("opset {number}").format(number=summary.opset),
    ]
    if summary.producer:
        parts.append(clean_name(summary.producer, 40))
    source = document.recipe.data.path
    if source is None:
        parts.append(tr("no data: made-up samples"))
    elif data is None:
        parts.append(tr("data: {name}").format(name=clean_name(Path(source).name, 40)))
    else:
        parts.append(plural(data.samples, "data: one sample", "data: {count} samples"))
    return "  ·  ".join(parts)
