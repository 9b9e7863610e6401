"""What an architecture takes is told from the kernels that its exported net has."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from desktop_app.bench.kernel import Kernel, kernels_of
from desktop_app.bench.kernels import KernelTimes
from desktop_app.search.design.latency import Latencies, kernels_of_net
from desktop_app.search.design.whole import untrained
from desktop_app.zoo.ends import plain_ends
from desktop_app.zoo.families import FAMILIES
from desktop_app.zoo.size import Wishes, size_of
from desktop_app.zoo.supernet.blueprint import blueprint_of, member
from desktop_app.zoo.supernet.space import space_about


@pytest.mark.parametrize("name", ["mobilenet_v2", "efficientnet_b0"])
def test_the_kernels_are_those_of_the_exported_net(name: str) -> None:
    family, blueprint = FAMILIES[name], blueprint_of(FAMILIES[name])
    size = size_of(family, Wishes(width=0.25, depth=0.4, resolution=24, classes=4))
    space = space_about(blueprint, member(blueprint, size))
    rng = np.random.default_rng(0)
    for genes in (space.smallest, space.largest, space.drawn(rng)):
        net = space.architecture(genes)
        model = untrained(blueprint, size, plain_ends(size), net)
        assert Counter(kernels_of_net(blueprint, size, net)) == Counter(kernels_of(model).values())


class Table(KernelTimes):
    """Every kernel takes as many nanoseconds as it has weights."""

    def of(self, kernels: object) -> dict:
        from desktop_app.bench.kernel_cache import KernelTime

        return {one: KernelTime(one.weights / 1000.0) for one in kernels if isinstance(one, Kernel)}


def test_predictions_follow_what_was_measured(tmp_path: Path) -> None:
    family, blueprint = FAMILIES["mobilenet_v2"], blueprint_of(FAMILIES["mobilenet_v2"])
    size = size_of(family, Wishes(width=0.25, resolution=24, classes=4))
    space = space_about(blueprint, member(blueprint, size))
    latencies, rng = Latencies(blueprint, size, Table(folder=tmp_path)), np.random.default_rng(0)
    nets = [space.architecture(space.drawn(rng)) for _ in range(8)]
    sums = [latencies.of(net) for net in nets]
    counts = [len(list(kernels_of_net(blueprint, size, net))) for net in nets]
    true = [1.5 * total + 0.01 * count for total, count in zip(sums, counts, strict=True)]
    latencies.correct(list(zip(nets[:6], true[:6], strict=True)))
    assert [latencies.of(net) for net in nets] == pytest.approx(true, rel=1e-6)
    latencies.correct([(nets[0], 2.0 * sums[0])])
    assert latencies.of(nets[1]) == pytest.approx(2.0 * sums[1])
