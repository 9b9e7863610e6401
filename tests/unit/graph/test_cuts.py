import numpy as np
import pytest

from desktop_app.graph.cuts import CutModel
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from tests.unit.graph.nets import net, normal


def branched() -> Model:
    return net(
        """g (float[N, 2, 4, 4] x) => (float[N, 2, 4, 4] early, float[N, 3] y) {
            a = Conv<pads = [1, 1, 1, 1]>(x, w)
            b = Relu(a)
            early = Conv<pads = [1, 1, 1, 1]>(b, v)
            s = Add(early, b)
            p = GlobalAveragePool(s)
            f = Flatten(p)
            y = Gemm(f, m)
        }""",
        w=normal(2, 2, 3, 3),
        v=normal(2, 2, 3, 3, seed=1),
        m=normal(2, 3),
    )


def test_a_model_goes_on_behind_every_cut_as_if_it_were_whole() -> None:
    model, given = branched(), {"x": normal(3, 2, 4, 4, seed=5)}
    names = ["early", "y", "a", "b", "s", "f"]
    everything = (
        dict(zip(names, open_session(model, outputs=["a", "b", "s", "f"]).run(names, given), strict=True)) | given
    )
    opened = CutModel(model)
    for cut in opened.cuts({"a", "early", "y"}):
        known = {name: everything[name] for name in {*cut.crossing, cut.result}}
        late = [name for name in opened.outputs if name not in known]
        if late:
            session = open_session(opened.part(cut.after, known, late, single=True))
            feed = {value.name: known[value.name] for value in session.get_inputs()}
            for name, array in zip(late, session.run(late, feed), strict=True):
                np.testing.assert_allclose(array, everything[name], rtol=1e-5, atol=1e-6)
        layer = opened.part(
            cut.piece, {name: everything[name] for name in opened.needs(cut.piece)}, [cut.result], single=True
        )
        (result,) = open_session(layer).run(
            [cut.result], {opened.needs(cut.piece)[0]: everything[opened.needs(cut.piece)[0]]}
        )
        np.testing.assert_allclose(result, everything[cut.result], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("layer", "result"), [("a", "b"), ("early", "early"), ("y", "y")])
def test_an_activation_belongs_to_the_layer_unless_others_read_what_it_reads(layer: str, result: str) -> None:
    (cut,) = CutModel(branched()).cuts({layer})
    assert cut.result == result


def test_what_crosses_is_what_later_nodes_read_and_what_the_model_gives() -> None:
    crossing = {cut.layer: set(cut.crossing) for cut in CutModel(branched()).cuts({"a", "early", "y"})}
    assert crossing == {"a": {"b"}, "early": {"b", "early"}, "y": {"early", "y"}}


def test_layers_in_subgraphs_are_passed_over() -> None:
    assert [cut.layer for cut in CutModel(branched()).cuts({"nowhere"})] == []
