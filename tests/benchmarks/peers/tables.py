"""The way all these benchmarks go: everybody compresses a model, all files are judged together, a table is printed."""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from peers.calling import ENVIRONMENTS, Made, Way, chosen, make, write_samples
from peers.judging import Judged, Timed, judge, times
from peers.subjects import DATA, Subject, named

from desktop_app.bench.fidelity import CAP_DB


@dataclass(frozen=True)
class Column:
    """A heading, and what stands below it."""

    heading: str
    cell: Callable[[Judged, Timed], str]


def ratio(row: Judged, timed: Timed) -> str:
    """The file's time over float's: below 1 is faster."""
    speedup = timed.clock.ratio
    low, high = (1 / bound for bound in reversed(speedup.ci95))
    return f"{1 / speedup.median:.3f} [{low:.3f}, {high:.3f}]"


def size(row: Judged, timed: Timed) -> str:
    """As written; in brackets what is left without weights that nothing reads."""
    whole, used = row.bytes / 1e6, row.used_bytes / 1e6
    return f"{whole:.2f} MB" + (f" ({used:.2f})" if used < 0.99 * whole else "")


TOP1 = Column("top-1", lambda row, _: f"{row.top1:.2%}")
AGREEMENT = Column("agreement", lambda row, _: f"{row.agreement:.2%}")
SQNR = Column("SQNR", lambda row, _: f"{row.sqnr_db:.1f} dB" if row.sqnr_db < CAP_DB else "")
RATIO = Column("time ratio", ratio)
PROCESSOR = Column("processor's", lambda _, timed: f"{timed.processor:.3f}")
CPU = Column("CPU time", lambda row, _: f"{row.made.cpu_seconds:.1f} s" if row.made.cpu_seconds else "")
MEMORY = Column("memory", lambda row, _: f"{row.made.peak_bytes / 1e6:.0f} MB" if row.made.peak_bytes else "")
SIZE = Column("size", size)
MACS = Column("MACs", lambda row, _: f"{row.macs / 1e6:.1f} M")
IN_INTEGERS = Column("int8 layers", lambda row, _: f"{row.integer_layers}/{row.layers}")


def run(
    description: str,
    models: str,
    ways: Callable[[Path], Sequence[Way]],
    columns: Sequence[Column],
) -> None:
    """Reads the command line and prints a table for each model.

    Args:
        description: What the benchmark is.
        models: Names of the models where the command line gives none.
        ways: From a folder, where recipes may be written, to the rows.
        columns: Of the table, after the names of the rows.
    """
    arguments = _arguments(description, models)
    with tempfile.TemporaryDirectory(prefix="peers-") as temporary:
        work = (arguments.work or Path(temporary)).absolute()
        work.mkdir(parents=True, exist_ok=True)
        rows = chosen(ways(work), arguments.peers)
        for subject in named(arguments.models):
            _compare_on(subject, rows, columns, work, arguments)


def _arguments(description: str, models: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--models", default=models, help="names with commas")
    parser.add_argument("--peers", default="", help="names with commas; all where none is given")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the models and their data")
    parser.add_argument("--samples", type=Path, help="other samples than the model's in the folder of data")
    parser.add_argument("--most", type=int, help="evaluate on at most so many samples")
    parser.add_argument("--environments", type=Path, default=ENVIRONMENTS, help="folder that install.py has filled")
    parser.add_argument("--work", type=Path, help="where the files stay; a temporary folder where not given")
    parser.add_argument("--seconds", type=float, default=60.0, help="for comparing the latencies on a model")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0, help="of the split into calibration and evaluation")
    return parser.parse_args()


def _compare_on(
    subject: Subject, ways: Sequence[Way], columns: Sequence[Column], work: Path, arguments: argparse.Namespace
) -> None:
    """Has everybody compress a model, and prints the table."""
    folder = work / f"{subject.name}-{arguments.seed}"
    model = subject.model(arguments.data, work)
    data = subject.open_data(model, arguments.samples or arguments.data / subject.data, arguments.seed)
    data = replace(data, evaluation_indices=data.evaluation_indices[: arguments.most])
    write_samples(folder / "samples", (batch.inputs for batch in data.batches(data.calibration_indices, 1)))
    made = []
    for way in ways:
        source = subject.readable_by(way.peer, model, arguments.data)
        made.append(make(way, source, folder / "samples", folder, arguments.environments))
        sys.stderr.write(f"{subject.name}: {way.title}: {made[-1].why or 'done'}\n")
    made.insert(0, Made(Way("float", ""), model))
    rows = [judge(one, data, model, arguments.threads) for one in made]
    timed, warnings = times([row for row in rows if isinstance(row, Judged)], arguments.seconds, arguments.threads)
    split = f"{len(data.calibration_indices)} samples calibrate, {len(data.evaluation_indices)} evaluate"
    sys.stdout.write(f"{subject.name}: {split}\n\n" + _table(made, rows, timed, columns) + "\n")
    sys.stdout.write("".join(f"{sentence}\n" for sentence in warnings) + "\n")
    sys.stdout.flush()


def _table(
    made: Sequence[Made], rows: Sequence[Judged | str], timed: Sequence[Timed], columns: Sequence[Column]
) -> str:
    """A table as Markdown; a row without a file says why there is none."""
    times_of = iter(timed)
    lines = [f"| | {' | '.join(column.heading for column in columns)} |", "|" + "---|" * (1 + len(columns))]
    for one, row in zip(made, rows, strict=True):
        cells = [row] if isinstance(row, str) else _cells(row, next(times_of), columns)
        lines.append(f"| {' | '.join((one.way.title, *cells))} |")
    return "".join(f"{line}\n" for line in lines)


def _cells(row: Judged, timed: Timed, columns: Sequence[Column]) -> list[str]:
    return [column.cell(row, timed) for column in columns]
