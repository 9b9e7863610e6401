import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import desktop_app
from desktop_app.core.errors import StudioError
from desktop_app.io import atomic
from desktop_app.io.atomic import atomic_write, check_space, write_text
from desktop_app.io.bundle import staged

WRITER = """
import sys, time
from pathlib import Path
from desktop_app.io.atomic import atomic_write
with atomic_write(Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    print("written", flush=True)
    time.sleep(60)
"""


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_replaces_the_old_file_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "model.onnx"
    target.write_bytes(b"old")
    with atomic_write(target) as file:
        file.write(b"new")
        file.flush()
        assert target.read_bytes() == b"old"
        assert Path(file.name).suffix == ".onnx"
    assert target.read_bytes() == b"new"
    assert left_in(tmp_path) == ["model.onnx"]


def test_an_error_inside_keeps_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "model.onnx"
    target.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), atomic_write(target) as file:
        file.write(bytes([1 // (file.write(b"new") - 3)]))
    assert (target.read_bytes(), left_in(tmp_path)) == (b"old", ["model.onnx"])


def test_the_check_sees_the_whole_file_and_may_refuse_it(tmp_path: Path) -> None:
    target = tmp_path / "model.onnx"
    seen = []

    def refuse(temporary: Path) -> None:
        seen.append(temporary.read_bytes())
        raise StudioError("No.")

    with pytest.raises(StudioError, match="No"), atomic_write(target, refuse) as file:
        file.write(b"new")
    assert (seen, left_in(tmp_path)) == ([b"new"], [])


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "your share of the disk is used up"),
        (errno.EIO, "choose another folder"),
    ],
)
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_what_the_system_refuses_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int, reason: str
) -> None:
    target = tmp_path / "model.onnx"
    target.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(*((os, "fsync") if call == "fsync" else (Path, "replace")), fail)
    with pytest.raises(StudioError, match=f"model.onnx was not written to .*{reason}"):
        write_text(target, "new")
    assert (target.read_bytes(), left_in(tmp_path)) == (b"old", ["model.onnx"])


def test_a_really_full_disk(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = sys.platform == "linux" and not subprocess.call(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], stderr=subprocess.DEVNULL
    )
    if not mounted:
        pytest.skip("only root on Linux can mount a small disk")
    try:
        target = disk / "model.onnx"
        target.write_bytes(b"old")
        with pytest.raises(StudioError, match="the disk is full"):
            write_text(target, "x" * 2**20)
        assert (target.read_bytes(), left_in(disk)) == (b"old", ["model.onnx"])
        with pytest.raises(StudioError, match="MB are needed in"):
            check_space(disk, 2**20)
    finally:
        subprocess.check_call(["umount", str(disk)])


def test_a_file_size_limit_is_a_sentence(tmp_path: Path) -> None:
    program = """
import resource, sys
from pathlib import Path
from desktop_app.io.atomic import write_text
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_text(Path(sys.argv[1]), "x" * 5000)
except Exception as error:
    print(type(error).__name__, error)
"""
    if sys.platform == "win32":
        pytest.skip("this system has no limit on file sizes")
    done = run(program, tmp_path / "model.onnx")
    assert done.stdout.startswith("StudioError model.onnx was not written")
    assert left_in(tmp_path) == []


def test_a_killed_process_leaves_the_old_file_and_the_next_write_cleans_up(tmp_path: Path) -> None:
    target = tmp_path / "model.onnx"
    target.write_bytes(b"old")
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(target)], stdout=subprocess.PIPE, env=environment(), text=True
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        os.kill(process.pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
        process.wait()
    assert target.read_bytes() == b"old"
    assert len(left_in(tmp_path)) == 2
    write_text(target, "new")
    assert left_in(tmp_path) == ["model.onnx"]


def test_a_file_that_another_process_is_writing_is_not_swept(tmp_path: Path) -> None:
    target = tmp_path / "model.onnx"
    with atomic_write(target) as first:
        write_text(target, "second")
        assert Path(first.name).exists()
    assert left_in(tmp_path) == ["model.onnx"]


def test_folders_that_are_not_there_or_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StudioError, match="there is no such folder"):
        write_text(tmp_path / "none" / "model.onnx", "")

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(atomic.tempfile, "mkstemp", refuse)
    with pytest.raises(StudioError, match="you may not write there: choose another folder"):
        write_text(tmp_path / "model.onnx", "")


def test_a_folder_of_that_name_is_told(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").mkdir()
    with pytest.raises(StudioError, match="a folder of that name is there"):
        write_text(tmp_path / "model.onnx", "")


@pytest.mark.skipif(os.name != "posix", reason="only POSIX systems have these bits")
def test_the_new_file_can_be_read_as_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "model.onnx"
    write_text(target, "1")
    mask = os.umask(0)
    os.umask(mask)
    assert target.stat().st_mode & 0o777 == 0o666 & ~mask
    target.chmod(0o640)
    write_text(target, "2")
    assert target.stat().st_mode & 0o777 == 0o640


def test_a_link_keeps_leading_to_the_file(tmp_path: Path) -> None:
    target, link = tmp_path / "real.onnx", tmp_path / "link.onnx"
    target.write_bytes(b"old")
    try:
        link.symlink_to(target)
    except OSError:
        pytest.skip("this account may not make links")
    write_text(link, "new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_enough_space_passes(tmp_path: Path) -> None:
    check_space(tmp_path, 1)
    with pytest.raises(StudioError, match="free some space"):
        check_space(tmp_path, 2**60)


def test_where_space_is_missing_is_told_by_the_folder_that_the_user_knows(tmp_path: Path) -> None:
    with staged(tmp_path / "out.1") as stage, pytest.raises(StudioError) as told:
        check_space(stage, 2**60)
    assert f"needed in {tmp_path} and" in str(told.value)


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(desktop_app.__file__).parents[1])}


def run(program: str, target: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, str(target)], capture_output=True, text=True, env=environment(), timeout=60
    )
