from desktop_app.bench.machine import BusyWatch, busy_warnings, cores, this_machine, thread_count, versions


def test_threads_leave_a_core_free() -> None:
    assert thread_count(3) == 3
    assert thread_count(0) == max(cores() - 1, 1)
    assert this_machine(0).threads == thread_count(0)
    assert this_machine(2).cpu


def test_a_quiet_machine_warns_of_nothing() -> None:
    assert busy_warnings(0.02, 0.0, 8) == ()


def test_a_busy_machine_says_who_is_busy() -> None:
    others, stolen = busy_warnings(0.5, 0.1, 4)
    assert "2.0 of 4 cores" in others
    assert "10%" in stolen


def test_the_watch_gives_sentences() -> None:
    assert all(sentence.endswith(".") for sentence in BusyWatch().warnings())


def test_versions_name_what_computes() -> None:
    assert set(versions()) == {"compression-studio", "onnxruntime", "onnx", "onnx-ir", "numpy"}
