import subprocess
import sys

import pytest

from desktop_app.core.errors import StudioError
from desktop_app.core.program import program_environment
from desktop_app.zoo.building import build, skeleton
from desktop_app.zoo.families import FAMILIES, family_named, is_family
from desktop_app.zoo.size import Wishes, size_of

PUBLISHED = {
    "mobilenet_v1": 4_231_976,
    "mobilenet_v2": 3_504_872,
    "mobilenet_v3_large": 5_483_032,
    "mobilenet_v3_small": 2_542_856,
    "efficientnet_b0": 5_288_548,
    "efficientnet_b1": 7_794_184,
    "efficientnet_b7": 66_347_960,
    "resnet18": 11_689_512,
    "resnet50": 25_557_032,
}


def count(module):
    return sum(one.numel() for one in module.parameters())


@pytest.mark.parametrize("name", FAMILIES)
def test_the_numbers_of_parameters_are_the_published_ones(name):
    assert count(skeleton(FAMILIES[name])) == FAMILIES[name].params == PUBLISHED.get(name, FAMILIES[name].params)


def test_the_table_is_read_and_the_task_imported_without_torch():
    code = (
        "import sys, desktop_app.zoo.families, desktop_app.jobs.tasks.convert_model; sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], env=program_environment(), check=False).returncode == 0


@pytest.mark.parametrize("spelling", ["MobileNet-V2", "mobilenetv2", "mobilenet_v2"])
def test_a_family_is_found_however_it_is_spelled(spelling):
    assert is_family(spelling)
    assert family_named(spelling).name == "mobilenet_v2"


def test_an_unknown_family_is_refused_with_what_is_like_it():
    with pytest.raises(StudioError, match="resnet50"):
        family_named("resnet5")


@pytest.mark.parametrize("name", ["mobilenet_v1", "mobilenet_v2", "mobilenet_v3_small", "efficientnet_b0", "resnet18"])
def test_width_and_depth_change_the_number_of_parameters(name):
    family = FAMILIES[name]
    narrow = count(skeleton(family, size_of(family, Wishes(width=0.5))))
    deep = count(skeleton(family, size_of(family, Wishes(depth=2.0))))
    shallow = count(skeleton(family, size_of(family, Wishes(depth=0.01))))
    assert narrow < family.params
    assert shallow < family.params < deep


def test_a_ratio_below_one_still_has_every_stage():
    names = [
        name
        for name, _ in skeleton(FAMILIES["resnet34"], size_of(FAMILIES["resnet34"], Wishes(depth=0.1))).named_children()
    ]
    assert [name for name in names if name.startswith("layer")] == ["layer1", "layer2", "layer3", "layer4"]


def test_the_same_seed_gives_the_same_weights_and_leaves_the_generator_of_others():
    import torch

    family = FAMILIES["resnet20_cifar"]
    torch.manual_seed(7)
    expected = torch.randn(3)
    torch.manual_seed(7)
    one, same, other = build(family), build(family), build(family, seed=1)
    assert torch.equal(torch.randn(3), expected)
    assert torch.equal(one.conv1.weight, same.conv1.weight)
    assert not torch.equal(one.conv1.weight, other.conv1.weight)


def test_activations_of_an_untrained_model_are_of_normal_size():
    import torch

    with torch.no_grad():
        features = build(FAMILIES["mobilenet_v2"]).features(torch.randn(2, 3, 96, 96))
    assert 0.1 < float(features.std()) < 10
