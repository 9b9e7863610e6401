"""Telling what a torch file is, as data only: nothing of it is run."""

from pathlib import Path

from desktop_app.core.errors import InvalidFileError
from desktop_app.core.progress import Progress, Token
from desktop_app.io.torch_files.checkpoint import read_weights
from desktop_app.io.torch_files.copying import copy_privately
from desktop_app.io.torch_files.kinds import PROGRAMS, kind_of
from desktop_app.jobs.conversions import InspectTorchFile, TorchFile
from desktop_app.jobs.session import new_folder
from desktop_app.zoo.recognising import recognise
from desktop_app.zoo.size import Wishes


def run(request: InspectTorchFile, token: Token) -> TorchFile:
    """Copies and hashes the file, and looks which family its weights are of, where it is not a program.

    Raises:
        InvalidFileError: when it is refused, with the reason.
        StudioError: when torch is missing.
        Cancelled: when the token says so.
    """
    token.report(Progress("open", 0.0))
    copy = copy_privately(Path(request.file), new_folder("torch"))
    kind = kind_of(copy.path, copy.title)
    if kind in PROGRAMS:
        return TorchFile(kind, program=True, sha256=copy.sha256)
    weights = read_weights(copy.path, kind, copy.title)
    token.check()
    token.report(Progress("open", 0.5))
    try:
        family, _ = recognise(weights, Wishes(), copy.title)
    except InvalidFileError as error:
        return TorchFile(kind, program=False, sha256=copy.sha256, unknown=str(error))
    return TorchFile(kind, program=False, sha256=copy.sha256, family=family.name)
