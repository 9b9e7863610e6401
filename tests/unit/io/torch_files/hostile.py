"""Torch files that would run something, harmless: they make a folder or a file that tests look for."""

import io
import json
import os
import pickle
import warnings
import zipfile
from pathlib import Path

import torch


class MakesFolder:
    """What a malicious pickle is: unpickling calls what it names."""

    def __init__(self, marker: Path) -> None:
        self.marker = str(marker)

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (self.marker,)


class Script(torch.nn.Module):
    """A script that maps, and so creates, a file as soon as it is loaded."""

    def __init__(self, marker: str) -> None:
        super().__init__()
        self.marker = marker
        self.w = torch.ones(3)

    @torch.jit.export
    def __getstate__(self) -> tuple[str, bool]:
        return self.marker, self.training

    @torch.jit.export
    def __setstate__(self, state: tuple[str, bool]) -> None:
        self.marker = state[0]
        self.training = state[1]
        self.w = torch.from_file(state[0], True, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.w.sum()


def write_pickle(path: Path, marker: Path) -> None:
    path.write_bytes(pickle.dumps({"state_dict": MakesFolder(marker)}, protocol=2))


def write_checkpoint(path: Path, marker: Path) -> None:
    torch.save({"state_dict": {"conv1.weight": torch.zeros(3)}, "extra": MakesFolder(marker)}, path)


def write_old_checkpoint(path: Path, marker: Path) -> None:
    content = {"state_dict": {"conv1.weight": torch.zeros(3)}, "extra": MakesFolder(marker)}
    torch.save(content, path, _use_new_zipfile_serialization=False)


def write_torchscript(path: Path, marker: Path) -> None:
    with warnings.catch_warnings(action="ignore"):
        torch.jit.save(torch.jit.script(Script(str(marker))), path)


def write_program(path: Path, marker: Path) -> None:
    """A `.pt2` whose list of weights says that they are pickles."""
    harmless, evil = io.BytesIO(), io.BytesIO()
    torch.export.save(torch.export.export(torch.nn.Linear(2, 2), (torch.zeros(1, 2),)), harmless)
    torch.save(MakesFolder(marker), evil)
    with zipfile.ZipFile(harmless) as source, zipfile.ZipFile(path, "w") as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename.endswith("model_weights_config.json"):
                table = json.loads(content)
                for one in table["config"].values():
                    one["use_pickle"] = True
                content = json.dumps(table).encode()
            elif "/data/weights/weight_" in entry.filename:
                content = evil.getvalue()
            target.writestr(entry.filename, content)
