"""One worker process, seen from the side that starts it: pipes, threads that read them, and its end."""

import contextlib
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import IO, BinaryIO, cast

import psutil

from desktop_app.core.program import program_environment
from desktop_app.jobs.deaths import memory_kills
from desktop_app.jobs.messages import Cancel, Ready, Reply, Request
from desktop_app.jobs.protocol import ProtocolError, decode_reply, encode, read_payload

KEPT_ERRORS = 16 * 2**10
"""Bytes of the worker's standard error that are kept for the details of a failure."""
WAITING_REPLIES = 256
"""A worker that says more than anybody reads has to wait."""
LEAVE_SECONDS = 1.0


@dataclass(frozen=True)
class Ended:
    """The worker says nothing any more: its pipe ended, or it sent what is no message."""

    error: ProtocolError | None = None


class WorkerProcess:
    """A running worker. The thread that makes it must live as long as it: where that ends, so does the worker (Linux).

    Args:
        command: What to start.
        folder: Its current folder, so that no relative path leads to the user's files.
        variables: Added to its environment.

    Raises:
        OSError: when it cannot be started.
    """

    def __init__(self, command: Sequence[str], folder: Path, variables: Mapping[str, str]) -> None:
        self.ready = False
        self._born = monotonic()
        self._kills_before = memory_kills()
        self._popen = _start(command, folder, variables)
        self._replies: queue.Queue[Reply | Ended | None] = queue.Queue(WAITING_REPLIES)
        self._errors = b""
        self._threads = (
            threading.Thread(target=self._read_replies, name="worker replies", daemon=True),
            threading.Thread(target=self._read_errors, name="worker errors", daemon=True),
        )
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        """The process's number, and that of its group."""
        return self._popen.pid

    @property
    def errors(self) -> str:
        """The end of what it wrote to standard error."""
        return self._errors.decode("utf-8", "replace")

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._popen.poll() is None

    @property
    def age(self) -> float:
        """Seconds since it was started."""
        return monotonic() - self._born

    @property
    def out_of_memory(self) -> bool:
        """Whether the system has killed something for lack of memory since this worker started."""
        return memory_kills() > self._kills_before

    def seconds_worked(self) -> float:
        """Seconds that it has computed in its life; 0 when it is gone."""
        try:
            times = psutil.Process(self.pid).cpu_times()
        except psutil.Error:
            return 0.0
        return times.user + times.system

    def send(self, message: Request | Cancel) -> None:
        """Sends a message. A worker that is gone does not hear it; `receive` tells.

        Raises:
            ProtocolError: when the message cannot be sent.
        """
        frame = encode(message)
        stream = cast("BinaryIO", self._popen.stdin)
        with contextlib.suppress(OSError, ValueError):
            stream.write(frame)
            stream.flush()

    def receive(self, timeout: float) -> Reply | Ended | None:
        """The next reply; None after `timeout` seconds without one, or when `wake` was called."""
        try:
            reply = self._replies.get(timeout=timeout) if timeout > 0 else self._replies.get_nowait()
        except queue.Empty:
            return None
        self.ready = self.ready or isinstance(reply, Ready)
        return reply

    def wake(self) -> None:
        """Makes `receive` return in the thread that waits there."""
        with contextlib.suppress(queue.Full):  # then it is not waiting
            self._replies.put_nowait(None)

    def wait(self) -> int:
        """The exit status of a worker whose pipe has ended; one that lingers is killed."""
        try:
            return self._popen.wait(LEAVE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._popen.wait()

    def kill(self) -> None:
        """Kills the worker and all that it has started, at once; from any thread."""
        with contextlib.suppress(ProcessLookupError, PermissionError, psutil.NoSuchProcess):
            if sys.platform == "win32":
                for child in psutil.Process(self.pid).children(recursive=True):
                    child.kill()
                self._popen.kill()
            else:
                os.killpg(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """Kills the worker and waits until nothing of it is left: neither process nor thread nor pipe."""
        self.kill()
        self._popen.wait()
        deadline = monotonic() + LEAVE_SECONDS
        while any(thread.is_alive() for thread in self._threads) and monotonic() < deadline:
            self.receive(0.01)  # makes room for what the thread still wants to say
        with contextlib.suppress(queue.Full):
            self._replies.put_nowait(Ended())  # for whoever still waits
        for stream in (self._popen.stdin, self._popen.stdout, self._popen.stderr):
            with contextlib.suppress(OSError):
                cast("IO[bytes]", stream).close()

    def _read_replies(self) -> None:
        stream = cast("BinaryIO", self._popen.stdout)
        try:
            while (payload := read_payload(stream)) is not None:
                self._replies.put(decode_reply(payload))
        except ProtocolError as error:
            self._replies.put(Ended(error))
        else:
            self._replies.put(Ended())

    def _read_errors(self) -> None:
        stream = cast("IO[bytes]", self._popen.stderr)
        with contextlib.suppress(OSError, ValueError):  # closed, since something of the worker's kept it open
            while chunk := os.read(stream.fileno(), KEPT_ERRORS):
                self._errors = (self._errors + chunk)[-KEPT_ERRORS:]
                logging.getLogger(__name__).info("%s", chunk.decode("utf-8", "replace").rstrip())


def _start(command: Sequence[str], folder: Path, variables: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Starts the process in its own group, with pipes."""
    flags = 0
    if sys.platform == "win32":
        flags = (
            subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.BELOW_NORMAL_PRIORITY_CLASS | subprocess.CREATE_NO_WINDOW
        )
    return subprocess.Popen(
        list(command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=program_environment(**variables),
        start_new_session=True,
        creationflags=flags,
    )
