"""Static int8 side by side with the peers: accuracy, agreement, noise, speed, CPU time, memory and size in one run.

300 images calibrate and the others evaluate, the same for all. Every tool makes its file in its own environment and a
process of its own, whose CPU seconds and peak memory count as a whole (imports too; ours without the measuring that
`compress` does as well). Then all files are evaluated in one process, and timed interleaved with float: the time ratio
is the file's time over float's, below 1 is faster, by the clock and, for busy computers, by the processor. A peer
whose environment is not there is "not installed".

Run: python tests/benchmarks/peers/install.py ../peers-venvs    (once; COMPRESSION_STUDIO_PEERS names another folder)
     python tests/benchmarks/bench_peers_int8.py [--models mobilenet,resnet20,resnet56,mobilenet_v2_like]
         [--peers onnxruntime,nncf,aimet,quark,onnxsim] [--data ../shared/data] [--samples LARGER_SET] [--work FOLDER]
         [--seconds 60] [--threads 0] [--seed 0] [--most 1000]
"""

from pathlib import Path

from peers import tables
from peers.calling import OURS, PROJECT, Way

PRESETS = PROJECT / "resources" / "presets"
WAYS = (
    Way("Compression Studio, INT8 for this CPU", OURS, str(PRESETS / "int8.yaml")),
    Way("Compression Studio, portable INT8", OURS, str(PRESETS / "int8_portable.yaml")),
    Way("ORT static, default", "onnxruntime"),
    Way("ORT u8s8 per channel", "onnxruntime", "u8s8"),
    Way("ORT s8s8 per channel", "onnxruntime", "s8s8"),
    Way("ORT u8s8 per channel, reduce_range", "onnxruntime", "u8s8-reduced"),
    Way("ORT u8u8 per channel", "onnxruntime", "u8u8"),
    Way("NNCF default", "nncf"),
    Way("NNCF, exact bias correction", "nncf", "exact"),
    Way("NNCF tuned by hand", "nncf", "tuned"),
    Way("AIMET", "aimet"),
    Way("AIMET + CLE", "aimet", "equalised"),
    Way("AIMET + CLE, SQNR ranges", "aimet", "equalised-sqnr"),
    Way("Quark A8W8", "quark"),
    Way("Quark u8s8 per channel + CLE", "quark", "u8s8"),
    Way("onnxsim static", "onnxsim"),
    Way("onnxsim static, whole graph", "onnxsim", "full"),
    Way("onnxsim static + bias correction", "onnxsim", "corrected"),
)
COLUMNS = (
    tables.TOP1,
    tables.AGREEMENT,
    tables.SQNR,
    tables.RATIO,
    tables.PROCESSOR,
    tables.CPU,
    tables.MEMORY,
    tables.SIZE,
    tables.IN_INTEGERS,
)


def ways(work: Path) -> tuple[Way, ...]:
    """The rows; our recipes are the presets that users have."""
    return WAYS


if __name__ == "__main__":
    tables.run(
        "Static int8 side by side with the peers.", "mobilenet,resnet20,resnet56,mobilenet_v2_like", ways, COLUMNS
    )
