"""A report with everything in it, hostile names included."""

from desktop_app.core.outcome import Cost, Outcome
from desktop_app.core.report import (
    Fidelity,
    Figures,
    Latency,
    LayerError,
    LayerErrors,
    Machine,
    Ratio,
    Report,
    StepReport,
)

HOSTILE = "</td><script>alert('x')</script>\u202egnp.exe\x00"


def full_report() -> Report:
    return Report(
        original=Figures(4_000_000, 1_000_000, 2_000_000, Latency(2.0, 2.5, (1.9, 2.1)), 10_000_000, 0.91),
        compressed=Figures(
            1_000_000,
            1_000_000,
            2_000_000,
            Latency(1.0, 1.5, (0.9, 1.1)),
            9_000_000,
            0.9,
            Fidelity(31.5, 0.999, 0.98, 200, False),
        ),
        speedup=Ratio(2.0, (1.9, 2.1), "faster"),
        machine=Machine("A <CPU>", ("avx2",), 1),
        versions={"onnxruntime": "1.32.0"},
        seeds={"recipe": 0},
        steps=(StepReport("quantize_static", 3.0, 1_000_000, 2, notes=("Note & more.",)),),
        layers=(
            Outcome("quantize_static", HOSTILE, True, "", Cost(4000, 1000, 10), Cost(1000, 1000, 10)),
            Outcome("quantize_static", "fc", False, "too <small>", Cost(4, 1, 1), Cost(4, 1, 1)),
        ),
        warnings=("The machine was busy.",),
        layer_errors=LayerErrors({HOSTILE: LayerError(27.34), "fc": LayerError(200.0)}, 16, False),
    )
