"""Parts of the self-test that need torch: a family is written, a checkpoint and programs are converted."""

from pathlib import Path
from typing import Any

from desktop_app.core.input_shape import InputShape
from desktop_app.jobs.conversions import Converted, ConvertModel, InspectTorchFile, TorchFile
from desktop_app.self_test.compressing import need_torch
from desktop_app.self_test.trial import Trial

FAMILY, SIDE = "resnet20_cifar", 32


def write_family(trial: Trial) -> str:
    """A member of a built-in family, exported and compared with torch."""
    need_torch()
    made: Converted = trial.ask(
        ConvertModel(str(trial.new_folder("family") / "member.onnx"), family="mobilenet_v3_small", width=0.5)
    )
    return f"{made.params} parameters; {made.checked}"


def convert_checkpoint(trial: Trial) -> str:
    """A state_dict, read as data only, goes into its family."""
    need_torch()
    import torch

    from desktop_app.zoo.families import FAMILIES

    folder = trial.new_folder("checkpoint")
    file = folder / "weights.pt"
    torch.save(_module().state_dict(), file)
    made: Converted = trial.ask(ConvertModel(str(folder / "model.onnx"), str(file), FAMILY))
    return f"{made.loaded} tensors into {FAMILIES[FAMILY].title}"


def convert_programs(trial: Trial) -> str:
    """`.pt2` and TorchScript, which are trusted here because they were just made."""
    need_torch()
    import torch

    folder, module = trial.new_folder("programs"), _module().eval()
    example = torch.zeros(1, 3, SIDE, SIDE)
    exported, scripted = folder / "model.pt2", folder / "model.pt"
    torch.export.save(torch.export.export(module, (example,)), exported)
    traced: Any = torch.jit.trace(module, example)  # type: ignore[no-untyped-call]
    traced.save(str(scripted))
    return "; ".join(_convert(trial, file) for file in (exported, scripted))


def _module() -> Any:
    from desktop_app.zoo.building import build
    from desktop_app.zoo.families import FAMILIES

    return build(FAMILIES[FAMILY])


def _convert(trial: Trial, file: Path) -> str:
    known: TorchFile = trial.ask(InspectTorchFile(str(file)))
    inputs = (InputShape((1, 3, SIDE, SIDE)),)
    target = str(file.with_suffix(".onnx"))
    trial.ask(ConvertModel(target, str(file), inputs=inputs, trust=known.sha256))
    return known.kind
