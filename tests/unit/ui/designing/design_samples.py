"""A student as the worker would tell of it, made by hand."""

from msgspec.structs import replace

from desktop_app.core.architecture import Architecture, Candidate, Stage
from desktop_app.core.design import Design
from desktop_app.core.report import Fidelity, Latency, Ratio
from desktop_app.jobs.designs import Designed

ARCHITECTURE = Architecture(
    (24, 24), 16, 2, (Stage(24, 2, 5, 4, squeeze=True, stride=2), Stage(40, 1, 3, 6, False, 1)), 320
)
ASKED = Design("mobilenet_v2", speedup=2.0, latency_ms=3.0)
FOUND = Designed(
    "/home/net-designed/model.onnx",
    ARCHITECTURE,
    Latency(1.25, 1.4, (1.2, 1.3)),
    Ratio(2.31, (2.25, 2.4)),
    {},
    1_046_320,
    261_580,
    9_481_216,
    fidelity=Fidelity(8.0, 0.9, 0.873, 500, False),
    front=(Candidate(3, ARCHITECTURE, 1.2, 0.9),),
    judged=100,
    exponent=23.4,
    checked="ONNX Runtime loads it in a fresh process and gives what torch gives, exactly.",
    notes=("The net was taught for 1,000 steps of 128 samples.",),
)
MISSED = replace(FOUND, missed={"speedup": 1.62}, speedup=Ratio(1.62, (1.6, 1.7)))
