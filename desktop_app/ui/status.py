"""The status line: what is done now, or what is open."""

from pathlib import Path

from desktop_app.core.progress import Progress
from desktop_app.core.text import clean_name
from desktop_app.ui import format as fmt
from desktop_app.ui.document import Document
from desktop_app.ui.text import plural, tell, tr
from desktop_app.ui.work import Task


def task_text(task: Task | None, progress: Progress | None) -> str:
    """What is done now and how far it is; empty where nothing is."""
    if task is None:
        return ""
    return f"{tell(task.title)} {fmt.percent(progress.done, 0) if progress else '…'}"


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
