import errno
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from onnx import helper

from desktop_app.core.errors import InvalidFileError, StudioError
from desktop_app.io import snapshot as snapshot_module
from desktop_app.io.snapshot import take_snapshot
from tests.unit.io.small_models import conv_model, external, model_of

SaveModel = Callable[..., Path]


@pytest.fixture
def with_weights(save: SaveModel, tmp_path: Path) -> Path:
    """A model with its weights in `data/w.bin`."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "w.bin").write_bytes(b"12345678")
    tensor = external("w", [2], location="data/w.bin")
    return save(model_of(helper.make_node("Identity", ["x"], ["y"]), initializers=(tensor,)))


def test_copies_to_a_private_folder(conv_file: Path, tmp_path: Path) -> None:
    snapshot = take_snapshot(conv_file, tmp_path / "private")
    content = conv_file.read_bytes()
    assert snapshot.path.read_bytes() == content
    assert snapshot.path.parent == tmp_path / "private"
    assert (snapshot.source, snapshot.bytes) == (conv_file, len(content))
    assert snapshot.sha256 == hashlib.sha256(content).hexdigest()
    if os.name == "posix":
        assert snapshot.path.parent.stat().st_mode & 0o777 == 0o700
        assert snapshot.path.stat().st_mode & 0o777 == 0o600


def test_copies_external_weights_to_the_same_place(with_weights: Path, tmp_path: Path) -> None:
    snapshot = take_snapshot(with_weights, tmp_path / "private")
    assert (tmp_path / "private" / "data" / "w.bin").read_bytes() == b"12345678"
    content = with_weights.read_bytes()
    assert snapshot.sha256 == hashlib.sha256(content + b"12345678").hexdigest()
    assert snapshot.bytes == len(content) + 8


def test_a_changed_source_does_not_matter_to_a_copy(conv_file: Path, tmp_path: Path) -> None:
    snapshot = take_snapshot(conv_file, tmp_path / "private")
    conv_file.unlink()
    snapshot.check_unchanged()


@pytest.mark.parametrize("location", ["../secret.bin", "/etc/hostname"])
def test_nothing_is_copied_of_a_file_that_is_refused(save: SaveModel, tmp_path: Path, location: str) -> None:
    (tmp_path.parent / "secret.bin").write_bytes(b"12345678")
    tensor = external("w", [2], location=location)
    path = save(model_of(helper.make_node("Identity", ["x"], ["y"]), initializers=(tensor,)))
    with pytest.raises(InvalidFileError):
        take_snapshot(path, tmp_path / "private")
    assert list((tmp_path / "private").rglob("*")) == []


@pytest.fixture
def small_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files above 4 bytes count as large."""
    monkeypatch.setattr(snapshot_module, "MAX_COPIED_BYTES", 4)


@pytest.mark.usefixtures("small_limit")
def test_large_files_are_guarded_instead_of_copied(conv_file: Path, tmp_path: Path) -> None:
    snapshot = take_snapshot(conv_file, tmp_path / "private")
    assert snapshot.path == conv_file
    assert not list(tmp_path.rglob("private/*"))
    assert snapshot.sha256 == hashlib.sha256(conv_file.read_bytes()).hexdigest()
    snapshot.check_unchanged()


@pytest.mark.usefixtures("small_limit")
@pytest.mark.parametrize("change", ["content", "size", "replaced", "gone"])
def test_a_change_of_a_large_file_is_noticed(conv_file: Path, tmp_path: Path, change: str) -> None:
    snapshot = take_snapshot(conv_file, tmp_path / "private")
    if change == "content":
        os.utime(conv_file, ns=(0, 10**9))
    elif change == "size":
        with conv_file.open("ab") as file:
            file.write(b"x")
    elif change == "replaced":
        other = tmp_path / "other.onnx"
        other.write_bytes(conv_file.read_bytes())
        other.replace(conv_file)
    else:
        conv_file.unlink()
    with pytest.raises(InvalidFileError, match=r"model\.onnx has changed since it was opened: open it again"):
        snapshot.check_unchanged()


def test_large_external_weights_are_guarded_too(
    with_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_module, "MAX_COPIED_BYTES", with_weights.stat().st_size + 4)
    snapshot = take_snapshot(with_weights, tmp_path / "private")
    assert snapshot.path == with_weights
    assert list((tmp_path / "private").iterdir()) == []
    (tmp_path / "data" / "w.bin").write_bytes(b"123456789")
    with pytest.raises(InvalidFileError, match=r"w\.bin has changed"):
        snapshot.check_unchanged()


def test_a_link_that_the_user_chose_is_followed(conv_file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.onnx"
    try:
        link.symlink_to(conv_file)
    except OSError:
        pytest.skip("this account may not make links")
    assert take_snapshot(link, tmp_path / "private").bytes == conv_file.stat().st_size


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidFileError, match="there is no such file"):
        take_snapshot(tmp_path / "none.onnx", tmp_path / "private")
    with pytest.raises(InvalidFileError, match=r"choose a model file|cannot be read"):
        take_snapshot(tmp_path, tmp_path / "private")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.onnx")
        with pytest.raises(InvalidFileError, match="a folder or a device"):
            take_snapshot(tmp_path / "pipe.onnx", tmp_path / "private")


def test_descriptors_are_closed_with_the_snapshot(
    conv_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_module, "MAX_COPIED_BYTES", 4)
    snapshot = take_snapshot(conv_file, tmp_path / "private")
    descriptor = snapshot.guards[0].descriptor
    os.fstat(descriptor)
    del snapshot
    with pytest.raises(OSError, match="descriptor"):
        os.fstat(descriptor)


def test_the_model_that_is_copied_is_walked(tmp_path: Path) -> None:
    model = conv_model()
    model.graph.initializer[0].dims[0] = -1
    path = tmp_path / "bad.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(InvalidFileError, match="negative size"):
        take_snapshot(path, tmp_path / "private")
    assert list((tmp_path / "private").iterdir()) == []


def test_a_full_disk_is_a_sentence(conv_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(snapshot_module, "copy_hashed", fail)
    with pytest.raises(StudioError, match="the disk is full"):
        take_snapshot(conv_file, tmp_path / "private")
