import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable

import psutil
import pytest

from desktop_app.core.progress import Measurement, Progress
from desktop_app.core.recipe import Recipe
from desktop_app.jobs.host import WorkerHost
from desktop_app.jobs.job import Job
from desktop_app.jobs.limits import LIMITS, Limits
from desktop_app.jobs.messages import CancelAcknowledged, Failed, OpenModel, Reply, Request, Stopped
from desktop_app.jobs.recipes import ReadRecipe, RecipeRead, WriteRecipe
from tests.unit.jobs.worker_under_test import COMMAND

Do = Callable[[str], list[Reply]]
FINE = [Progress("fine", 1.0), RecipeRead("fine", Recipe())]
SILENCE = 8
"""Seconds without a word after which a worker is given up."""


def sentence(replies: list[Reply]) -> str:
    assert isinstance(replies[-1], Failed)
    return replies[-1].sentence


def first(replies, kind: type):
    return next(reply for reply in replies if isinstance(reply, kind))


def gone(pid: int, seconds: float = 4.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


def test_every_request_has_its_limits() -> None:
    assert set(LIMITS) == set(Request.__args__)
    assert all(limits.grace <= 1.5 for limits in LIMITS.values())


def test_one_worker_does_one_job_after_another(host: WorkerHost, do: Do) -> None:
    assert do("fine") == FINE
    pid = host.worker_pid
    assert do("fine") == FINE
    assert host.worker_pid == pid


def test_every_opened_model_gets_a_worker_of_its_own(host: WorkerHost, do: Do) -> None:
    host.warm_up()
    warm = host.worker_pid
    pids = [sentence(list(host.submit(OpenModel("/a.onnx")))) for _ in range(2)]
    assert pids[0] == str(warm)
    assert pids[0] != pids[1]
    assert gone(warm or 0)


def test_the_worker_is_clean_and_confined(host: WorkerHost, do: Do) -> None:
    facts = json.loads(first(do("modules"), Progress).text)
    assert not {"PySide6", "shiboken6", "pyqtgraph", "torch"} & set(facts["modules"])
    assert "tkinter" not in facts["modules"]
    assert facts["group"]
    assert facts["folder"] == str(host.session)
    if sys.platform != "win32":
        assert facts["nice"] >= 10


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        ("segfault", "SIGSEGV"),
        (f"signal-self {int(signal.SIGKILL)}", "killed from outside"),
        (f"signal-self {int(signal.SIGTERM)}", "SIGTERM"),
        (f"signal-self {int(signal.SIGABRT)}", "gave up"),
        ("leave 3", "exit status 3"),
        ("leave 0", "without a word"),
        ("allocate 100000000000", "not enough memory"),
        ("native-allocation", "not enough memory"),
        ("raw garbage", "no message"),
        ("raw untyped", "no message"),
        ("raw oversize", "more than a message may hold"),
        ("raw truncated", "in the middle of a message"),
    ],
)
def test_every_death_has_its_sentence_and_the_next_job_works(do: Do, behaviour: str, words: str) -> None:
    said = sentence(do(behaviour))
    assert words in said
    assert "testing" in said
    assert do("fine") == FINE


def test_the_details_of_a_death_hold_its_last_words(do: Do) -> None:
    assert "a last word" in do("leave 3")[-1].details
    assert "Segmentation fault" in do("segfault")[-1].details


def test_a_worker_killed_in_mid_task(host: WorkerHost, do: Do) -> None:
    replies = []
    for reply in host.submit(ReadRecipe("obey")):
        replies.append(reply)
        if isinstance(reply, Progress):
            os.kill(host.worker_pid or 0, signal.SIGKILL)
    assert "SIGKILL" in sentence(replies)
    assert do("fine") == FINE


def test_a_worker_killed_between_two_jobs_is_replaced(host: WorkerHost, do: Do) -> None:
    do("fine")
    os.kill(host.worker_pid or 0, signal.SIGKILL)
    deadline = time.monotonic() + 4
    while host.worker_pid is not None and time.monotonic() < deadline:  # its threads end one after the other
        time.sleep(0.02)
    assert host.worker_pid is None
    assert do("fine") == FINE


@pytest.mark.parametrize("behaviour", ["hang", "lost"])
def test_a_task_that_gives_no_sign_of_life_is_ended(host: WorkerHost, do: Do, behaviour: str) -> None:
    host.limits = {ReadRecipe: Limits("testing", silence=0.5, total=60)}
    assert "no sign of life for 0.5 s" in sentence(do(behaviour))
    assert do("fine") == FINE


def test_a_task_that_talks_but_never_ends_is_ended(host: WorkerHost, do: Do) -> None:
    host.limits = {ReadRecipe: Limits("testing", silence=10, total=1.0)}
    assert "longer than the 1.0 s" in sentence(do("chatter"))


def test_a_worker_that_does_not_start() -> None:
    with WorkerHost(["/no/such/program"]) as host:
        assert "did not start" in sentence(list(host.submit(ReadRecipe("fine"))))
    with WorkerHost([sys.executable, "-c", "import nothing_of_that_name"]) as host:
        failed = list(host.submit(ReadRecipe("fine")))[-1]
        assert "did not start" in failed.sentence
        assert "nothing_of_that_name" in failed.details


def started(before: str, starting: Limits) -> list[Reply]:
    """What is said of a worker that does something else before it begins."""
    command = [*COMMAND[:-1], f"{before}; {COMMAND[-1]}"]
    with WorkerHost(command, {ReadRecipe: Limits("testing", silence=SILENCE, total=30)}, {}, starting) as host:
        return list(host.submit(ReadRecipe("fine")))


def test_a_worker_that_gets_no_processor_at_its_start_is_waited_for() -> None:
    silence, starved = 2.0, 3.0
    began = time.monotonic()
    assert started(f"import time; time.sleep({starved})", Limits("starting", silence=silence, total=60)) == FINE
    assert time.monotonic() - began > starved > silence


@pytest.mark.parametrize(
    ("before", "starting"),
    [
        ("import time; time.sleep(60)", Limits("starting", silence=0.5, total=20)),  # given up after 4 silences
        ("import time; time.sleep(60)", Limits("starting", silence=10, total=1.6)),
        ("any(iter(int, 1))", Limits("starting", silence=0.5, total=20)),  # given up when it has computed so long
    ],
    ids=["sleeps", "sleeps too long", "spins"],
)
def test_a_worker_that_hangs_at_its_start_is_told_with_the_seconds_it_had(before: str, starting: Limits) -> None:
    began = time.monotonic()
    said = sentence(started(before, starting))
    took = time.monotonic() - began
    told = int(said.partition("was not ready after ")[2].partition(" s;")[0])
    assert min(starting.silence, starting.total) - 0.5 <= told <= took + 0.5
    assert took < 15


def test_a_sentence_of_the_task_arrives_as_it_is(host: WorkerHost, do: Do) -> None:
    assert sentence(do("sentence node 'a' has no weight; export it again.")) == (
        "node 'a' has no weight; export it again."
    )


def test_what_nobody_expected_is_one_sentence_with_details(do: Do) -> None:
    failed = do("unexpected oh")[-1]
    assert "while testing" not in failed.sentence  # the worker has its own words for the task
    assert "ZeroDivisionError: oh?" in failed.sentence
    assert "Traceback" in failed.details


def test_a_missing_task_is_a_failure(host: WorkerHost) -> None:
    from desktop_app.jobs.recipes import ListPresets

    assert "ModuleNotFoundError" in sentence(list(host.submit(ListPresets())))


@pytest.mark.parametrize("path", ["not finite", "oversize"])
def test_a_result_that_cannot_be_sent_is_a_failure(host: WorkerHost, do: Do, path: str) -> None:
    assert "cannot be shown" in sentence(list(host.submit(WriteRecipe(path, Recipe()))))
    assert do("fine") == FINE


def test_a_request_that_cannot_be_sent_is_a_failure(do: Do) -> None:
    assert "Unicode" in sentence(do("fine \udcff"))
    assert do("fine") == FINE


def test_what_libraries_print_does_not_disturb(do: Do) -> None:
    assert do("print-much") == [RecipeRead("print-much", Recipe())]


def test_no_measurement_is_lost_and_the_last_progress_is_there(do: Do) -> None:
    replies = do("measure 500")
    measured = [reply.value for reply in replies if isinstance(reply, Measurement)]
    assert measured == [float(index) for index in range(500)]
    assert [reply for reply in replies if isinstance(reply, Progress)][-1].done == 1.0
    assert isinstance(replies[-1], RecipeRead)


def cancelled(job: Job) -> tuple[list[Reply], float, float]:
    """Carries out a job and stops it at its first word: replies, seconds until acknowledged, seconds until done."""
    replies: list[Reply] = []
    asked = acknowledged = 0.0
    for reply in job:
        replies.append(reply)
        if isinstance(reply, Progress) and not asked:
            asked = time.monotonic()
            job.cancel()
        if isinstance(reply, CancelAcknowledged):
            acknowledged = time.monotonic()
    return replies, acknowledged - asked, time.monotonic() - asked


@pytest.mark.parametrize("behaviour", ["obey", "compute 30", "infer 800", "clean-up 0.4", "break-down"])
def test_a_task_that_listens_stops_and_its_worker_stays(host: WorkerHost, do: Do, behaviour: str) -> None:
    host.limits = {ReadRecipe: Limits("testing", silence=SILENCE, total=30, grace=4)}
    do("fine")
    pid = host.worker_pid
    replies, acknowledged, done = cancelled(host.submit(ReadRecipe(behaviour)))
    assert replies[-2:] == [CancelAcknowledged(), Stopped()]
    assert acknowledged > 0
    assert done < SILENCE  # it was stopped, not given up
    assert do("fine") == FINE
    assert host.worker_pid == pid


@pytest.mark.parametrize("behaviour", ["spin", "clean-up 60"])
def test_a_task_that_does_not_listen_is_killed(host: WorkerHost, do: Do, behaviour: str) -> None:
    do("fine")
    pid = host.worker_pid or 0
    host.limits = {ReadRecipe: Limits("testing", silence=SILENCE, total=30, grace=0.5)}
    replies, _, done = cancelled(host.submit(ReadRecipe(behaviour)))
    assert replies[-1] == Stopped()
    assert done < SILENCE
    assert gone(pid)
    assert do("fine") == FINE


def test_a_job_cancelled_while_the_worker_starts_leaves_it_to_the_next(host: WorkerHost) -> None:
    host.warm_up()
    pid, job = host.worker_pid, host.submit(ReadRecipe("fine"))
    thread = threading.Thread(target=list, args=(job,))
    thread.start()
    job.cancel()
    thread.join()
    assert list(host.submit(ReadRecipe("fine")))[-1:] == FINE[-1:]
    assert host.worker_pid == pid


def test_a_job_cancelled_before_it_begins_starts_nothing(host: WorkerHost) -> None:
    job = host.submit(ReadRecipe("fine"))
    job.cancel()
    assert list(job) == [Stopped()]
    assert host.worker_pid is None


def test_cancelling_what_is_done_does_not_touch_the_next_job(host: WorkerHost, do: Do) -> None:
    job = host.submit(ReadRecipe("fine"))
    assert list(job) == FINE
    job.cancel()
    assert do("fine") == FINE


def test_closing_in_mid_task_leaves_nothing_behind(host: WorkerHost) -> None:
    session = host.session
    replies: list[Reply] = []
    started = threading.Event()

    def work() -> None:
        for reply in host.submit(ReadRecipe("child")):
            replies.append(reply)
            started.set()

    thread = threading.Thread(target=work)
    thread.start()
    assert started.wait(20)
    worker = host.worker_pid or 0
    host.close()
    thread.join(5)
    assert not thread.is_alive()
    assert replies[-1] == Stopped()
    assert gone(worker)
    assert gone(int(first(replies, Progress).text))
    assert not session.exists()
    assert [t.name for t in threading.enumerate() if t.name.startswith("worker")] == []


def test_whoever_stops_listening_ends_the_task(host: WorkerHost, do: Do) -> None:
    for reply in host.submit(ReadRecipe("obey")):
        assert isinstance(reply, Progress)
        pid = host.worker_pid or 0
        break
    assert gone(pid)
    assert do("fine") == FINE


def test_a_closed_host_stops_every_job(host: WorkerHost) -> None:
    host.close()
    assert list(host.submit(ReadRecipe("fine"))) == [Stopped()]


@pytest.mark.skipif(sys.platform == "win32", reason="the parent is killed by a signal")
@pytest.mark.parametrize("behaviour", ["spin", "hang"])
def test_when_the_window_is_killed_its_worker_is_gone(tmp_path, behaviour: str) -> None:
    program = textwrap.dedent(f"""
        from desktop_app.jobs.host import WorkerHost
        from desktop_app.jobs.recipes import ReadRecipe
        host = WorkerHost({COMMAND!r})
        host.warm_up()
        print(host.worker_pid, flush=True)
        for reply in host.submit(ReadRecipe({behaviour!r})):
            print("busy", flush=True)
    """)
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        if behaviour == "spin":
            parent.stdout.readline()
        parent.kill()
        assert gone(pid)
