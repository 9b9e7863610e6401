"""What every row is judged by: one evaluation, one comparison of latencies, one look at the optimised graph."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import onnx
from peers.calling import Made
from peers.processor import processor_ratios

from desktop_app.bench.evaluate import Evaluation, evaluate
from desktop_app.bench.latency import Row, compare
from desktop_app.core.errors import StudioError
from desktop_app.graph.runtime import open_session
from desktop_app.io.data import DataSet
from desktop_app.io.onnx_reader import read_model

WEIGHTED = ("Conv", "Gemm", "MatMul")
IN_INTEGERS = ("QLinear", "Integer", "QGemm", "NBits")


@dataclass(frozen=True)
class Judged:
    """A row.

    Attributes:
        made: The file, and what it took to make it.
        bytes: Of the file as written.
        used_bytes: Without weights that no node reads.
        found: By the evaluation.
        integer_layers: How many layers with weights ONNX Runtime computes on integers.
        layers: How many layers with weights there are.
    """

    made: Made
    bytes: int
    used_bytes: int
    found: Evaluation
    integer_layers: int
    layers: int

    @property
    def macs(self) -> int:
        """Multiply-accumulates for one sample."""
        return 0 if self.made.path is None else sum(layer.macs for layer in read_model(self.made.path).layers)

    @property
    def top1(self) -> float:
        """Share of labels met."""
        return self.found.accuracy or 0.0

    @property
    def agreement(self) -> float:
        """Share of samples on which the first choice is that of the original."""
        fidelity = self.found.fidelity
        return (fidelity.top1_agreement if fidelity is not None else None) or 0.0

    @property
    def sqnr_db(self) -> float:
        """Signal to noise of the outputs."""
        fidelity = self.found.fidelity
        return float("nan") if fidelity is None else fidelity.sqnr_db


def judge(made: Made, data: DataSet, original: Path, threads: int) -> Judged | str:
    """Evaluates a file on the samples that did not calibrate; a sentence where ONNX Runtime refuses it."""
    if made.path is None:
        return made.why
    try:
        found = evaluate(made.path, data, data.evaluation_indices, reference=original, threads=threads)
        return Judged(made, made.path.stat().st_size, _used_bytes(made.path), found, *_layers(made.path))
    except StudioError as error:
        return str(error)


@dataclass(frozen=True)
class Timed:
    """How long a file takes, by the clock and by the processor, against the original."""

    clock: Row
    processor: float


def times(rows: Sequence[Judged], seconds: float, threads: int) -> tuple[list[Timed], tuple[str, ...]]:
    """The times of all files, interleaved, and what disturbed; the first row is the original's."""
    paths = [row.made.path for row in rows if row.made.path is not None]
    compared = compare(paths, seconds=seconds, threads=threads)
    ratios = processor_ratios(paths, seconds / 2)
    return [Timed(*both) for both in zip(compared.rows, ratios, strict=True)], compared.warnings


def _used_bytes(path: Path) -> int:
    """What the file would take without the weights that no node reads: some tools leave the float ones behind."""
    model = onnx.load(path)
    read = {name for node in model.graph.node for name in node.input}
    unread = sum(one.ByteSize() for one in model.graph.initializer if one.name not in read)
    return path.stat().st_size - unread


def _layers(path: Path) -> tuple[int, int]:
    """How many layers with weights ONNX Runtime computes on integers after optimisation, and how many there are."""
    with tempfile.TemporaryDirectory() as folder:
        optimised = Path(folder) / "optimised.onnx"
        open_session(path, save_optimised_to=optimised)
        types = [node.op_type for node in onnx.load(optimised).graph.node]
    weighted = [one for one in types if any(part in one for part in WEIGHTED)]
    return sum(any(part in one for part in IN_INTEGERS) for one in weighted), len(weighted)
