import signal
import string
from typing import get_args

import pytest

from desktop_app.jobs.confinement import EXIT_OUT_OF_MEMORY
from desktop_app.jobs.deaths import SENTENCES, Cause, cause_of, failure, memory_kills


def test_every_cause_has_its_own_sentence() -> None:
    assert set(SENTENCES) == set(get_args(Cause))
    assert len(set(SENTENCES.values())) == len(SENTENCES)


@pytest.mark.parametrize("cause", SENTENCES)
def test_a_sentence_is_whole(cause: Cause) -> None:
    sentence = failure(cause, "opening the model", "detail").sentence
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert not set(sentence) & set("{}\n")
    fields = {field for _, field, _, _ in string.Formatter().parse(SENTENCES[cause]) if field}
    assert fields <= {"doing", "detail"}
    assert fields


@pytest.mark.parametrize(
    ("status", "cause", "detail"),
    [
        (-signal.SIGSEGV, "segfault", "SIGSEGV"),
        (-signal.SIGKILL, "killed", "SIGKILL"),
        (-signal.SIGTERM, "signal", "SIGTERM"),
        (-signal.SIGABRT, "abort", "SIGABRT"),
        (-63, "signal", "63"),
        (EXIT_OUT_OF_MEMORY, "memory", str(EXIT_OUT_OF_MEMORY)),
        (0, "ended", "0"),
        (3, "exit", "3"),
        (0xC0000005, "segfault", "0xc0000005"),
    ],
)
def test_an_exit_status_names_its_cause(status: int, cause: str, detail: str) -> None:
    assert cause_of(status) == (cause, detail)


def test_a_kill_in_a_time_of_little_memory_is_the_systems() -> None:
    assert cause_of(-signal.SIGKILL, out_of_memory=True)[0] == "system_memory"
    assert cause_of(-signal.SIGSEGV, out_of_memory=True)[0] == "segfault"


def test_the_systems_count_is_a_number() -> None:
    assert memory_kills() >= 0
