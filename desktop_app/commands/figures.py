"""Figures as people read them."""

from desktop_app.core.report import Fidelity, Latency, Ratio


def share(value: float | None) -> str:
    """A share in per cent; a dash where there is none."""
    return "-" if value is None else f"{value:.1%}"


def latency(value: Latency | None) -> str:
    """A latency with its interval."""
    return "-" if value is None else f"{value.median:.3g} ms [{value.ci95[0]:.3g}, {value.ci95[1]:.3g}]"


def ratio(value: Ratio | None) -> str:
    """A speed-up with its interval, or that there is none to tell."""
    if value is None:
        return "-"
    interval = f"{value.median:.2f}x [{value.ci95[0]:.2f}, {value.ci95[1]:.2f}]"
    return f"{interval} {value.verdict}".rstrip()


def fidelity(value: Fidelity | None) -> str:
    """Fidelity in one line."""
    if value is None:
        return "-"
    agreement = "" if value.top1_agreement is None else f", {value.top1_agreement:.1%} same top-1"
    made_up = " synthetic" if value.synthetic else ""
    return f"{value.sqnr_db:.1f} dB{agreement} on {value.samples}{made_up} samples"
