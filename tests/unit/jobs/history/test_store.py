import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from desktop_app.core.errors import StudioError
from desktop_app.core.program import program_environment
from desktop_app.jobs.history.database import MIGRATIONS
from desktop_app.jobs.history.store import DATABASE, RUNS, History
from tests.unit.jobs.history.conftest import OTHER, SHA


def numbers(history: History, sha256: str = SHA) -> list[int]:
    return [run.number for run in history.runs(sha256).runs]


def test_a_kept_run_is_there_with_all_its_files_and_its_own_folder_is_gone(history, made):
    run = made(seed=7)
    source = Path(run.model).parent
    kept = history.keep(run, SHA, "net.onnx")
    assert not source.exists()
    assert Path(kept.model).read_bytes() == b"m" * 1000
    assert Path(kept.model).parent.parent == history.folder / RUNS
    (listed,) = history.runs(SHA).runs
    assert listed == kept.kept
    assert (listed.number, listed.model, listed.recipe.seed) == (1, "net.onnx", 7)
    assert listed.file_bytes == 1000 + len("SHA256SUMS")
    assert history.read(listed.id) == kept
    assert history.page(listed.id).read_text() == "report.html"


def test_numbers_go_up_by_model_and_are_never_given_twice(history, made):
    for sha256 in (SHA, SHA, OTHER):
        history.keep(made(), sha256, "net.onnx")
    history.delete(history.runs(SHA).runs[-1].id)
    history.keep(made(), SHA, "net.onnx")
    assert numbers(history) == [1, 3]
    assert numbers(history, OTHER) == [1]


def test_a_deleted_run_is_gone_with_its_folder(history, made):
    kept = history.keep(made(), SHA, "net.onnx")
    history.delete(kept.kept.id)
    assert history.runs(SHA).runs == ()
    assert list((history.folder / RUNS).iterdir()) == []
    with pytest.raises(StudioError, match="cannot be shown"):
        history.read(kept.kept.id)


def test_the_oldest_models_go_when_there_is_no_more_room_but_not_the_newest_or_a_pinned_one(tmp_path, made):
    history = History(tmp_path / "history", limit=2500)
    ids = [history.keep(made(), SHA, "net.onnx").kept.id for _ in range(2)]
    history.pin(ids[0], True)
    ids += [history.keep(made(), SHA, "net.onnx").kept.id for _ in range(2)]
    runs = history.runs(SHA).runs
    assert [run.has_file for run in runs] == [True, False, False, True]
    assert [run.pinned for run in runs] == [True, False, False, False]
    folder = history.folder / RUNS / ids[1]
    assert sorted(file.name for file in folder.iterdir()) == [
        "infer.py", "recipe.yaml", "report.html", "report.json", "run.json",
    ]  # fmt: skip
    assert history.read(ids[1]).report.compressed.bytes == 1000
    huge = history.keep(made(size=10_000), SHA, "net.onnx")
    assert Path(huge.model).is_file()


def test_a_model_that_was_removed_by_hand_is_known_to_be_gone(history, made):
    kept = history.keep(made(), SHA, "net.onnx")
    Path(kept.model).unlink()
    assert not history.runs(SHA).runs[0].has_file


@pytest.mark.parametrize("damage", ["garbage", "pages"])
def test_a_damaged_list_is_put_aside_and_made_anew_from_the_folders(history, made, damage):
    kept = [history.keep(made(), SHA, "net.onnx") for _ in range(40)]
    path = history.folder / DATABASE
    whole = path.read_bytes()
    broken = b"this is no database" * 100 if damage == "garbage" else whole[:4096] + b"\x7f" * (len(whole) - 4096)
    path.write_bytes(broken)
    (told,) = history.tidy()
    assert "damaged" in told
    assert "40 runs" in told
    (aside,) = history.folder.glob("damaged-*.sqlite")
    assert aside.read_bytes() == broken
    assert aside.name in told
    assert [run.id for run in history.runs(SHA).runs] == [one.kept.id for one in kept]
    assert history.keep(made(), SHA, "net.onnx").kept.number == 41
    assert history.tidy() == ()


def test_a_list_of_a_newer_version_is_left_alone_and_said_so(history, made):
    history.keep(made(), SHA, "net.onnx")
    with sqlite3.connect(history.folder / DATABASE) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    run = made()
    for use in (history.tidy, lambda: history.runs(SHA), lambda: history.keep(run, SHA, "net.onnx")):
        with pytest.raises(StudioError, match="newer version of the program"):
            use()
    assert Path(run.model).is_file()
    assert list(history.folder.glob("damaged-*")) == []


def test_a_run_that_this_version_cannot_read_is_counted_not_lost(history, made):
    kept = history.keep(made(), SHA, "net.onnx").kept
    history.keep(made(), SHA, "net.onnx")
    record = msgspec.json.encode({**msgspec.to_builtins(kept), "recipe": {"a new key": 1}})
    with sqlite3.connect(history.folder / DATABASE) as connection:
        connection.execute("UPDATE runs SET record = ? WHERE id = ?", (record, kept.id))
    connection.close()
    listed = history.runs(SHA)
    assert [run.number for run in listed.runs] == [2]
    assert "1 of the runs" in listed.notes[0]


def test_a_run_whose_process_died_before_it_was_listed_is_found(history, made):
    kept = history.keep(made(), SHA, "net.onnx").kept
    with sqlite3.connect(history.folder / DATABASE) as connection:
        connection.execute("DELETE FROM runs")
    connection.close()
    assert history.tidy() == ()
    assert history.runs(SHA).runs == (kept,)


def test_what_killed_processes_left_is_swept_and_what_living_ones_do_stays(history, made):
    history.keep(made(), SHA, "net.onnx")
    dead = 2**22 + 1  # above the largest number of a process
    left = [history.folder / RUNS / f".{kind}-{dead}-x" for kind in ("part", "gone")]
    busy = history.folder / RUNS / f".part-{os.getppid()}-x"
    for folder in (*left, busy):
        folder.mkdir()
        (folder / "model.onnx").write_bytes(b"half")
    history.tidy()
    assert [folder.exists() for folder in (*left, busy)] == [False, False, True]
    assert numbers(history) == [1]


def test_where_nothing_can_be_written_the_run_stays_and_a_sentence_tells_why(tmp_path, made):
    (tmp_path / "taken").write_text("a file where the folder should be")
    run = made()
    with pytest.raises(StudioError, match=r"^This run is not kept for later: .*taken"):
        History(tmp_path / "taken").keep(run, SHA, "net.onnx")
    assert Path(run.model).is_file()


KEEPER = """
import sys
from pathlib import Path
from desktop_app.jobs.history.store import History
from desktop_app.jobs.messages import RunFinished
import msgspec
history = History(Path(sys.argv[1]))
for line in sys.stdin:
    history.keep(msgspec.json.decode(line, type=RunFinished), sys.argv[2], "net.onnx")
    history.runs(sys.argv[2])
"""


def test_processes_that_keep_runs_at_the_same_time_lose_none(history, made):
    workers = []
    for _ in range(3):
        lines = b"\n".join(msgspec.json.encode(made()) for _ in range(8))
        command = [sys.executable, "-c", KEEPER, str(history.folder), SHA]
        worker = subprocess.Popen(command, stdin=subprocess.PIPE, env=program_environment())
        workers.append((worker, lines))
    for worker, lines in workers:
        worker.stdin.write(lines)
        worker.stdin.close()
    assert [worker.wait(120) for worker, _ in workers] == [0, 0, 0]
    assert numbers(history) == list(range(1, 25))
