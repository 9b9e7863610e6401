"""A supernet learns from the user's model; stopped, it goes on; its nets are judged with statistics of their own."""

from typing import Literal

import numpy as np
import pytest
import torch
from msgspec.structs import replace
from torch import nn

from desktop_app.conversion import ends_of
from desktop_app.core.errors import Cancelled
from desktop_app.core.methods import RecoverMethod
from desktop_app.core.progress import Progress, SilentToken
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.learn import precision as halves
from desktop_app.learn.feed import Feed
from desktop_app.learn.module import GraphModule
from desktop_app.learn.outputs import Target
from desktop_app.learn.supernet.lessons import Examination, Lessons
from desktop_app.learn.supernet.sandwich import nets_of
from desktop_app.learn.supernet.teacher import RuntimeTeacher, teacher_of
from desktop_app.zoo.ends import plain_ends
from desktop_app.zoo.exporting import export
from desktop_app.zoo.families import FAMILIES
from desktop_app.zoo.size import Wishes, size_of
from desktop_app.zoo.supernet.blueprint import blueprint_of, member
from desktop_app.zoo.supernet.elastic import Supernet
from desktop_app.zoo.supernet.plain import plain
from desktop_app.zoo.supernet.space import Genes, space_about
from tests.unit.learn.conftest import samples_of

FAMILY = FAMILIES["mobilenet_v2"]
BLUEPRINT, WISHES = blueprint_of(FAMILY), Wishes(width=0.25, depth=0.3)
X = np.random.default_rng(0).normal(size=(160, 1, 8, 8)).astype(np.float32)
STEPS = 12


def teacher() -> Model:
    """A net whose drawn weights tell four classes apart."""
    size = size_of(FAMILY, replace(WISHES, resolution=8, classes=4, channels=1))
    module = plain(BLUEPRINT, size, member(BLUEPRINT, size), 7)
    with torch.no_grad():
        module.classifier[0].weight.mul_(60.0)
    return export(module, plain_ends(size), "teacher")


TEACHER = teacher()


class StopsAt(SilentToken):
    """Asks to stop after so many questions, and remembers what was told."""

    def __init__(self, count: int = 10**9) -> None:
        self.left, self.told = count, list[Progress]()

    def check(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cancelled

    def report(self, event: object) -> None:
        if isinstance(event, Progress):
            self.told.append(event)


def lessons(seed: int = 0) -> Lessons:
    _, ends = ends_of(FAMILY, WISHES, TEACHER)
    samples = samples_of({ends.input.name: X}, layout="nchw")
    return Lessons.of(TEACHER, ends, samples, RecoverMethod(batch=16), seed)


def supernet() -> Supernet:
    size, _ = ends_of(FAMILY, WISHES, TEACHER)
    return Supernet(space_about(BLUEPRINT, member(BLUEPRINT, size)), size, 0)


def as_it_is(genes: Genes, rng: np.random.Generator) -> Genes:
    return genes


def weights(module: torch.nn.Module) -> torch.Tensor:
    return torch.cat([one.detach().flatten() for one in module.parameters()])


def test_all_nets_learn_and_a_net_alone_learns_on() -> None:
    net, token = supernet(), StopsAt()
    trained = lessons().share(net, as_it_is, STEPS, token)
    assert trained.steps == STEPS
    assert trained.best.loss < trained.before.loss
    assert {one.stage for one in token.told} == {"supernet"}
    examination = Examination(lessons(), net)
    genes = net.space.smallest
    module = examination.net(genes)
    assert examination.judge(genes) == examination.judge(genes)
    before = weights(module)
    alone = lessons().finish(module, 8, SilentToken())
    assert alone.before.loss == pytest.approx(examination.judge(genes).loss, rel=0.2)
    assert alone.best.loss <= alone.before.loss
    assert not torch.equal(weights(module), before)


def test_what_was_stopped_goes_on_and_the_seed_decides() -> None:
    whole, other, stopped = supernet(), supernet(), supernet()
    first = lessons()
    first.share(whole, as_it_is, 6, SilentToken())
    first.forget()
    lessons(seed=1).share(other, as_it_is, 6, SilentToken())
    with pytest.raises(Cancelled):
        lessons().share(stopped, as_it_is, 6, StopsAt(3))
    resumed = supernet()
    assert lessons().share(resumed, as_it_is, 6, SilentToken()).resumed == 3
    assert torch.equal(weights(resumed), weights(whole))
    assert not torch.equal(weights(other), weights(whole))


def test_what_was_learned_is_kept_until_it_is_forgotten() -> None:
    net, again, anew = supernet(), supernet(), supernet()
    teaching, token = lessons(), StopsAt()
    teaching.share(net, as_it_is, 5, SilentToken())
    assert lessons().share(again, as_it_is, 5, token).steps == 5
    assert not any(one.text for one in token.told)
    assert torch.equal(weights(again), weights(net))
    module = Examination(teaching, net).net(net.space.smallest)
    told = teaching.rehearse(module, 3, SilentToken())
    assert (told.steps, told.resumed) == (3, 0)
    teaching.forget()
    assert lessons().share(anew, as_it_is, 5, SilentToken()).resumed == 0
    lessons().forget()


def test_a_step_teaches_the_largest_the_smallest_and_some_between() -> None:
    space = supernet().space
    chosen = nets_of(space, as_it_is, np.random.default_rng(0))
    assert (chosen[0], chosen[-1]) == (space.largest, space.smallest)
    assert len(chosen) == 4
    down = nets_of(space, lambda genes, rng: space.smallest, np.random.default_rng(0))
    assert down == (space.smallest,)


def test_the_teacher_gives_what_onnx_runtime_gives_inner_values_too() -> None:
    name, output = (values[0].name for values in (TEACHER.graph.inputs, TEACHER.graph.outputs))
    inner = TEACHER.layers[0]
    value = TEACHER.node(inner.nodes[-1]).outputs[0].name
    teacher = RuntimeTeacher(TEACHER, [output, value])
    found = teacher({name: torch.from_numpy(X[:5])})
    assert set(found) == {output, value}
    (wanted,) = open_session(TEACHER).run([output], {name: X[:5]})
    np.testing.assert_array_equal(found[output].numpy(), wanted)


@pytest.mark.parametrize(
    ("fast", "worst", "precision", "classes", "kind"),
    [
        (True, 1.0, "auto", 4, GraphModule),
        (True, 0.0, "auto", 4, RuntimeTeacher),
        (False, 1.0, "auto", 4, RuntimeTeacher),
        (True, 1.0, "single", 4, RuntimeTeacher),
        (True, 1.0, "auto", 0, RuntimeTeacher),
    ],
)
def test_the_teacher_is_a_copy_only_where_half_precision_is_faster_and_good_enough(
    fast: bool,
    worst: float,
    precision: Literal["auto", "single"],
    classes: int,
    kind: type[nn.Module],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(halves, "multiplies_halves", lambda device: fast)
    monkeypatch.setattr(halves, "WORST_ERROR", worst)
    name = TEACHER.graph.outputs[0].name
    feed = Feed(samples_of({TEACHER.graph.inputs[0].name: X}), 8, seed=0)
    found = teacher_of(TEACHER, Target(name, name, classes), feed, RecoverMethod(precision=precision))
    assert type(found) is kind
