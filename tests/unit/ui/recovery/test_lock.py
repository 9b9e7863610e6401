import os

from desktop_app.ui.recovery.lock import Lock


def test_one_holds_it_at_a_time(tmp_path):
    first, second = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    assert first.acquire()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()


def test_what_is_let_go_is_free_though_a_process_that_starts_has_a_copy_of_the_file(tmp_path):
    lock, other = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    assert lock.acquire()
    copy = os.dup(lock._file.fileno())
    try:
        lock.release()
        assert other.acquire()
    finally:
        os.close(copy)
        other.release()
