"""`inspect`: layers, costs, groups, what can be pruned and why not."""

from pathlib import Path
from typing import Annotated

import typer

from desktop_app.commands.console import print_json, print_line, print_table
from desktop_app.commands.work import opened
from desktop_app.core.summary import ModelSummary
from desktop_app.core.units import amount, size


def inspect(
    model: Annotated[Path, typer.Argument(help="The .onnx file.")],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show the layers of a model, what each costs, what is cut together, and what cannot be changed and why."""
    with opened(model) as (_, result):
        if json:
            print_json(result.summary)
        else:
            _print(result.summary)


def _print(summary: ModelSummary) -> None:
    cost = summary.cost
    print_line(
        f"{summary.name}: {size(summary.bytes)}, {amount(cost.params)} parameters, "
        f"{amount(cost.macs)} multiply-accumulates, {len(summary.layers)} layers in {summary.nodes} nodes, "
        f"opset {summary.opset}" + (f", {summary.producer}" if summary.producer else "")
    )
    for tensor in (*summary.inputs, *summary.outputs):
        shape = (
            "unknown shape" if tensor.shape is None else "x".join("?" if d is None else str(d) for d in tensor.shape)
        )
        print_line(f"  {'input ' if tensor in summary.inputs else 'output'} {tensor.name}: {tensor.dtype} {shape}")
    print_line("")
    rows = [
        (
            layer.name,
            layer.op_type,
            "x".join(map(str, layer.weight_shape)),
            amount(layer.params),
            amount(layer.macs),
            size(layer.bytes),
            ",".join(str(span.group) for span in layer.output.spans) or "-",
            "; ".join(f"no {knob}: {reason}" for knob, reason in layer.refusals.items()),
        )
        for layer in summary.layers
    ]
    print_table(("Layer", "Op", "Weight", "Params", "MACs", "Size", "Group", "Cannot"), rows, left=3)
    coupled = [group for group in summary.groups if len(group.producers) > 1 or group.refusal]
    if coupled:
        print_line("\nCut together:")
    for group in coupled:
        refusal = f" (not cut: {group.refusal})" if group.refusal else ""
        print_line(f"  {group.id}: {group.channels} channels of {', '.join(group.producers)}{refusal}")
    for warning in (*summary.warnings, *((summary.runnable,) if summary.runnable else ())):
        print_line(f"note: {warning}")
