"""Structured pruning by Torch-Pruning, without training, to a share of the MACs.

The setting is the share and, after colons, what else is wanted: `norms` recomputes the normalisations on the samples,
`global` ranks all layers together, a number rounds widths to its multiples. A residual net loses inner channels of
its blocks only: Torch-Pruning does not follow shortcuts that add zeros.
"""

import warnings
from copy import deepcopy

import torch
import torch_nets
import torch_pruning
from adapter import Task, asked, tell
from torch import nn

TRIES = 8
BATCH = 50


def main() -> None:
    task = asked(__doc__)
    share, *wishes = task.setting.split(":")
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    module = torch_nets.load(task.model)
    batches = [torch.tensor(next(iter(batch.values()))) for batch in task.batches(BATCH)]
    if isinstance(module, torch_nets.Chain):
        module.measure(batches)
    small = nearest(module, batches[0][:1], float(share), wishes)
    if "norms" in wishes:
        torch_nets.recompute_norms(small, batches)
    write(task, small, batches[0][:1])
    tell()


def nearest(module: nn.Module, example: torch.Tensor, share: float, wishes: list[str]) -> nn.Module:
    """Of the modules pruned at ratios found by bisection, the one whose share of the MACs is nearest."""
    whole, _ = torch_pruning.utils.count_ops_and_params(module, example)
    low, high = 0.0, 1.0
    found: list[tuple[float, nn.Module]] = []
    for _ in range(TRIES):
        ratio = (low + high) / 2
        small = pruned(deepcopy(module), example, ratio, wishes)
        left = torch_pruning.utils.count_ops_and_params(small, example)[0] / whole
        found.append((abs(left - share), small))
        low, high = (ratio, high) if left > share else (low, ratio)
    return min(found, key=lambda one: one[0])[1]


def pruned(module: nn.Module, example: torch.Tensor, ratio: float, wishes: list[str]) -> nn.Module:
    """Loses the same share of every layer's channels, or of all channels together, by the norm of their group."""
    round_to = next((int(wish) for wish in wishes if wish.isdigit()), None)
    torch_pruning.pruner.MetaPruner(
        module,
        example,
        importance=torch_pruning.importance.GroupMagnitudeImportance(p=2),
        pruning_ratio=ratio,
        global_pruning="global" in wishes,
        ignored_layers=module.fixed,
        round_to=round_to,
    ).step()
    return module


def write(task: Task, module: nn.Module, example: torch.Tensor) -> None:
    """Writes the module under the names that the ONNX files of the models have."""
    torch.onnx.export(
        module,
        (example,),
        str(task.output),
        dynamo=False,
        opset_version=17,
        input_names=["input"],
        output_names=["logits"],
        dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}},
    )


if __name__ == "__main__":
    main()
