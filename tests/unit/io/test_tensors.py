import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from desktop_app.core.errors import InvalidFileError
from desktop_app.io.tensors import check_tensor
from tests.unit.io.small_models import external

OWNER = "The values of w"
SIZES = {"w.bin": 100}


def check(tensor: onnx.TensorProto) -> None:
    check_tensor(tensor, OWNER, lambda location, owner: SIZES[location])


def raw(kind: int, dims: list[int], size: int) -> onnx.TensorProto:
    return TensorProto(name="w", data_type=kind, dims=dims, raw_data=bytes(size))


@pytest.mark.parametrize(
    ("kind", "dims", "size"),
    [
        (TensorProto.FLOAT, [2, 3], 24),
        (TensorProto.FLOAT, [], 4),
        (TensorProto.FLOAT, [0, 3], 0),
        (TensorProto.BOOL, [3], 3),
        (TensorProto.COMPLEX128, [2], 32),
        (TensorProto.BFLOAT16, [5], 10),
        (TensorProto.FLOAT8E4M3FN, [5], 5),
        (TensorProto.INT4, [5], 3),
        (TensorProto.UINT4, [2, 3], 3),
        (TensorProto.FLOAT4E2M1, [4], 2),
        (TensorProto.INT2, [5], 2),
        (TensorProto.FLOAT6E2M3, [4], 3),
    ],
)
def test_raw_bytes_must_be_as_many_as_the_shape_says(kind: int, dims: list[int], size: int) -> None:
    check(raw(kind, dims, size))
    for wrong in {size + 1, max(size - 1, 0)} - {size}:
        with pytest.raises(InvalidFileError, match=f"should be {size} bytes, but {wrong} are stored"):
            check(raw(kind, dims, wrong))


@pytest.mark.parametrize("kind", [kind for kind in range(1, 24) if kind != TensorProto.STRING])
def test_what_onnx_writes_passes(kind: int) -> None:
    check(helper.make_tensor("w", kind, [3], [0, 1, 1]))


def test_texts_pass_when_there_are_enough() -> None:
    check(helper.make_tensor("w", TensorProto.STRING, [2], [b"a", b"b"]))
    with pytest.raises(InvalidFileError, match="should be 2 values, but 1 are stored"):
        check(TensorProto(name="w", data_type=TensorProto.STRING, dims=[2], string_data=[b"a"]))


@pytest.mark.parametrize(
    ("tensor", "reason"),
    [
        (raw(TensorProto.UNDEFINED, [1], 4), "a type (number 0)"),
        (raw(99, [1], 4), "a type (number 99)"),
        (raw(TensorProto.FLOAT, [-1], 4), "a negative size, [-1]"),
        (raw(TensorProto.FLOAT, [2**31, 2**31], 4), "an impossible shape"),
        (raw(TensorProto.FLOAT, [2**62, 0], 0), "an impossible shape"),
        (raw(TensorProto.FLOAT, [1] * 65, 4), "65 axes"),
        (TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[10**6]), "should be 1,000,000 values, but 0"),
        (TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1], int32_data=[1]), "a field for another type"),
        (TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1], raw_data=b"1234", float_data=[1]), "twice"),
        (raw(TensorProto.STRING, [1], 4), "texts stored as raw bytes"),
        (external("w", [2]), "not clearly in which"),
        (external("w", [26], location="w.bin"), "should be 104 bytes at 0, but w.bin holds fewer"),
        (external("w", [2], location="w.bin", offset=96), "should be 8 bytes at 96"),
        (external("w", [2], location="w.bin", offset=-4), "impossible offset -4"),
        (external("w", [2], location="w.bin", offset="٣"), "impossible offset"),
        (external("w", [2], location="w.bin", offset="1" * 30), "impossible offset"),
        (external("w", [2], location="w.bin", length=4), "should be 8 bytes"),
        (external("w", [2], location="w.bin", length=1000), "should be 8 bytes"),
    ],
)
def test_lies_are_told_with_their_place(tensor: onnx.TensorProto, reason: str) -> None:
    with pytest.raises(InvalidFileError) as raised:
        check(tensor)
    assert str(raised.value).startswith(OWNER)
    assert reason in str(raised.value)


def test_external_values_pass_inside_the_file() -> None:
    check(external("w", [25], location="w.bin"))
    check(external("w", [5], location="w.bin", offset=80, length=20))
    check(external("w", [5], location="w.bin", offset=0, length=64, checksum="abc"))


def test_a_place_given_twice_is_refused() -> None:
    tensor = external("w", [2], location="w.bin")
    tensor.external_data.add(key="location", value="other.bin")
    with pytest.raises(InvalidFileError, match="not clearly in which"):
        check(tensor)


def test_external_texts_are_refused() -> None:
    tensor = external("w", [0], location="w.bin")
    tensor.data_type = TensorProto.STRING
    with pytest.raises(InvalidFileError, match="texts said to lie in another file"):
        check(tensor)


@given(st.lists(st.integers(0, 7), max_size=4))
def test_any_array_passes(shape: list[int]) -> None:
    check(onnx.numpy_helper.from_array(np.zeros(shape, np.float16), "w"))
