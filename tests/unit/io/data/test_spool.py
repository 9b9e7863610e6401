import gc
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from desktop_app.io.data.spool import Spool

IMAGES = st.lists(arrays(np.uint8, array_shapes(min_dims=2, max_dims=3, max_side=5)), min_size=1, max_size=6)


@given(IMAGES)
def test_what_was_kept_comes_back_in_any_order(images: list[np.ndarray]) -> None:
    spool = Spool()
    for number, image in enumerate(images):
        spool.keep(number, image)
    for number in reversed(range(len(images))):
        found = spool.get(number)
        assert number in spool
        assert found is not None
        np.testing.assert_array_equal(found, images[number], strict=True)


def test_no_more_is_kept_than_fits_and_the_first_stays() -> None:
    spool = Spool(max_bytes=20)
    for number, size in enumerate((12, 12, 8, 1)):
        spool.keep(number, np.full(size, number, np.uint8))
    assert [number in spool for number in range(4)] == [True, False, True, False]
    assert spool.get(1) is None
    spool.keep(0, np.zeros(12, np.uint8))
    assert spool.get(2) is not None


def test_a_transposed_image_comes_back_as_it_was() -> None:
    spool, image = Spool(), np.arange(24, dtype=np.uint8).reshape(2, 3, 4).transpose(2, 0, 1)
    spool.keep(7, image)
    np.testing.assert_array_equal(spool.get(7), image)


def test_on_a_full_disk_nothing_more_is_kept_and_nothing_fails() -> None:
    resource = pytest.importorskip("resource")
    signal = pytest.importorskip("signal")
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        spool = Spool()
        spool.keep(0, np.arange(60, dtype=np.uint8))
        spool.keep(1, np.arange(60, dtype=np.uint8))
        spool.keep(2, np.arange(10, dtype=np.uint8))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert [number in spool for number in range(3)] == [True, False, False]
    np.testing.assert_array_equal(spool.get(0), np.arange(60, dtype=np.uint8))


def test_no_file_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    spool = Spool()
    spool.keep(0, np.zeros(10, np.uint8))
    del spool
    gc.collect()
    assert not list(tmp_path.iterdir())


def test_without_a_temporary_folder_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    spool = Spool()
    spool.keep(0, np.zeros(10, np.uint8))
    assert spool.get(0) is None
