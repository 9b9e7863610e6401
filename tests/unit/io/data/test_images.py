import contextlib
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from desktop_app.core.data import Preprocess
from desktop_app.core.errors import InvalidFileError
from desktop_app.io.data.images import read_pixels, to_input, to_pixels

MakeImage = Callable[..., Path]
PLAIN = Preprocess()


def test_colors_come_in_the_order_asked_for(make_image: MakeImage) -> None:
    path = make_image("red.png", (200, 100, 50))
    assert read_pixels(path, PLAIN)[0, 0].tolist() == [200, 100, 50]
    assert read_pixels(path, Preprocess(color="bgr"))[0, 0].tolist() == [50, 100, 200]
    assert read_pixels(path, Preprocess(color="gray")).shape == (16, 16, 1)


@pytest.mark.parametrize(
    ("mode", "color", "expected"),
    [
        ("L", 70, [70, 70, 70]),
        ("RGBA", (1, 2, 3, 0), [1, 2, 3]),
        ("1", 1, [255, 255, 255]),
        ("I;16", 0x8000, [128, 128, 128]),
    ],
)
def test_every_mode_becomes_rgb(make_image: MakeImage, mode: str, color: object, expected: list[int]) -> None:
    assert read_pixels(make_image("image.png", color, mode=mode), PLAIN)[3, 3].tolist() == expected


def test_a_palette_with_transparency_is_read(tmp_path: Path) -> None:
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 9, 8, 7])
    image.save(tmp_path / "p.png", transparency=b"\x00\xff")
    assert read_pixels(tmp_path / "p.png", PLAIN)[0, 0].tolist() == [9, 8, 7]


def test_the_camera_held_upright_is_respected(tmp_path: Path) -> None:
    image = Image.new("RGB", (8, 4))
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(tmp_path / "turned.jpg", exif=exif)
    assert read_pixels(tmp_path / "turned.jpg", PLAIN).shape == (8, 4, 3)


@pytest.mark.parametrize(
    ("size", "resize", "crop", "shape"),
    [
        ((40, 20), None, None, (20, 40)),
        ((40, 20), 10, None, (10, 20)),
        ((40, 20), 10, 8, (8, 8)),
        ((40, 20), None, 32, (32, 32)),
        ((40, 20), 10, (6, 30), (6, 30)),
        ((20, 41), 10, None, (20, 10)),
    ],
)
def test_short_side_then_centre(
    make_image: MakeImage, size: tuple[int, int], resize: int | None, crop: object, shape: tuple[int, int]
) -> None:
    preprocess = Preprocess(resize=resize, crop=crop)  # type: ignore[arg-type]
    assert read_pixels(make_image("image.png", size=size), preprocess).shape[:2] == shape


def test_the_crop_is_the_centre(tmp_path: Path) -> None:
    pixels = np.zeros((9, 9, 3), np.uint8)
    pixels[3:6, 3:6] = 255
    Image.fromarray(pixels).save(tmp_path / "centre.png")
    assert read_pixels(tmp_path / "centre.png", Preprocess(crop=3)).min() == 255


def _png_that_claims(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(8000, 7000), (20000, 20000), (60000, 60000)])
def test_bombs_are_refused_before_they_are_decoded(tmp_path: Path, size: tuple[int, int]) -> None:
    (tmp_path / "bomb.png").write_bytes(_png_that_claims(*size))
    with pytest.raises(InvalidFileError, match="50 megapixels"):
        read_pixels(tmp_path / "bomb.png", PLAIN)


def test_a_line_of_pixels_does_not_become_a_bomb_by_resizing(make_image: MakeImage) -> None:
    with pytest.raises(InvalidFileError, match="short side"):
        read_pixels(make_image("line.png", 0, (20000, 1), "L"), Preprocess(resize=256, crop=224))


@pytest.mark.parametrize("name", ["gif", "tiff", "ppm"])
def test_other_formats_are_refused_whatever_they_are_called(tmp_path: Path, name: str) -> None:
    with (tmp_path / "image.png").open("wb") as file:
        Image.new("RGB", (4, 4)).save(file, name)
    with pytest.raises(InvalidFileError, match="PNG, JPEG, BMP or WEBP"):
        read_pixels(tmp_path / "image.png", PLAIN)


@given(cut=st.integers(0, 400), junk=st.binary(max_size=20))
def test_broken_bytes_give_pixels_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, cut: int, junk: bytes
) -> None:
    path = tmp_path_factory.mktemp("broken") / "image.jpg"
    Image.new("RGB", (16, 16), (5, 6, 7)).save(path)
    content = path.read_bytes()
    path.write_bytes(content[:cut] + junk + content[cut + len(junk) :])
    with contextlib.suppress(InvalidFileError):
        assert read_pixels(path, Preprocess(crop=16)).shape == (16, 16, 3)


def test_values_follow_the_formula() -> None:
    pixels = np.full((1, 2, 2, 3), 255, np.uint8)
    preprocess = Preprocess(scale=127.5, mean=(1.0, 0.0, 2.0), std=(1.0, 2.0, 0.5), layout="nchw")
    values = to_input(pixels, preprocess, np.dtype("float32"))
    assert values.shape == (1, 3, 2, 2)
    assert values[0, :, 0, 0].tolist() == [1.0, 1.0, 0.0]
    assert to_input(pixels, Preprocess(layout="nhwc"), np.dtype("float16")).shape == (1, 2, 2, 3)


def test_integers_are_rounded_and_clipped() -> None:
    pixels = np.array([0, 127, 255], np.uint8).reshape(1, 1, 3, 1)
    signed = to_input(pixels, Preprocess(scale=1.0, mean=(128.0,), layout="nhwc"), np.dtype("int8"))
    assert signed.ravel().tolist() == [-128, -1, 127]
    tripled = to_input(pixels, Preprocess(scale=1 / 3, layout="nhwc"), np.dtype("uint8"))
    assert tripled.ravel().tolist() == [0, 255, 255]


@given(
    scale=st.sampled_from([1.0, 127.5, 255.0]),
    color=st.sampled_from(["rgb", "bgr"]),
    layout=st.sampled_from(["nchw", "nhwc"]),
)
def test_what_is_shown_is_what_was_read(scale: float, color: str, layout: str) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (2, 4, 5, 3), np.uint8)
    preprocess = Preprocess(scale=scale, mean=(0.4, 0.5, 0.6), std=(0.2, 0.3, 0.4), color=color, layout=layout)  # type: ignore[arg-type]
    read = rgb[..., ::-1] if color == "bgr" else rgb
    assert np.array_equal(to_pixels(to_input(read, preprocess, np.dtype("float32")), preprocess), rgb)
