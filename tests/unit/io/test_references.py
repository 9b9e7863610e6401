import os
from pathlib import Path

import pytest

from desktop_app.core.errors import InvalidFileError
from desktop_app.io.references import check_location, open_reference

OWNER = "The values of w"


@pytest.mark.parametrize(
    ("location", "parts"),
    [
        ("weights.bin", ("weights.bin",)),
        ("./weights.bin", ("weights.bin",)),
        ("data/部分 1.bin", ("data", "部分 1.bin")),
        ("data\\weights.bin", ("data", "weights.bin")),
        ("..weights", ("..weights",)),
        ("console.bin", ("console.bin",)),
    ],
)
def test_real_locations_pass(location: str, parts: tuple[str, ...]) -> None:
    assert check_location(location, OWNER) == parts


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("", "without a name"),
        ("./", "without a name"),
        ("/etc/passwd", "absolute path"),
        ("\\\\server\\share\\w.bin", "absolute path"),
        ("C:\\Windows\\w.bin", "absolute path"),
        ("c:w.bin", "absolute path"),
        ("../w.bin", "outside the model's folder"),
        ("data/../../w.bin", "outside the model's folder"),
        ("data\\..\\..\\w.bin", "outside the model's folder"),
        ("w\0.bin", "impossible name"),
        ("w" * 2000, "impossible name"),
        ("CON", "name of a device"),
        ("nul.onnx", "name of a device"),
        ("data/Com1 .bin", "name of a device"),
        ("lpt¹", "name of a device"),
        ("CONIN$", "name of a device"),
        ("*/_ORT_MEM_ADDR_/*", "address in memory"),
    ],
)
def test_locations_that_lead_elsewhere_are_refused(tmp_path: Path, location: str, reason: str) -> None:
    with pytest.raises(InvalidFileError, match=reason) as raised:
        open_reference(tmp_path, location, OWNER)
    assert str(raised.value).startswith(OWNER)


def test_opens_the_file_beside_the_model(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "w.bin").write_bytes(b"1234")
    with open_reference(tmp_path, "data/w.bin", OWNER) as file:
        assert file.read() == b"1234"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidFileError, match=r"w\.bin, which is not beside the model: put that file there"):
        open_reference(tmp_path, "w.bin", OWNER)


@pytest.mark.parametrize("target", ["file", "folder"])
def test_links_are_not_followed(tmp_path: Path, target: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "w.bin").write_bytes(b"secret")
    folder = tmp_path / "model"
    folder.mkdir()
    try:
        (folder / "link").symlink_to(outside / "w.bin" if target == "file" else outside)
    except OSError:
        pytest.skip("this account may not make links")
    with pytest.raises(InvalidFileError, match="which is a link"):
        open_reference(folder, "link" if target == "file" else "link/w.bin", OWNER)


def test_a_link_put_there_in_the_meantime_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not hasattr(os, "O_NOFOLLOW"):
        pytest.skip("this system cannot open without following links")
    (tmp_path / "secret").write_bytes(b"secret")
    plain = tmp_path / "plain"
    plain.touch()
    (tmp_path / "w.bin").symlink_to(tmp_path / "secret")
    monkeypatch.setattr(Path, "lstat", lambda self: os.lstat(plain))
    with pytest.raises(InvalidFileError, match="cannot be read"):
        open_reference(tmp_path, "w.bin", OWNER)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "w.bin").mkdir()
    with pytest.raises(InvalidFileError, match="no regular file"):
        open_reference(tmp_path, "w.bin", OWNER)


def test_a_pipe_is_no_file_and_nobody_waits_for_its_other_end(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    os.mkfifo(tmp_path / "w.bin")
    with pytest.raises(InvalidFileError, match="no regular file"):
        open_reference(tmp_path, "w.bin", OWNER)
