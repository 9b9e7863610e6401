"""What a result can be exported as, and what each format costs: as values, for the dialog to show."""

from dataclasses import dataclass
from pathlib import Path

from desktop_app.jobs.messages import RunFinished
from desktop_app.ui import format as fmt
from desktop_app.ui.text import Words, tell, tr

FIRST_INT4, FIRST_INT2 = 21, 25
"""Operator sets from which weights of 4 and 2 bits can be stored."""


@dataclass(frozen=True)
class Format:
    """A format.

    Attributes:
        id: Its name in messages.
        title: What it is called.
        about: What it is for, in a sentence.
        loads: What loads it.
        lost: What is lost in it, or is to be known of it.
        suffix: The end of its file's name; empty for a folder.
        by_runtime: Whether ONNX Runtime writes it, which it can only for models that it runs.
        larger: How many bytes it has beyond the model, about.
    """

    id: str
    title: Words
    about: Words
    loads: Words
    lost: Words
    suffix: str
    by_runtime: bool = False
    larger: int = 0


FORMATS = (
    Format(
        "onnx",
        "ONNX model",
        "One file, the very bytes that were measured. The usual choice.",
        "Loads in ONNX Runtime {runtime} and newer, and in whatever reads ONNX of operator set {opset}.",
        "Nothing is lost. Above 2 GB the weights lie in a second file beside it.",
        ".onnx",
    ),
    Format(
        "ort",
        "ORT model",
        "Already optimised: it opens faster, also in ONNX Runtime built small for phones.",
        "Loads only in ONNX Runtime {runtime} or newer; other programs do not read it.",
        "It cannot be opened here or changed again; keep the ONNX model, too.",
        ".ort",
        by_runtime=True,
    ),
    Format(
        "bundle",
        "Folder with everything",
        "The ONNX model, the recipe that replays it, the report, and a script that runs and checks it.",
        "The model in it loads as the ONNX model does; the script needs Python with onnxruntime and numpy.",
        "Nothing is lost. The report names your model, your data and this processor: look before you give it away.",
        "",
        larger=60_000,
    ),
)


@dataclass(frozen=True)
class ExportFacts:
    """What is known of the result before it is exported.

    Attributes:
        bytes: Its size.
        opset: Its operator set.
        runtime: The version of ONNX Runtime that measured it.
        unrunnable: Why ONNX Runtime does not run it; empty where it does.
        sources: Files that must stay: the model that was opened.
    """

    bytes: int = 0
    opset: int = 0
    runtime: str = ""
    unrunnable: Words = ""
    sources: tuple[Path, ...] = ()


def facts_of(run: RunFinished, source: str) -> ExportFacts:
    """The facts of a run's result."""
    summary, report = run.summary, run.report
    runtime = report.versions.get("onnxruntime", "")
    return ExportFacts(report.compressed.bytes, summary.opset, runtime, summary.runnable, (Path(source),))


def cost(one: Format, facts: ExportFacts) -> str:
    """Size, what loads it, and what is lost, a line each."""
    loads = tr(one.loads).format(runtime=facts.runtime or fmt.UNKNOWN, opset=facts.opset or fmt.UNKNOWN)
    bits = _few_bits(facts) if one.id != "ort" else ""
    size = tr("About {size}.").format(size=fmt.size(facts.bytes + one.larger)) if facts.bytes else ""
    return "\n".join(part for part in (f"{size} {loads}".strip(), bits, tr(one.lost)) if part)


def why_not(one: Format, facts: ExportFacts) -> str:
    """Why the format cannot be had, a sentence; empty where it can."""
    if one.by_runtime and facts.unrunnable:
        return tr("ONNX Runtime does not run this model: {reason}").format(reason=tell(facts.unrunnable))
    return ""


def refusal(path: str, one: Format, facts: ExportFacts) -> str:
    """Why nothing can be written there, a sentence; empty where it can be tried."""
    target = Path(path)
    if not path:
        return tr("Say where to write it.")
    if any(_same(target, source) for source in facts.sources):
        return tr("This is the model that you opened; it stays as it is. Choose another name.")
    if not target.parent.is_dir():
        return tr("There is no folder {folder}: choose another one.").format(folder=str(target.parent))
    if one.suffix and target.is_dir():
        return tr("A folder of that name is there: choose another name.")
    if not one.suffix and target.is_file():
        return tr("A file of that name is there: choose another name.")
    return ""


def _few_bits(facts: ExportFacts) -> str:
    """What operator sets beyond the usual ones mean to who loads the file."""
    if facts.opset >= FIRST_INT2:
        return tr("Operator set {opset} has weights of 2 bits: programs before 2025 do not read it.").format(
            opset=facts.opset
        )
    if facts.opset >= FIRST_INT4:
        return tr("Operator set {opset} has weights of 4 bits: programs before 2024 do not read it.").format(
            opset=facts.opset
        )
    return ""


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # one of them is not there
        return False
