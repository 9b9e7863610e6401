"""Weights of 4 bits and float activations, side by side with the peers: size against agreement.

NNCF's `compress_weights` is left out: it leaves convolutions in 8 bits, and ONNX Runtime refuses its 4-bit classifier.

Run: python tests/benchmarks/bench_peers_weights.py [--models resnet20,resnet56,mobilenet] [--peers onnxsim]
         [--work FOLDER] [--seconds 60] [--seed 0]
"""

from pathlib import Path

from peers import tables
from peers.calling import OURS, PROJECT, Way

WAYS = (
    Way("Compression Studio, 4-bit weights", OURS, str(PROJECT / "resources" / "presets" / "weights_4.yaml")),
    Way("onnxsim int4 in blocks of 32", "onnxsim", "int4"),
    Way("onnxsim int4 + bias correction", "onnxsim", "int4-corrected"),
)
COLUMNS = (
    tables.TOP1,
    tables.AGREEMENT,
    tables.SQNR,
    tables.SIZE,
    tables.RATIO,
    tables.PROCESSOR,
    tables.CPU,
    tables.MEMORY,
)


def ways(work: Path) -> tuple[Way, ...]:
    """The rows; our recipe is the preset that users have."""
    return WAYS


if __name__ == "__main__":
    tables.run("4-bit weights side by side with the peers.", "resnet20,resnet56,mobilenet", ways, COLUMNS)
