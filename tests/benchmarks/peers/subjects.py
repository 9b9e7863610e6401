"""The models that are compressed, each with its data: what a run of the benchmarks is about."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from peers.mobilenet_v2_like import write_mobilenet_v2_like

from desktop_app.core.data import DataSettings, Preprocess
from desktop_app.graph.runtime import open_session
from desktop_app.io.data import DataSet
from desktop_app.io.data.opening import open_data
from desktop_app.io.data.specs import inputs_of

DATA = Path(__file__).parents[4] / "shared" / "data"
IMAGENET = Preprocess(resize=256, crop=224, scale=127.5, mean=(1.0,), std=(1.0,))
CIFAR = Preprocess(scale=255.0, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
CALIBRATION = 300
TORCH = frozenset({"torch_pruning"})
"""Peers that read torch."""


@dataclass(frozen=True)
class Subject:
    """A model and its data.

    Attributes:
        name: As the command line calls it.
        file: In the folder of models; where `write` is given it is made.
        data: Folder of the samples, below the folder of data.
        preprocess: Of its images.
        checkpoint: The same model for torch, below the folder of data; none where the ONNX file is read there too.
        write: Makes the file; its weights are random, so that it has no accuracy.
    """

    name: str
    file: str
    data: str
    preprocess: Preprocess
    checkpoint: str = ""
    write: Callable[[Path], None] | None = None

    def model(self, data: Path, work: Path) -> Path:
        """The file of the model."""
        if self.write is None:
            return data / "models" / self.file
        work.mkdir(parents=True, exist_ok=True)
        self.write(work / self.file)
        return work / self.file

    def readable_by(self, peer: str, model: Path, data: Path) -> Path:
        """The file that a peer reads: the model, or for torch its checkpoint."""
        return data / self.checkpoint if peer in TORCH and self.checkpoint else model

    def open_data(self, model: Path, folder: Path, seed: int) -> DataSet:
        """The samples of a folder: in a seeded order the first `CALIBRATION` calibrate, the others evaluate."""
        settings = DataSettings(path=str(folder), preprocess=self.preprocess, calibration=CALIBRATION)
        return open_data(settings, inputs_of(open_session(model)), seed=seed)


SUBJECTS = (
    Subject("mobilenet", "mobilenet_v1_0.75_224.onnx", "imagenet-sample", IMAGENET),
    Subject("resnet20", "resnet20_cifar10.onnx", "cifar10/val", CIFAR, "torch-weights/resnet20-12fca82f.th"),
    Subject("resnet56", "resnet56_cifar10.onnx", "cifar10/val", CIFAR, "torch-weights/resnet56-4bfd9763.th"),
    Subject("mobilenet_v2_like", "mobilenet_v2_like.onnx", "imagenet-sample", IMAGENET, write=write_mobilenet_v2_like),
)


def named(names: str) -> list[Subject]:
    """The subjects of a list with commas.

    Raises:
        ValueError: when a name is none of theirs.
    """
    by_name = {subject.name: subject for subject in SUBJECTS}
    unknown = [name for name in names.split(",") if name not in by_name]
    if unknown:
        raise ValueError(f"no such model: {unknown[0]}; there are {', '.join(by_name)}")
    return [by_name[name] for name in names.split(",")]
