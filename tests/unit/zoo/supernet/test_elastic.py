"""A supernet: every net in it is what it is by itself, and becomes ONNX that gives the same."""

from itertools import product

import numpy as np
import pytest
import torch

from desktop_app.core.errors import StudioError
from desktop_app.graph.runtime import open_session
from desktop_app.zoo.building import build
from desktop_app.zoo.ends import plain_ends
from desktop_app.zoo.exporting import export
from desktop_app.zoo.families import FAMILIES
from desktop_app.zoo.size import Wishes, size_of
from desktop_app.zoo.supernet.blueprint import blueprint_of, member
from desktop_app.zoo.supernet.elastic import Supernet, cropped, recalibrate
from desktop_app.zoo.supernet.plain import plain
from desktop_app.zoo.supernet.space import Space, space_about

NAMES = ("mobilenet_v2", "efficientnet_b0")


def small(name: str, side: int = 16) -> tuple[Space, object]:
    family = FAMILIES[name]
    size = size_of(family, Wishes(width=0.25, depth=0.4, resolution=side, classes=4))
    blueprint = blueprint_of(family)
    return space_about(blueprint, member(blueprint, size)), size


def several(space: Space) -> list[tuple[int, ...]]:
    rng = np.random.default_rng(0)
    return [space.smallest, space.largest, space.middle, *(space.drawn(rng) for _ in range(3))]


@pytest.mark.parametrize("name", NAMES)
def test_a_net_by_itself_gives_what_it_gives_in_the_supernet(name: str) -> None:
    space, size = small(name)
    supernet, x = Supernet(space, size, 0), torch.randn(6, 3, 16, 16)
    for genes in several(space):
        module = supernet.subnet(genes).train()
        with torch.no_grad():
            torch.testing.assert_close(module(x), supernet(x, genes), rtol=0, atol=1e-5)


def test_a_net_is_learned_through_the_weights_of_all() -> None:
    space, size = small("mobilenet_v2")
    supernet, x = Supernet(space, size, 0), torch.randn(6, 3, 16, 16)
    supernet(x, space.smallest).square().mean().backward()
    stem = supernet.whole.features[0][0].weight.grad
    fewest = space.stems[0]
    assert stem[:fewest].abs().sum() > 0
    assert stem[fewest:].abs().sum() == 0
    assert not list(supernet.buffers())


@pytest.mark.parametrize(("name", "side"), [*product(NAMES, (16,)), ("mobilenet_v2", 64)])
def test_nets_become_onnx_that_gives_the_same(name: str, side: int) -> None:
    space, size = small(name, side)
    supernet, x = Supernet(space, size, 0), torch.randn(3, 3, side, side)
    for genes in several(space)[:4]:
        module = supernet.subnet(genes)
        recalibrate(module, [torch.randn(8, 3, side, side), x])
        model = export(module, plain_ends(size), name)
        (found,) = open_session(model).run(None, {"input": x.numpy()})
        with torch.no_grad():
            np.testing.assert_allclose(found, module(x).numpy(), rtol=1e-3, atol=1e-5)
        assert all(layer.name for layer in model.layers)


def test_recalibrated_statistics_are_those_of_the_samples() -> None:
    space, size = small("mobilenet_v2")
    supernet, x = Supernet(space, size, 0), torch.randn(32, 3, 16, 16)
    module = supernet.subnet(space.middle)
    recalibrate(module, [x])
    with torch.no_grad():
        torch.testing.assert_close(module(x), supernet(x, space.middle), rtol=0, atol=0.02)  # variances over n - 1
    assert not module.training


def test_the_first_channels_and_the_middle_of_the_kernel_are_taken() -> None:
    weight = torch.arange(2 * 3 * 5 * 5).reshape(2, 3, 5, 5)
    assert torch.equal(cropped(weight, torch.Size((1, 2, 3, 3))), weight[:1, :2, 1:4, 1:4])


@pytest.mark.parametrize("name", NAMES)
def test_the_familys_own_net_is_one_of_those_that_can_be_made(name: str) -> None:
    family, blueprint = FAMILIES[name], blueprint_of(FAMILIES[name])
    size = size_of(family, Wishes(width=0.5, resolution=32, classes=7))
    ours, theirs = plain(blueprint, size, member(blueprint, size), 0), build(family, size)
    convs = [
        [m.weight.shape for m in net.modules() if isinstance(m, torch.nn.Conv2d) and m.bias is None]
        for net in (ours, theirs)
    ]
    assert convs[0] == convs[1]
    assert [m.stride for m in ours.modules() if isinstance(m, torch.nn.Conv2d)] == [
        m.stride for m in theirs.modules() if isinstance(m, torch.nn.Conv2d)
    ]


def test_families_of_other_blocks_say_which_can_be_searched() -> None:
    with pytest.raises(StudioError, match="mobilenet_v2, efficientnet_b0"):
        blueprint_of(FAMILIES["resnet18"])
