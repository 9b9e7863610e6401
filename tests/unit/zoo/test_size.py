import pytest

from desktop_app.core.errors import StudioError
from desktop_app.zoo.families import FAMILIES
from desktop_app.zoo.size import Wishes, size_of

MOBILE, CIFAR = FAMILIES["mobilenet_v2"], FAMILIES["resnet20_cifar"]


@pytest.mark.parametrize(("side", "gone"), [(224, 0), (128, 0), (96, 0), (64, 1), (48, 1), (32, 2), (28, 2), (8, 4)])
def test_small_inputs_keep_three_pixels_of_the_last_map(side, gone):
    assert size_of(MOBILE, Wishes(resolution=side)).reductions == gone


def test_the_smaller_side_decides():
    assert size_of(MOBILE, Wishes(resolution=(224, 32))).reductions == 2


def test_published_sizes_are_as_published():
    for family in FAMILIES.values():
        size = size_of(family)
        assert (size.width, size.depth, size.classes, size.reductions) == (
            family.width,
            family.depth,
            family.classes,
            0,
        )
    assert size_of(CIFAR).resolution == (32, 32)


@pytest.mark.parametrize(
    ("wishes", "word"),
    [
        (Wishes(width=0.0), "width"),
        (Wishes(width=float("nan")), "width"),
        (Wishes(depth=-1.0), "depth"),
        (Wishes(resolution=0), "resolution"),
        (Wishes(resolution=10**6), "resolution"),
        (Wishes(classes=0), "classes"),
    ],
)
def test_values_that_make_no_sense_are_refused_by_name(wishes, word):
    with pytest.raises(StudioError, match=word):
        size_of(MOBILE, wishes)
