"""What the window and the worker say to each other of PyTorch files and of families; see `messages`."""

from typing import ClassVar

from msgspec import Struct

from desktop_app.core.input_shape import InputShape


class Converted(Struct, frozen=True, tag="converted"):
    """A model was written as ONNX, and gives what torch gives.

    `family` is the one that weights went into, `loaded` how many of them; `missing`, `unexpected` and `misshapen` name
    those that did not fit. `notes` are sentences.
    """

    path: str
    bytes: int
    params: int
    checked: str
    family: str = ""
    loaded: int = 0
    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    misshapen: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class ConvertModel(Struct, frozen=True, tag="convert_model"):
    """Write a torch file, or a member of a family, as an ONNX model.

    Attributes:
        path: The `.onnx` to write.
        file: A torch file; may be empty where there is a family.
        family: Name of a family; empty: told from the weights in `file`.
        width: And `depth`, `resolution`, `classes`: the family's own where nothing is given.
        inputs: Shapes of the inputs, where the file does not say.
        trust: SHA-256 of `file`, when the user trusts it to run.
        like: A model whose inputs and outputs the member of the family is to have.
        seed: Of the weights that no file gives.
    """

    Result: ClassVar[type[Struct]] = Converted
    path: str
    file: str = ""
    family: str = ""
    width: float | None = None
    depth: float | None = None
    resolution: int | None = None
    classes: int | None = None
    inputs: tuple[InputShape, ...] = ()
    trust: str = ""
    like: str = ""
    seed: int = 0


class TorchFile(Struct, frozen=True, tag="torch_file"):
    """What a torch file is; nothing of it was run.

    Attributes:
        kind: "checkpoint", "safetensors", "torchscript" or "exported_program".
        program: Whether it holds code, which is run only if the user trusts it.
        sha256: Of its content: what the user trusts.
        family: The family that the weights are of; empty where that cannot be told.
        unknown: Why it cannot be told, a sentence.
    """

    kind: str
    program: bool
    sha256: str
    family: str = ""
    unknown: str = ""


class InspectTorchFile(Struct, frozen=True, tag="inspect_torch_file"):
    """Tell what a torch file is, so that the user can be asked what is missing."""

    Result: ClassVar[type[Struct]] = TorchFile
    file: str


class MemberSized(Struct, frozen=True, tag="member_sized"):
    """What a member of a family will cost; `latency_ms` is what its operators take here, timed one by one."""

    params: int
    macs: int
    bytes: int
    latency_ms: float


class SizeMember(Struct, frozen=True, tag="size_member"):
    """Tell what a member of a family will cost, before it is made; the attributes are those of `ConvertModel`."""

    Result: ClassVar[type[Struct]] = MemberSized
    family: str
    width: float | None = None
    depth: float | None = None
    resolution: int | None = None
    classes: int | None = None
    like: str = ""
    threads: int = 0
