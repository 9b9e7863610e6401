import pytest

from desktop_app.core.errors import StudioError
from desktop_app.core.input_shape import InputShape, parse_shape


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("1x3x224x224", InputShape((1, 3, 224, 224))),
        ("1,3,8,8", InputShape((1, 3, 8, 8))),
        ("2X128:int64", InputShape((2, 128), "int64")),
        ("7", InputShape((7,))),
    ],
)
def test_shapes_are_read(text, shape):
    assert parse_shape(text) == shape


@pytest.mark.parametrize("text", ["", "1x", "axb", "1x-3", "1x3:complex64", "0x3", "99999x99999x99", "1x3:"])
def test_what_is_no_shape_is_refused(text):
    with pytest.raises(StudioError):
        parse_shape(text)
