"""The worker: a process that carries out tasks, one after another, and never shows a window.

Two threads: this one computes, the other listens, so that a wish to stop is heard while a task computes. Replies go to
a copy of standard output that nobody else knows; what libraries print goes to standard error and damages no message.
"""

import contextlib
import importlib
import logging
import os
import queue
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Sequence
from typing import BinaryIO, NoReturn, Protocol, cast

from desktop_app.core.collector import made_to_stay
from desktop_app.core.errors import Cancelled, StudioError
from desktop_app.core.late import load_late
from desktop_app.core.progress import Token
from desktop_app.jobs.confinement import (
    EXIT_BAD_REQUEST,
    EXIT_OUT_OF_MEMORY,
    MEMORY_VARIABLE,
    confine,
    default_memory_limit,
    end_group,
)
from desktop_app.jobs.limits import LIMITS
from desktop_app.jobs.messages import (
    Cancel,
    CancelAcknowledged,
    Failed,
    LogLine,
    Ready,
    Reply,
    Request,
    Result,
    Stopped,
)
from desktop_app.jobs.protocol import ProtocolError, decode_reply, decode_request, encode, read_payload
from desktop_app.jobs.session import FIRST_VARIABLE, LOG_VARIABLE
from desktop_app.jobs.token import PipeToken

LOG = logging.getLogger(__name__)
TASKS = "desktop_app.jobs.tasks"
OWN = "desktop_app"
"""The loggers of this program; of libraries only warnings are sent."""
FIRST_TASKS = ("open_model", "run_recipe")
"""Imported before they are asked for: the user's first click should not wait for libraries to load. The worker is ready
after the first of them, and goes on while it has nothing to do."""
LATE = ("sympy", "onnx_ir._symbolic_shapes")
"""onnx_ir computes with formulas of sizes by them, which this program does not: a third of the start was theirs."""
ALLOCATION_FAILED = ("bad_alloc", "failed to allocate memory", "cannot allocate memory", "out of memory")
"""How native libraries say it, in lower case."""


class Task(Protocol):
    """A module of `desktop_app.jobs.tasks`, named after the tag of the request that it carries out."""

    def run(self, request: Request, token: Token) -> Result:
        """Carries out the request.

        Raises:
            StudioError: with a sentence for the user.
            Cancelled: when the token said so.
        """


class Worker:
    """Takes requests from one pipe, and answers each on another: progress and measurements, then one result."""

    def __init__(self, requests: BinaryIO, replies: BinaryIO, package: str) -> None:
        self._requests = requests
        self._replies = replies
        self._package = package
        self._lock = threading.RLock()
        self._waiting: queue.SimpleQueue[tuple[Request, PipeToken]] = queue.SimpleQueue()
        self._token: PipeToken | None = None

    def serve(self) -> NoReturn:
        """Carries out requests until the pipe ends; that ends the process."""
        threading.Thread(target=self._listen, name="listener", daemon=True).start()
        ahead = deque(_first_tasks())
        self._import_ahead(ahead.popleft())
        self.send(Ready())
        while True:
            while ahead and self._waiting.empty():
                self._import_ahead(ahead.popleft())
            request, token = self._waiting.get()
            self._finish(token, self._carry_out(request, token))

    def _import_ahead(self, tag: str) -> None:
        """Imports a task before it is asked for."""
        with made_to_stay(), contextlib.suppress(Exception):  # it would fail again, and be told, when it is asked for
            self._task(tag)

    def send(self, message: Reply) -> None:
        """Writes a message on the way to the result; from any thread. One that cannot be sent is left out."""
        with contextlib.suppress(ProtocolError):
            self._write(encode(message))

    def _write(self, frame: bytes) -> None:
        try:
            with self._lock:
                self._replies.write(frame)
                self._replies.flush()
        except OSError:
            end_group()  # nobody reads any more

    def _listen(self) -> None:
        """Reads requests, and wishes to stop, which are answered at once, whatever the other thread does."""
        try:
            while (payload := read_payload(self._requests)) is not None:
                message = decode_request(payload)
                if isinstance(message, Cancel):
                    self._cancel()
                else:
                    self._accept(message)
        except ProtocolError:
            traceback.print_exc()
            os._exit(EXIT_BAD_REQUEST)
        except OSError:
            pass
        end_group()

    def _accept(self, request: Request) -> None:
        with self._lock:
            self._token = PipeToken(self.send)
            self._waiting.put((request, self._token))

    def _cancel(self) -> None:
        with self._lock:
            if self._token is not None:
                self._token.cancel()
                self.send(CancelAcknowledged())

    def _carry_out(self, request: Request, token: PipeToken) -> Result | Failed | Stopped:
        tag, begun = str(request.__struct_config__.tag), time.monotonic()
        try:
            result = self._task(tag).run(request, token)
            LOG.debug("%s took %.2f s", tag, time.monotonic() - begun)
            return result
        except Cancelled:
            return Stopped()
        except StudioError as error:
            return Failed(_unicode(str(error)), _unicode(traceback.format_exc()))
        except MemoryError:
            _exit_out_of_memory()
        except Exception as error:
            if any(words in str(error).lower() for words in ALLOCATION_FAILED):
                _exit_out_of_memory()
            return _unexpected(request, error)

    def _task(self, tag: str) -> Task:
        return cast("Task", importlib.import_module(f"{self._package}.{tag}"))

    def _finish(self, token: PipeToken, reply: Result | Failed | Stopped) -> None:
        """Sends the result, after the last progress; from then on there is nothing to cancel."""
        token.close()
        failed_while_stopping = token.cancelled and isinstance(reply, Failed)
        frame = _frame(Stopped() if failed_while_stopping else reply)
        with self._lock:
            self._token = None
            self._write(frame)


class PipeLog(logging.Handler):
    """Sends to the window's log what is logged here: warnings of the libraries, and what this program says itself."""

    def __init__(self, worker: Worker) -> None:
        super().__init__()
        self._worker = worker
        self.addFilter(_is_worth_telling)

    def emit(self, record: logging.LogRecord) -> None:
        """Sends one line."""
        self._worker.send(LogLine(record.levelname, _unicode(record.getMessage())))


def main(package: str = TASKS) -> NoReturn:
    """The process. `package` is where the tasks are looked for: tests bring their own."""
    requests, replies = _claim_pipes()
    confine(int(os.environ.get(MEMORY_VARIABLE, "0")) or default_memory_limit())
    load_late(*LATE)
    worker = Worker(requests, replies, package)
    logging.getLogger().addHandler(PipeLog(worker))
    if os.environ.get(LOG_VARIABLE) == "debug":
        logging.getLogger(OWN).setLevel(logging.DEBUG)
    logging.captureWarnings(capture=True)
    worker.serve()


def _is_worth_telling(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] == OWN


def _first_tasks() -> Sequence[str]:
    asked = os.environ.get(FIRST_VARIABLE)
    return asked.split(",") if asked else FIRST_TASKS


def _claim_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Moves the two pipes away from standard input and output, where any library may read and write."""
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, replies


def _frame(reply: Result | Failed | Stopped) -> bytes:
    """The reply's frame, known to be readable on the other side; a failure where it would not be."""
    try:
        frame = encode(reply)
        decode_reply(frame[4:])
    except ProtocolError as error:
        sentence = "The result of the work cannot be shown: it is too large, or holds a figure that is not finite."
        return encode(Failed(sentence, str(error)))
    return frame


def _unexpected(request: Request, error: Exception) -> Failed:
    doing = LIMITS[type(request)].doing
    sentence = f"Something unexpected went wrong while {doing}: {type(error).__name__}: {error}"
    return Failed(_unicode(sentence), _unicode(traceback.format_exc()))


def _unicode(text: str) -> str:
    """The text without what UTF-8 cannot say: names of files in other encodings."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _exit_out_of_memory() -> NoReturn:
    """Ends the process: after a failed allocation nothing in it is sure to work."""
    with contextlib.suppress(Exception):
        traceback.print_exc(limit=-8)
        sys.stderr.flush()
    os._exit(EXIT_OUT_OF_MEMORY)
