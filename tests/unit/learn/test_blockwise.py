"""Blocks lie between values that alone cross from one part of a graph to the next."""

import torch

from desktop_app.learn.blockwise import Block, blocks_of, crossings, shared_crossings
from desktop_app.learn.module import GraphModule
from desktop_app.steps.cleaning.plain import cleaned
from tests.contracts.small_nets import NETS


def test_a_residual_connection_is_crossed_by_two_values() -> None:
    model = cleaned(NETS["residual"]())
    inside = {node.outputs[0].name for node in model.graph if node.op_type == "Conv"}
    added = next(node for node in model.graph if node.op_type == "Add")
    found = crossings(model)
    assert added.outputs[0].name in found
    branch = {value.name for value in added.inputs}
    assert not inside & branch & set(found)


def test_a_block_behind_the_others_gives_what_the_whole_gives() -> None:
    model = cleaned(NETS["residual"]())
    whole = GraphModule(model).eval()
    inputs = {"x": torch.randn(4, *model.shapes["x"][1:])}
    for name in shared_crossings(model, model):
        block = Block(GraphModule(model, outputs=[name]), GraphModule(model, inputs=[name])).eval()
        with torch.no_grad():
            found, wanted = block(inputs), whole(inputs)
        for key in wanted:
            torch.testing.assert_close(found[key], wanted[key])
        assert not {id(one) for one in block.parameters()} & {id(one) for one in whole.parameters()}


def test_every_block_has_something_to_train() -> None:
    model = cleaned(NETS["separable"]())
    ends = blocks_of(model, model, ["y"])
    assert len(ends) > 2
    assert ends[-1] == ("y",)
    given: tuple[str, ...] = ()
    for end in ends[:-1]:
        assert list(GraphModule(model, inputs=given, outputs=end).parameters())
        given = end
