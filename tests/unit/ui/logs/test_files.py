import logging
import os
import subprocess
import sys

import pytest

from desktop_app.ui.logs.files import KEPT_STARTS, OWN, crash_reports, start_logs

CRASH = """
import ctypes, sys
from pathlib import Path
from desktop_app.ui.logs.files import start_logs
start_logs(Path(sys.argv[1]))
ctypes.string_at(0)
"""


@pytest.fixture
def handler(tmp_path):
    """Logging as the program starts it; undone at the end."""
    level = logging.getLogger(OWN).level
    made = start_logs(tmp_path / "log")
    yield made
    logging.getLogger().removeHandler(made)
    logging.getLogger(OWN).setLevel(level)
    logging.captureWarnings(capture=False)
    made.close()


def test_what_is_logged_stands_in_a_file_of_this_start(handler, tmp_path):
    logging.getLogger("desktop_app.ui").info("opened 模型")
    logging.getLogger("some.library").info("chatter")
    logging.getLogger("some.library").warning("trouble")
    (path,) = (tmp_path / "log").glob(f"*-{os.getpid()}.log")
    text = path.read_text(encoding="utf-8")
    assert "opened 模型" in text
    assert "trouble" in text
    assert "chatter" not in text


def test_a_file_does_not_grow_for_ever(handler, tmp_path):
    handler.maxBytes = 1000
    for number in range(100):
        logging.getLogger("desktop_app").info("line %d of many that are longer than they need to be", number)
    logs = sorted((tmp_path / "log").glob(f"*-{os.getpid()}.log*"))
    assert len(logs) == 3
    assert all(path.stat().st_size <= 1000 for path in logs)


def test_only_the_newest_starts_are_kept(tmp_path):
    for day in range(1, 29):
        (tmp_path / f"202601{day:02}-120000-{2**22 + day}.log").write_text("old")
        (tmp_path / f"202601{day:02}-120000-{2**22 + day}.crash").write_bytes(b"")
    subprocess.run([sys.executable, "-c", CRASH, str(tmp_path)], check=False)
    assert len(list(tmp_path.glob("*.log"))) == KEPT_STARTS
    assert len(list(tmp_path.glob("*.crash"))) == 1, "no report where nothing crashed"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows shows a window of its own")
def test_a_crash_of_the_interpreter_leaves_where_it_was(tmp_path):
    done = subprocess.run([sys.executable, "-c", CRASH, str(tmp_path)], check=False, capture_output=True)
    assert done.returncode != 0
    (report,) = crash_reports(tmp_path)
    assert "Segmentation fault" in report.text
    assert "string_at" in report.text
