import json
from pathlib import Path

import onnx_ir as ir
import pytest

from desktop_app.bench.profile import Event, attribute, node_owners, profile_layers, read_profile
from desktop_app.core.errors import InvalidFileError
from desktop_app.graph.model import Model


def _write(path: Path, *entries: tuple[str, float, float]) -> Path:
    path.write_text(json.dumps([{"ph": "X", "name": name, "ts": start, "dur": long} for name, start, long in entries]))
    return path


def test_layers_sum_to_the_whole(small_model: Model) -> None:
    profile = profile_layers(small_model, threads=1, seconds=0.1)
    assert set(profile.milliseconds) == {layer.name for layer in small_model.layers} == {"conv", "gemm"}
    assert all(time > 0 for time in profile.milliseconds.values())
    assert sum(profile.milliseconds.values()) == pytest.approx(profile.total_ms, rel=1e-6)
    assert profile.threads == 1


def test_kernels_are_grouped_by_run_in_order(tmp_path: Path) -> None:
    path = _write(
        tmp_path / "profile.json",
        ("model_run", 100, 50),
        ("b_kernel_time", 120, 10),
        ("a_kernel_time", 101, 10),
        ("model_run", 0, 50),
        ("a_kernel_time", 5, 20),
        ("session_initialization", 0, 1),
    )
    assert read_profile(path) == ((Event("a", 5, 20),), (Event("a", 101, 10), Event("b", 120, 10)))


def test_a_loop_does_not_count_its_body_twice(tmp_path: Path) -> None:
    path = _write(
        tmp_path / "profile.json",
        ("model_run", 0, 100),
        ("loop_kernel_time", 10, 50),
        ("body_kernel_time", 12, 20),
        ("body_kernel_time", 35, 20),
        ("after_kernel_time", 70, 5),
    )
    (events,) = read_profile(path)
    assert [(event.name, event.duration) for event in events] == [
        ("loop", 10),
        ("body", 20),
        ("body", 20),
        ("after", 5),
    ]


@pytest.mark.parametrize("content", ["", "[", '[{"ph": "X"}]', "[1]"])
def test_profiles_that_cannot_be_read_are_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "profile.json").write_text(content)
    with pytest.raises(InvalidFileError, match="cannot be read"):
        read_profile(tmp_path / "profile.json")


@pytest.mark.parametrize(
    "kernel",
    ["conv", "relu", "c", "c_nchwc", "conv_token_12", "relu_nchwc", "conv_quant", "fused conv", "r_nchwc_token_3"],
)
def test_kernels_made_by_the_optimiser_are_recognised(small_model: Model, kernel: str) -> None:
    assert attribute([Event("gemm", 0, 1), Event(kernel, 1, 5)], node_owners(small_model)) == {"gemm": 1, "conv": 5}


def test_reordering_goes_to_the_layer_before_or_to_the_first(small_model: Model) -> None:
    events = [Event("Transpose", 0, 1), Event("conv", 1, 2), Event("ReorderOutput", 3, 4), Event("gemm", 7, 8)]
    assert attribute(events, node_owners(small_model)) == {"conv": 7, "gemm": 8}
    assert attribute(events[:1], node_owners(small_model)) == {"": 1}


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["mobilenet_v1_0.75_224", "resnet20_cifar10", "resnet8_cifar10_mlperf"])
def test_every_layer_of_a_real_model_has_a_time(shared_data: Path, name: str) -> None:
    model = Model(ir.load(shared_data / "models" / f"{name}.onnx"))
    profile = profile_layers(model, threads=1, seconds=0.2)
    assert all(time > 0 for time in profile.milliseconds.values())
    assert sum(profile.milliseconds.values()) == pytest.approx(profile.total_ms, rel=1e-6)
