import numpy as np
import onnx
import pytest
import torch

from desktop_app.graph.runtime import open_session
from desktop_app.inspection import summarise
from desktop_app.zoo.building import build
from desktop_app.zoo.ends import plain_ends
from desktop_app.zoo.exporting import export
from desktop_app.zoo.families import FAMILIES
from desktop_app.zoo.size import Wishes, size_of

CASES = (
    ("mobilenet_v1", 64, 0.5, 1.0),
    ("mobilenet_v1", 32, 0.25, 1.5),
    ("mobilenet_v2", 96, 0.75, 0.5),
    ("mobilenet_v3_small", 32, 0.5, 1.5),
    ("mobilenet_v3_large", 64, 0.25, 0.5),
    ("efficientnet_b0", 32, 0.25, 1.0),
    ("efficientnet_b5", 48, 0.25, 0.5),
    ("resnet18", 28, 0.25, 0.5),
    ("resnet50", 96, 0.25, 0.5),
    ("resnet20_cifar", 32, 0.5, 1.5),
    ("resnet44_cifar", 24, 2.5, 0.2),
)
"""Family, side of the image, width, depth."""


def made(name, **wishes):
    family = FAMILIES[name]
    size = size_of(family, Wishes(**wishes))
    module = build(family, size)
    return module, export(module, plain_ends(size), name), size


@pytest.mark.parametrize(("name", "side", "width", "depth"), CASES)
def test_onnx_runtime_gives_what_torch_gives_for_any_batch(name, side, width, depth):
    module, model, _ = made(name, resolution=side, width=width, depth=depth, classes=7, channels=4)
    onnx.checker.check_model(onnx.load_from_string(model.to_bytes()), full_check=True)
    session = open_session(model)
    for batch in (1, 3):
        images = np.random.default_rng(batch).standard_normal((batch, 4, side, side)).astype(np.float32)
        with torch.no_grad():
            expected = module(torch.from_numpy(images)).numpy()
        (actual,) = session.run(None, {"input": images})
        assert actual.shape == (batch, 7)
        np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max())


def test_nodes_are_named_after_modules_and_weights_after_parameters():
    module, model, _ = made("resnet18", width=0.25, resolution=64)
    names = {node.name for node in model.graph}
    assert {"/conv1/Conv", "/layer2/layer2.0/downsample/downsample.0/Conv", "/fc/Gemm"} <= names
    stored = {name for name in module.state_dict() if not name.endswith("num_batches_tracked")}
    assert set(model.graph.initializers) == stored


def test_the_tree_has_a_branch_for_every_block():
    _, model, _ = made("mobilenet_v2", width=0.25, resolution=64)
    layers = summarise(model, name="m", path="m", sha256="", file_bytes=10**6).layers
    branches = {layer.scope for layer in layers}
    assert {("features", f"features.{index}") for index in range(1, 18)} <= branches
    assert all(layer.refusals.get("prune") is None for layer in layers if layer.name.endswith("block.0.0/Conv"))


def test_normalisation_is_kept_apart():
    _, model, _ = made("resnet20_cifar")
    kinds = [node.op_type for node in model.graph]
    assert kinds.count("BatchNormalization") == kinds.count("Conv") == 19


def test_equal_members_give_equal_bytes():
    assert made("mobilenet_v1", width=0.25)[1].to_bytes() == made("mobilenet_v1", width=0.25)[1].to_bytes()
