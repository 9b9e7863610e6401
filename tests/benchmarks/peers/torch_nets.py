"""The models as torch modules, for the peers that prune torch: from a checkpoint, or from an ONNX file's weights."""

from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import nn
from torch.nn import functional


class Block(nn.Module):
    """Two convolutions beside a shortcut of every second pixel, zeros added (He et al. 2016, option A)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self._stride = stride
        self._added = (outputs - inputs) // 2

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out = self.bn2(self.conv2(functional.relu(self.bn1(self.conv1(x)))))
        if self._stride > 1:
            x = functional.pad(x[:, :, :: self._stride, :: self._stride], (0, 0, 0, 0, self._added, self._added))
        return functional.relu(out + x)


class ResNet(nn.Module):
    """Of CIFAR: three stages of 16, 32 and 64 channels."""

    def __init__(self, blocks: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        for number, (inputs, outputs) in enumerate(((16, 16), (16, 32), (32, 64)), 1):
            first = Block(inputs, outputs, 1 if number == 1 else 2)
            stage = nn.Sequential(first, *(Block(outputs, outputs, 1) for _ in range(blocks - 1)))
            self.add_module(f"layer{number}", stage)
        self.linear = nn.Linear(64, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = functional.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.linear(x.mean((2, 3)))

    @property
    def fixed(self) -> list[nn.Module]:
        """What keeps its outputs: the classifier, and what is added to a shortcut that adds zeros."""
        return [self.conv1, self.linear, *(one.conv2 for one in self.modules() if isinstance(one, Block))]


class Chain(nn.Module):
    """MobileNet v1 from an ONNX file: convolutions with folded normalisation, ReLU6, an average and a classifier.

    Behind every convolution stands a normalisation that at first changes nothing, for a peer to recompute.
    """

    def __init__(self, model: onnx.ModelProto) -> None:
        super().__init__()
        weights = {one.name: torch.tensor(numpy_helper.to_array(one)) for one in model.graph.initializer}
        layers: list[nn.Module] = []
        for node in model.graph.node:
            layers += _layers(node, weights)
        self.layers = nn.Sequential(*layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)

    @property
    def fixed(self) -> list[nn.Module]:
        """What keeps its outputs: the classifier."""
        return [self.layers[-1]]

    def measure(self, batches: list[torch.Tensor]) -> None:
        """Gives the normalisations the statistics of their inputs, and the scales and biases that undo them."""
        recompute_norms(self, batches)
        for norm in norms(self):
            norm.weight.data = torch.sqrt(norm.running_var + norm.eps)
            norm.bias.data = norm.running_mean.clone()


def load(path: Path) -> ResNet | Chain:
    """The module of a checkpoint (`.th`) or an ONNX file."""
    if path.suffix == ".onnx":
        return Chain(onnx.load(path)).eval()
    state = torch.load(path, map_location="cpu", weights_only=True)["state_dict"]
    blocks = sum(name.endswith("conv1.weight") for name in state) // 3
    module = ResNet(blocks)
    module.load_state_dict({name.removeprefix("module."): value for name, value in state.items()}, strict=False)
    return module.eval()


def norms(module: nn.Module) -> list[nn.BatchNorm2d]:
    """Its normalisations."""
    return [one for one in module.modules() if isinstance(one, nn.BatchNorm2d)]


@torch.no_grad()
def recompute_norms(module: nn.Module, batches: list[torch.Tensor]) -> None:
    """Statistics of the normalisations anew, from unlabelled samples: the mean over the batches."""
    for norm in norms(module):
        norm.reset_running_stats()
        norm.momentum = None
    module.train()
    for batch in batches:
        module(batch)
    module.eval()


def _layers(node: onnx.NodeProto, weights: dict[str, torch.Tensor]) -> list[nn.Module]:
    options = {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
    given = [weights[name] for name in node.input if name in weights]
    match node.op_type:
        case "Conv":
            return _convolution(*given, options)
        case "Clip":
            return [nn.ReLU6()]
        case "GlobalAveragePool":
            return [nn.AdaptiveAvgPool2d(1)]
        case "Flatten":
            return [nn.Flatten()]
        case "Gemm":
            linear = nn.Linear(*reversed(given[0].shape))
            linear.weight.data, linear.bias.data = given
            return [linear]
    raise ValueError(f"{node.op_type} is not known here")


def _convolution(weight: torch.Tensor, bias: torch.Tensor, options: dict) -> list[nn.Module]:
    top, left, bottom, right = options.get("pads", (0, 0, 0, 0))
    group = options.get("group", 1)
    convolution = nn.Conv2d(
        weight.shape[1] * group, len(weight), tuple(weight.shape[2:]), tuple(options["strides"]), groups=group
    )
    convolution.weight.data, convolution.bias.data = weight, bias
    return [nn.ZeroPad2d((left, right, top, bottom)), convolution, nn.BatchNorm2d(len(weight))]
