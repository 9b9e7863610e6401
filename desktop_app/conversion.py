"""Torch files and members of the families as ONNX models, checked against what torch gives."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from desktop_app.core.errors import InvalidFileError, StudioError
from desktop_app.core.input_shape import InputShape
from desktop_app.core.language import Words
from desktop_app.core.progress import Progress, Token
from desktop_app.core.summary import TensorSpec
from desktop_app.graph.model import Model
from desktop_app.inspection import input_specs, output_specs
from desktop_app.io.atomic import Check
from desktop_app.io.expectation import Expectation
from desktop_app.io.onnx_reader import read_model
from desktop_app.io.torch_files.checkpoint import Weights, read_weights
from desktop_app.io.torch_files.copying import PrivateCopy
from desktop_app.io.torch_files.kinds import PROGRAMS, Kind
from desktop_app.io.torch_files.programs import import_program, refuse_untrusted
from desktop_app.io.verify import Verdict, check_in_fresh_process
from desktop_app.io.writer import Written, write_model
from desktop_app.zoo.building import SEED, build
from desktop_app.zoo.ends import Ends, plain_ends
from desktop_app.zoo.families import Family
from desktop_app.zoo.fitting import Fit, load
from desktop_app.zoo.recognising import recognise, with_ends
from desktop_app.zoo.reference import reference
from desktop_app.zoo.size import Size, Wishes, size_of
from desktop_app.zoo.student import adapted
from desktop_app.zoo.teacher import final_activation

TOLERANCE, HALF_TOLERANCE = 1e-4, 1e-3
"""Largest difference from torch's outputs relative to them; a model that gives half precision rounds coarser."""

EXACTLY: Words = "exactly"


@dataclass(frozen=True)
class Made:
    """A model that is ready to be written.

    Attributes:
        model: The model.
        inputs: What torch was given, by position.
        outputs: What torch gave for it, by position.
        family: Name of the family, where it is one of a family.
        fit: What came of loading weights, where there were any.
        params: How many numbers it has learned or will learn.
        notes: What the user should know, a sentence each.
    """

    model: Model
    inputs: tuple[np.ndarray, ...]
    outputs: tuple[np.ndarray, ...]
    params: int
    family: str = ""
    fit: Fit = field(default_factory=Fit)
    notes: tuple[str, ...] = ()


def from_family(family: Family, wishes: Wishes, teacher: Model | None = None, seed: int = SEED) -> Made:
    """A member of a family with random weights; with the ends of a teacher, where there is one.

    Raises:
        StudioError: when a size makes no sense, the teacher is no classifier of images, or torch is not installed.
    """
    size, ends = ends_of(family, wishes, teacher)
    return _made(family, size, ends, seed)


def from_weights(
    copy: PrivateCopy,
    kind: Kind,
    wishes: Wishes,
    family: Family | None = None,
    teacher: Model | None = None,
    seed: int = SEED,
) -> Made:
    """A member of a family with the weights of a checkpoint; strides stay as published, unless there is a teacher.

    Args:
        copy: The checkpoint.
        kind: "checkpoint" or "safetensors".
        wishes: The size.
        family: Which one; told from the weights where nothing is given.
        teacher: A model whose ends the member gets; weights that do not fit then stay random.
        seed: Of the weights that the file lacks.

    Raises:
        InvalidFileError: when the file is refused, or no family fits.
        StudioError: when torch is not installed.
    """
    weights = read_weights(copy.path, kind, copy.title)
    if family is None:
        family, found = recognise(weights, Wishes(wishes.width, wishes.depth) if teacher else wishes, copy.title)
        wishes = replace(wishes, width=found.width) if teacher else found
    elif teacher is None:
        wishes = with_ends(weights, wishes)
    size, ends = ends_of(family, wishes, teacher)
    if teacher is None:
        size = replace(size, reductions=0)
    return _made(family, size, ends, seed, weights, copy.title)


def from_program(copy: PrivateCopy, kind: Kind, shapes: Sequence[InputShape], trust: str) -> Made:
    """A `.pt2` or TorchScript, which may run what it likes, once the user trusts it.

    Args:
        copy: The file.
        kind: Which of the two.
        shapes: Of its inputs, where it does not say.
        trust: SHA-256 of what the user trusts; empty for nothing.

    Raises:
        InvalidFileError: when it is not trusted, or torch cannot open or export it.
        StudioError: when shapes are missing, or torch is not installed.
    """
    if kind not in PROGRAMS or not trust:
        refuse_untrusted(kind, copy.title)
    if trust != copy.sha256:
        raise InvalidFileError(f"{copy.title} has changed since you trusted it: look at it again.")
    imported = import_program(copy.path, kind, shapes, copy.title)
    model = Model(imported.model)
    params = sum(layer.params for layer in model.layers)
    return Made(model, imported.inputs, imported.outputs, params, notes=imported.notes)


def write_checked(made: Made, path: Path, refuse: Sequence[Path], token: Token) -> tuple[Written, str]:
    """Writes a model, after a fresh process found that ONNX Runtime gives what torch gives.

    Args:
        made: The model.
        path: Where to.
        refuse: Files that must not be replaced.
        token: Says when to stop.

    Returns:
        What was written, and a sentence on how it was checked.

    Raises:
        StudioError: when it cannot be written, or does not pass the check; what was there stands.
        Cancelled: when the token says so.
    """
    if path.suffix.lower() != ".onnx":
        raise StudioError(f"An ONNX file ends in .onnx, and {path.name} does not: choose another name.")
    expectation = Expectation(made.inputs, dict(enumerate(made.outputs)))
    verdicts: list[Verdict] = []
    with tempfile.TemporaryDirectory(prefix="compression-studio-") as folder:
        expected = Path(folder) / "expected.npz"
        expectation.save(expected)
        written = write_model(made.model, path, refuse=refuse, check=_check(made, expected, token, verdicts))
    difference = verdicts[-1].difference
    how = EXACTLY if difference == 0 else f"to {difference:.1g} of their size"
    return written, f"ONNX Runtime loads it in a fresh process and gives what torch gives, {how}."


def _check(made: Made, expected: Path, token: Token, verdicts: list[Verdict]) -> Check:
    """Opens the written file as that of a stranger, and compares."""

    def check(written: Path) -> None:
        token.check()
        token.report(Progress("convert", 0.7, "Checking the written file in a fresh process"))
        read_model(written)
        verdict = check_in_fresh_process(written, expected, token)
        half = any(one.dtype == np.float16 for one in made.outputs)
        if not verdict.difference <= (HALF_TOLERANCE if half else TOLERANCE):
            raise StudioError(
                f"The ONNX file was not kept: its outputs are {verdict.difference:.2g} of their size off torch's."
            )
        verdicts.append(verdict)

    return check


def ends_of(family: Family, wishes: Wishes, teacher: Model | None) -> tuple[Size, Ends]:
    """Size and ends of a member: the teacher's, or the family's own.

    Raises:
        StudioError: when a size makes no sense, or the teacher is no classifier of images.
    """
    if teacher is not None:
        outputs = tuple(_as_computed(teacher, spec) for spec in output_specs(teacher))
        return adapted(family, input_specs(teacher), outputs, wishes, activation=final_activation(teacher))
    size = size_of(family, wishes)
    return size, plain_ends(size)


def _as_computed(teacher: Model, spec: TensorSpec) -> TensorSpec:
    """An output with the sizes that the graph computes, where the file leaves them open; the first stays open."""
    computed = teacher.shapes.get(spec.name)
    declared = spec.shape or ((None,) * len(computed) if computed else None)
    if declared is None or computed is None or len(computed) != len(declared):
        return spec
    known = [own if isinstance(own, int) or found < 1 else found for own, found in zip(declared, computed, strict=True)]
    return replace(spec, shape=(declared[0], *known[1:]))


def _made(family: Family, size: Size, ends: Ends, seed: int, weights: Weights | None = None, title: str = "") -> Made:
    """Builds, loads, exports, and asks torch for what the export is to give."""
    module = build(family, size, seed)
    from desktop_app.zoo.exporting import export  # not above: it brings in torch

    fit = Fit() if weights is None else load(module, weights, title)
    given, output = reference(module, ends, size)
    params = sum(one.numel() for one in module.parameters())
    notes = tuple(_notes(family, size))
    return Made(export(module, ends, family.name), (given,), (output,), params, family.name, fit, notes)


def _notes(family: Family, size: Size) -> Iterator[str]:
    if size.reductions:
        yield (
            f"The input is small: {size.reductions} of the {family.stride.bit_length() - 1} strides of {family.title} "
            "became 1, so that the last feature map has at least 3 pixels on a side."
        )
