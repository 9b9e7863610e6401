"""Channels pruned to half of the MACs without training, side by side with the peers.

300 unlabelled images are there for whoever uses them, the others evaluate. Torch-Pruning gets the ResNets as torch
checkpoints and MobileNet rebuilt from the ONNX weights, with normalisations put in; "norms" means that their statistics
are recomputed on the 300 images. All find the ratio that comes nearest to half of the MACs.

Run: python tests/benchmarks/bench_peers_pruning.py [--models resnet20,resnet56,mobilenet]
         [--peers torch_pruning,onnxsim] [--work FOLDER] [--seconds 60] [--seed 0]
"""

from pathlib import Path

from peers import tables
from peers.calling import OURS, Way

RECIPES = {
    "prune-50": "{version: 1, defaults: {prune: 0.5}, methods: {prune: {target_macs: 0.5}}}",
    "prune-50-by-8": "{version: 1, defaults: {prune: 0.5}, methods: {prune: {target_macs: 0.5, round_to: 8}}}",
    "prune-50-weights-only": (
        "{version: 1, defaults: {prune: 0.5}, methods: {prune: {target_macs: 0.5, reconstruct: false}}}"
    ),
}
PEERS = (
    Way("Torch-Pruning", "torch_pruning", "0.5"),
    Way("Torch-Pruning, norms", "torch_pruning", "0.5:norms"),
    Way("Torch-Pruning, norms, global", "torch_pruning", "0.5:norms:global"),
    Way("Torch-Pruning, norms, by 8", "torch_pruning", "0.5:norms:8"),
    Way("onnxsim structured", "onnxsim", "prune:0.5"),
    Way("onnxsim structured, Wanda", "onnxsim", "prune-wanda:0.5"),
)
COLUMNS = (
    tables.TOP1,
    tables.AGREEMENT,
    tables.MACS,
    tables.RATIO,
    tables.PROCESSOR,
    tables.CPU,
    tables.MEMORY,
    tables.SIZE,
)


def ways(work: Path) -> tuple[Way, ...]:
    """The rows; writes our recipes."""
    for name, text in RECIPES.items():
        (work / f"{name}.yaml").write_text(text + "\n", "utf-8")
    ours = (
        Way("Compression Studio", OURS, str(work / "prune-50.yaml")),
        Way("Compression Studio, widths by 8", OURS, str(work / "prune-50-by-8.yaml")),
        Way("Compression Studio, without reconstruction", OURS, str(work / "prune-50-weights-only.yaml")),
    )
    return (*ours, *PEERS)


if __name__ == "__main__":
    tables.run("Channel pruning side by side with the peers.", "resnet20,resnet56,mobilenet", ways, COLUMNS)
