"""The table at the end of a run."""

from collections import Counter

from desktop_app.commands import figures
from desktop_app.commands.console import print_line, print_table
from desktop_app.core.report import Report
from desktop_app.core.stages import stage_title
from desktop_app.core.units import amount, size


def print_report(report: Report, model: str) -> None:
    """Prints what a run gave: the two models side by side, then what was left alone and why."""
    before, after = report.original, report.compressed
    rows = [
        ("size", size(before.bytes), size(after.bytes), f"{before.bytes / after.bytes:.2f}x smaller"),
        ("parameters", amount(before.params), amount(after.params), _less(before.params, after.params)),
        (
            "multiply-accumulates",
            amount(before.macs),
            amount(after.macs),
            _less(before.macs, after.macs),
        ),
        (
            "latency",
            figures.latency(before.latency_ms),
            figures.latency(after.latency_ms),
            figures.ratio(report.speedup),
        ),
    ]
    if before.accuracy is not None and after.accuracy is not None:
        points = f"{(after.accuracy - before.accuracy) * 100:+.2f} points"
        rows.append(("accuracy", figures.share(before.accuracy), figures.share(after.accuracy), points))
    if before.peak_memory is not None and after.peak_memory is not None:
        rows.append(("peak memory", size(before.peak_memory), size(after.peak_memory), ""))
    rows.append(("fidelity", "", "", figures.fidelity(after.fidelity)))
    print_table(("", "original", "compressed", ""), rows)
    _print_steps(report)
    left_alone = Counter((o.step, o.reason) for o in report.layers if not o.changed)
    for (step, reason), count in left_alone.most_common(8):
        print_line(f"{stage_title(step)}: {count} layer{'s' if count > 1 else ''} left alone: {reason}")
    for warning in report.warnings:
        print_line(f"note: {warning}")
    print_line(f"-> {model}")


def _print_steps(report: Report) -> None:
    """What each step cost and gave: the model after it, and the time that the step took."""
    if not any(step.changed for step in report.steps):
        return
    print_line("")
    rows = [
        (
            stage_title(step.step),
            str(step.changed),
            size(step.bytes),
            amount(step.macs),
            "" if step.latency_ratio is None else f"{step.latency_ratio.median:.2f}x",
            "" if step.fidelity is None else f"{step.fidelity.sqnr_db:.1f} dB",
            "cached" if step.cached else f"{step.seconds:.1f} s",
        )
        for step in report.steps
    ]
    print_table(("after", "layers changed", "size", "MACs", "speed", "fidelity", "took"), rows)
    for note in dict.fromkeys(note for step in report.steps for note in step.notes):
        print_line(f"note: {note}")


def _less(before: int, after: int) -> str:
    return f"{1 - after / before:.0%} fewer" if before else ""
