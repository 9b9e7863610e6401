import pytest
import torch

from desktop_app.core.errors import InvalidFileError
from desktop_app.zoo.building import build, skeleton
from desktop_app.zoo.families import FAMILIES
from desktop_app.zoo.fitting import compare, load
from desktop_app.zoo.recognising import recognise
from desktop_app.zoo.size import Wishes, size_of

FAMILY = FAMILIES["resnet20_cifar"]


@pytest.fixture
def weights():
    return dict(build(FAMILY, seed=3).state_dict())


def test_a_whole_checkpoint_fits_and_is_loaded(weights):
    module = build(FAMILY)
    fit = load(module, weights, "w.pt")
    assert fit.complete
    assert all(torch.equal(one, weights[name]) for name, one in module.state_dict().items())


def test_what_does_not_fit_is_named_and_stays_as_it_was(weights):
    weights["linear.weight"] = torch.zeros(7, 64)
    weights["extra.bias"] = torch.zeros(2)
    del weights["bn1.running_var"]
    module, before = build(FAMILY), build(FAMILY)
    fit = load(module, weights, "w.pt")
    assert fit.missing == ("bn1.running_var",)
    assert fit.unexpected == ("extra.bias",)
    assert fit.misshapen == ("linear.weight (7 x 64 instead of 10 x 64)",)
    assert torch.equal(module.linear.weight, before.linear.weight)
    assert torch.equal(module.conv1.weight, weights["conv1.weight"])


def test_half_precision_is_widened_and_counters_do_not_count(weights):
    halves = {name: one.half() for name, one in weights.items() if not name.endswith("num_batches_tracked")}
    assert compare(skeleton(FAMILY), halves).complete
    module = build(FAMILY)
    load(module, halves, "w.pt")
    assert module.conv1.weight.dtype == torch.float32


def test_a_file_of_which_nothing_fits_is_refused():
    with pytest.raises(InvalidFileError, match=r"None of the 1 weights in w\.pt"):
        load(build(FAMILY), {"a": torch.zeros(1)}, "w.pt")


@pytest.mark.parametrize(
    ("name", "width", "classes", "channels"),
    [
        ("resnet20_cifar", 1.0, 100, 3),
        ("resnet34", 0.5, 5, 3),
        ("mobilenet_v1", 0.75, 1001, 3),
        ("mobilenet_v2", 1.4, 12, 1),
        ("mobilenet_v3_small", 1.0, 12, 4),
    ],
)
def test_a_family_is_recognised_with_its_classes_channels_and_width(name, width, classes, channels):
    family = FAMILIES[name]
    member = skeleton(family, size_of(family, Wishes(width=width, classes=classes, channels=channels)))
    found, wishes = recognise(dict(member.state_dict()), Wishes(), "w.pt")
    assert (found, wishes.classes, wishes.channels) == (family, classes, channels)
    assert (1.0 if isinstance(wishes.width, type(Wishes().width)) else wishes.width) == width


@pytest.mark.parametrize("name", ["efficientnet_b0", "efficientnet_b1"])
def test_efficientnets_are_told_apart(name):
    assert recognise(dict(skeleton(FAMILIES[name]).state_dict()), Wishes(), "w.pt")[0].name == name


def test_a_checkpoint_that_lacks_a_weight_is_refused_with_what_comes_nearest(weights):
    del weights["layer3.2.conv2.weight"]
    with pytest.raises(InvalidFileError, match=r"resnet20_cifar comes nearest .* but not layer3\.2\.conv2\.weight"):
        recognise(weights, Wishes(), "w.pt")


def test_a_number_of_classes_that_no_model_has_is_no_crash():
    member = dict(skeleton(FAMILY).state_dict())
    member["linear.weight"] = torch.zeros(1).expand(10**9, 64)
    with pytest.raises(InvalidFileError, match="No family"):
        recognise(member, Wishes(), "w.pt")
