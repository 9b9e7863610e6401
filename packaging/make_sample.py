"""Makes the bundled sample: a small residual net trained on scikit-learn's digits, and images it has never seen.

Needs the extras `learn` and `test`; takes some minutes on one core. Run from the project's folder:

    python packaging/make_sample.py

It writes `resources/sample/digits.onnx` and `resources/sample/digits/<class>/<number>.png`.
"""

import argparse
import ast
import logging
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import onnx_ir as ir
import torch
from onnxscript import optimizer
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import Tensor, nn
from torch.nn import functional

SIDE = 32
HELD_OUT = 700
SEED = 0
SAMPLE = Path(__file__).parents[1] / "resources" / "sample"
log = logging.getLogger("make_sample")


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions and a shortcut (He et al., 2016), which is a 1x1 convolution where shapes change."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        changes = stride != 1 or inputs != outputs
        self.shortcut = (
            nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
            if changes
            else nn.Identity()
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) -> (N, outputs, H / stride, W / stride)."""
        y = functional.relu(self.bn1(self.conv1(x)))
        return functional.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


class SeparableBlock(nn.Module):
    """A depthwise and a pointwise convolution (Howard et al., 2017) with a shortcut around them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 3, 1, 1, groups=channels, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.pointwise = nn.Conv2d(channels, channels, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """(N, channels, H, W) -> the same shape."""
        y = functional.relu(self.bn1(self.depthwise(x)))
        return functional.relu(self.bn2(self.pointwise(y)) + x)


class DigitsNet(nn.Module):
    """Three residual stages and a depthwise-separable block, 1 x 32 x 32 pixels to 10 classes."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU())
        self.stage1 = ResidualBlock(width, width, 1)
        self.stage2 = ResidualBlock(width, 2 * width, 2)
        self.stage3 = ResidualBlock(2 * width, 4 * width, 2)
        self.mix = SeparableBlock(4 * width)
        self.classifier = nn.Linear(4 * width, 10)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 1, 32, 32) -> logits (N, 10)."""
        features = self.mix(self.stage3(self.stage2(self.stage1(self.stem(x)))))
        return self.classifier(features.mean((2, 3)))


def to_pixels(digits: np.ndarray) -> np.ndarray:
    """Scikit-learn's values 0 to 16 as pixels 0 to 255."""
    return np.rint(digits * (255 / 16)).astype(np.uint8)


def to_inputs(pixels: np.ndarray) -> Tensor:
    """(N, 8, 8) pixels -> (N, 1, 32, 32) in [0, 1], resized exactly as the application resizes images."""
    size, method = (SIDE, SIDE), Image.Resampling.BILINEAR
    resized = [np.asarray(Image.fromarray(one).resize(size, method)) for one in pixels]
    return torch.from_numpy(np.stack(resized)[:, None]).float() / 255


def augment(images: Tensor, generator: torch.Generator) -> Tensor:
    """Turns (up to 14 degrees), scales, shears and shifts (up to 3 pixels) every image at random."""
    count = len(images)
    noise = torch.rand(count, 5, generator=generator) * 2 - 1
    angle, scale, shear = 0.25 * noise[:, 0], 1 + 0.15 * noise[:, 1], 0.15 * noise[:, 2]
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    rows = [cos, -sin + shear, 0.2 * noise[:, 3], sin, cos, 0.2 * noise[:, 4]]
    grid = functional.affine_grid(torch.stack(rows, 1).view(count, 2, 3), list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, align_corners=False)


def train(net: nn.Module, images: Tensor, labels: Tensor, epochs: int, batch: int = 32) -> None:
    """Trains with AdamW under a one-cycle learning rate."""
    generator = torch.Generator().manual_seed(SEED)
    steps = epochs * (len(images) // batch)
    adam = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(adam, 3e-3, total_steps=steps)
    net.train()
    for epoch in range(epochs):
        order = torch.randperm(len(images), generator=generator)
        total = 0.0
        for chosen in order[: len(images) // batch * batch].view(-1, batch):
            loss = functional.cross_entropy(
                net(augment(images[chosen], generator)), labels[chosen], label_smoothing=0.05
            )
            adam.zero_grad()
            loss.backward()
            adam.step()
            schedule.step()
            total += loss.item()
        log.info("epoch %d: loss %.3f", epoch + 1, total / (len(images) // batch))


def accuracy(net: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Share of images whose class is found."""
    net.eval()
    with torch.inference_mode():
        return (net(images).argmax(1) == labels).float().mean().item()


def export(net: nn.Module, path: Path) -> None:
    """Writes the net as ONNX with its batch normalisation, its module paths and a free batch size."""
    net.eval()
    batch = torch.export.Dim("batch")
    # The exporter's own optimisation would fold the batch normalisation, which the sample is to show.
    program = torch.onnx.export(
        net,
        (torch.zeros(2, 1, SIDE, SIDE),),
        dynamo=True,
        optimize=False,
        opset_version=18,
        input_names=["input"],
        output_names=["logits"],
        dynamic_shapes=({0: batch},),
        verbose=False,
    )
    optimizer.fold_constants(program.model)
    optimizer.remove_unused_nodes(program.model)
    _name_by_module(program.model.graph)
    program.save(path, external_data=False)


def _name_by_module(graph: ir.Graph) -> None:
    """Names nodes by module and operator; of the metadata only the module's path stays, no source lines."""
    counts: Counter[str] = Counter()
    for node in graph:
        scopes = ast.literal_eval(node.metadata_props["pkg.torch.onnx.name_scopes"])
        name = f"{scopes[-2]}/{node.op_type}".lstrip("/")
        node.name = f"{name}_{counts[name]}" if counts[name] else name
        counts[name] += 1
        for key in set(node.metadata_props) - {"namespace", "pkg.torch.onnx.name_scopes"}:
            del node.metadata_props[key]


def write_images(pixels: np.ndarray, labels: np.ndarray, numbers: np.ndarray, folder: Path) -> None:
    """Writes each image as `<class>/<its number in scikit-learn's set>.png`."""
    shutil.rmtree(folder, ignore_errors=True)
    for image, label, number in zip(pixels, labels, numbers, strict=True):
        target = folder / str(label)
        target.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(target / f"{number:04d}.png", optimize=True)


def main() -> None:
    """Trains on one part of the digits, writes the net and the other part."""
    parser = argparse.ArgumentParser(description="Makes the bundled sample.")
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--out", type=Path, default=SAMPLE)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    torch.manual_seed(SEED)

    digits = load_digits()
    pixels, labels = to_pixels(digits.images), digits.target
    train_part, held_out = train_test_split(
        np.arange(len(labels)), test_size=HELD_OUT, stratify=labels, random_state=SEED
    )
    net = DigitsNet()
    train(net, to_inputs(pixels[train_part]), torch.from_numpy(labels[train_part]), arguments.epochs)
    held_out = np.sort(held_out)
    share = accuracy(net, to_inputs(pixels[held_out]), torch.from_numpy(labels[held_out]))
    parameters = sum(parameter.numel() for parameter in net.parameters())
    log.info("%d parameters, %.2f %% of %d held-out images", parameters, 100 * share, len(held_out))
    arguments.out.mkdir(parents=True, exist_ok=True)
    export(net, arguments.out / "digits.onnx")
    write_images(pixels[held_out], labels[held_out], held_out, arguments.out / "digits")


if __name__ == "__main__":
    main()
