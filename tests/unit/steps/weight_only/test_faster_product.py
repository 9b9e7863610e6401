import pytest

from desktop_app.core.progress import SilentToken
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.pipeline import CalibrationSamples, Pipeline
from desktop_app.steps.quantize_weights import QuantizeWeights
from desktop_app.steps.weight_only import faster_product
from tests.unit.steps.int8_nets import Net, batches_of, recipe_of

SAMPLES = batches_of((2, 16, 256))


def products(width: int = 256) -> Model:
    """Two products of a million multiply-accumulates, and one that no block divides."""
    net, read = Net(), "x"
    for number in range(2):
        product = net.op("MatMul", [read, net.weight(f"w{number}", 256, width if number else 256)], f"m{number}")
        read = net.op("Relu", [product], f"r{number}")
    odd = net.op("MatMul", [net.op("Relu", [read], "again"), net.weight("odd", width, 7)], "odd_product")
    return net.model(["n", 16, 256], net.op("MatMul", [odd, net.weight("last", 7, 3)], "y"))


def timed(monkeypatch: pytest.MonkeyPatch, decoded: float, packed: float) -> list[Model]:
    seen: list[Model] = []

    def turns(models: list[Model], **_: object) -> list[float]:
        seen.extend(models)
        return [decoded, packed]

    monkeypatch.setattr(faster_product, "take_turns", turns)
    return seen


@pytest.mark.parametrize(
    ("decoded", "packed", "chosen"), [(1.0, 0.5, "packed"), (1.0, 1.01, "packed"), (1.0, 1.1, "float")]
)
def test_what_is_faster_is_written_out(
    monkeypatch: pytest.MonkeyPatch, decoded: float, packed: float, chosen: str
) -> None:
    models = timed(monkeypatch, decoded, packed)
    choice = QuantizeWeights().choose(products(), recipe_of(bits=4), SilentToken())
    assert choice is not None
    assert choice.recipe.methods.quantize.matmul == chosen
    assert f"{packed:.3g} ms with those of 3 matrix products" in choice.notes[0]
    assert [sum(node.op_type == "MatMulNBits" for node in model.graph) for model in models] == [0, 3]
    open_session(models[1])


@pytest.mark.parametrize(
    ("bits", "method"), [(8, {}), (4, {"matmul": "packed"}), (4, {"matmul": "float"}), (4, {"block": None})]
)
def test_there_may_be_nothing_to_choose(bits: int, method: dict[str, object]) -> None:
    recipe = recipe_of(bits=bits, activations=False, **method)
    assert QuantizeWeights().choose(products(), recipe, SilentToken()) is None


def test_small_models_are_let_be() -> None:
    net = Net()
    model = net.model(["n", 64], net.op("MatMul", ["x", net.weight("w", 64, 64)], "y"))
    assert QuantizeWeights().choose(model, recipe_of(bits=4), SilentToken()) is None


def test_really_timed_the_choice_replays_to_the_same_bytes() -> None:
    samples = CalibrationSamples(lambda: iter(SAMPLES), 4, True, "samples")
    first = [*Pipeline().run(products(), "model", recipe_of(bits=4), samples, SilentToken())]
    settled = first[-1].recipe
    again = [*Pipeline().run(products(), "model", settled, samples, SilentToken())]
    assert settled.methods.quantize.matmul in ("packed", "float")
    assert any("On this processor" in note for one in first for note in one.result.notes)
    assert again[-1].result.model.to_bytes() == first[-1].result.model.to_bytes()
