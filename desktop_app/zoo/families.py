"""The families as rows of data. Nothing here imports torch: they can be listed where it is absent."""

from collections.abc import Mapping
from difflib import get_close_matches

from msgspec import Struct

from desktop_app.core.errors import StudioError
from desktop_app.core.text import clean_name

V1, V2, V3 = "arXiv:1704.04861", "arXiv:1801.04381", "arXiv:1905.02244"
EFFICIENT, RESIDUAL = "arXiv:1905.11946", "arXiv:1512.03385"

SEARCHED = ("mobilenet_v2", "efficientnet")
"""Architectures whose families can be searched (`zoo.supernet`): all their blocks are of one kind."""


class Family(Struct, frozen=True):
    """A family, with the published values of its free parameters.

    Attributes:
        name: As the command line calls it.
        title: For people.
        architecture: The module of `desktop_app.zoo` that builds it.
        source: The paper.
        params: How many parameters it has as published (no running statistics), with `classes` outputs.
        width: Factor on the numbers of channels.
        depth: Factor on the numbers of blocks; for ResNets on those of each stage.
        resolution: Side of the square input, in pixels.
        classes: Number of outputs.
        stride: Side of the input over the side of the last feature map.
        variant: What tells families of one architecture apart, where width and depth do not.
        dropout: Share of the features that training drops before the last layer.
    """

    name: str
    title: str
    architecture: str
    source: str
    params: int
    width: float = 1.0
    depth: float = 1.0
    resolution: int = 224
    classes: int = 1000
    stride: int = 32
    variant: str = ""
    dropout: float = 0.0

    @property
    def searched(self) -> bool:
        """Whether a design can search its space."""
        return self.architecture in SEARCHED


def _efficient(index: int, width: float, depth: float, resolution: int, dropout: float, params: int) -> Family:
    name = f"efficientnet_b{index}"
    title = f"EfficientNet-B{index}"
    return Family(
        name, title, "efficientnet", EFFICIENT, params, width, depth, resolution, variant=f"b{index}", dropout=dropout
    )


def _cifar(layers: int, params: int) -> Family:
    name = f"resnet{layers}_cifar"
    title = f"ResNet-{layers} for CIFAR"
    return Family(
        name, title, "cifar_resnet", RESIDUAL, params, resolution=32, classes=10, stride=4, variant=str(layers)
    )


_ROWS = (
    Family("mobilenet_v1", "MobileNet V1", "mobilenet_v1", V1, 4_231_976),
    Family("mobilenet_v2", "MobileNet V2", "mobilenet_v2", V2, 3_504_872, dropout=0.2),
    Family("mobilenet_v3_large", "MobileNet V3 large", "mobilenet_v3", V3, 5_483_032, variant="large", dropout=0.2),
    Family("mobilenet_v3_small", "MobileNet V3 small", "mobilenet_v3", V3, 2_542_856, variant="small", dropout=0.2),
    _efficient(0, 1.0, 1.0, 224, 0.2, 5_288_548),
    _efficient(1, 1.0, 1.1, 240, 0.2, 7_794_184),
    _efficient(2, 1.1, 1.2, 260, 0.3, 9_109_994),
    _efficient(3, 1.2, 1.4, 300, 0.3, 12_233_232),
    _efficient(4, 1.4, 1.8, 380, 0.4, 19_341_616),
    _efficient(5, 1.6, 2.2, 456, 0.4, 30_389_784),
    _efficient(6, 1.8, 2.6, 528, 0.5, 43_040_704),
    _efficient(7, 2.0, 3.1, 600, 0.5, 66_347_960),
    Family("resnet18", "ResNet-18", "resnet", RESIDUAL, 11_689_512, variant="18"),
    Family("resnet34", "ResNet-34", "resnet", RESIDUAL, 21_797_672, variant="34"),
    Family("resnet50", "ResNet-50", "resnet", RESIDUAL, 25_557_032, variant="50"),
    _cifar(20, 269_722),
    _cifar(32, 464_154),
    _cifar(44, 658_586),
    _cifar(56, 853_018),
    _cifar(110, 1_727_962),
)

FAMILIES: Mapping[str, Family] = {one.name: one for one in _ROWS}


def family_named(name: str) -> Family:
    """The family of that name, however it is spelled ("MobileNet-V2"). Raises StudioError, with what is like it."""
    plain = {_plain(one): family for one, family in FAMILIES.items()}
    found = plain.get(_plain(name))
    if found is not None:
        return found
    near = get_close_matches(_plain(name), plain, n=3)
    choices = ", ".join(plain[one].name for one in near) or ", ".join(FAMILIES)
    raise StudioError(f"There is no family {clean_name(name)}: choose one of {choices}.")


def is_family(name: str) -> bool:
    """Whether a word names a family."""
    return _plain(name) in {_plain(one) for one in FAMILIES}


def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "").replace(" ", "")
