"""What kind of torch file a file is, by its content; nothing of it is run."""

from pathlib import Path
from typing import Literal

from desktop_app.core.errors import InvalidFileError
from desktop_app.io.content import refuse_other_content
from desktop_app.io.torch_files.archive import names_inside

Kind = Literal["checkpoint", "safetensors", "torchscript", "exported_program"]

PROGRAMS: frozenset[Kind] = frozenset({"torchscript", "exported_program"})
"""These hold code, which runs when they are opened."""

SUFFIXES = (".pt", ".pth", ".th", ".ckpt", ".bin", ".safetensors", ".pt2", ".tar")

ZIP = b"PK\x03\x04"
OLD_CHECKPOINT = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e"
"""A pickle of torch's magic number: files of `torch.save` before version 1.6 begin so."""

CHOICES = "give a checkpoint (.pt, .pth), a .safetensors file, a .pt2, TorchScript, or the name of a family"


def kind_of(path: Path, title: str) -> Kind:
    """Which kind of torch file lies at `path`.

    - safetensors: eight bytes of length, then a JSON object.
    - A ZIP archive with `constants.pkl` is TorchScript; with `archive_format` or an exported graph a `.pt2`; with
      `data.pkl` a checkpoint. What is in the pickle is seen when it is read as weights only.
    - A pickle that begins with torch's magic number is a checkpoint of the old format.

    Raises:
        InvalidFileError: when it is nothing of that, with what it is instead.
    """
    with path.open("rb") as file:
        head = file.read(64)
    if head.startswith(ZIP):
        return _archived(path, title)
    if head.startswith(OLD_CHECKPOINT):
        return "checkpoint"
    if looks_like_safetensors(head):
        return "safetensors"
    if head[:1] == b"\x80" and head[1:2] <= b"\x05":
        raise InvalidFileError(
            f"{title} is a Python pickle that torch did not write; a pickle is a program and is not opened: save the "
            "weights with torch.save(model.state_dict(), ...)."
        )
    refuse_other_content(path, title)
    raise InvalidFileError(f"{title} is no torch file: {CHOICES}.")


def looks_like_safetensors(head: bytes) -> bool:
    """Whether a file that begins so is one: the length of a header of at most 100 MB, and the header's brace."""
    return len(head) > 8 and head[8:9] == b"{" and 2 <= int.from_bytes(head[:8], "little") <= 100_000_000


def _archived(path: Path, title: str) -> Kind:
    names = names_inside(path, title)
    inside = {name.partition("/")[2] for name in names} | set(names)
    if "constants.pkl" in inside:
        return "torchscript"
    if "archive_format" in inside or "serialized_exported_program.json" in inside:
        return "exported_program"
    if "data.pkl" in inside:
        if any("/code/" in name for name in names):
            raise InvalidFileError(f"{title} is neither a checkpoint nor TorchScript: it is not opened.")
        return "checkpoint"
    raise InvalidFileError(f"{title} is a ZIP archive that torch did not write: {CHOICES}.")
