"""Does what the request's path says."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from desktop_app.core.errors import StudioError
from desktop_app.core.progress import Measurement, Progress, Token
from desktop_app.core.recipe import Recipe
from desktop_app.jobs.recipes import ReadRecipe, RecipeRead


def run(request: ReadRecipe, token: Token) -> RecipeRead:
    word, _, argument = request.path.partition(" ")
    BEHAVIOURS[word](argument, token)
    return RecipeRead(request.path, Recipe())


def modules(_: str, token: Token) -> None:
    loaded = sorted({name.partition(".")[0] for name in sys.modules})
    facts = {"modules": loaded, "nice": os.nice(0), "group": os.getpgrp() == os.getpid(), "folder": str(Path.cwd())}
    token.report(Progress("facts", 1.0, json.dumps(facts)))


def segfault(_: str, token: Token) -> None:
    ctypes.string_at(0)


def signal_self(number: str, token: Token) -> None:
    os.kill(os.getpid(), int(number))
    time.sleep(60)


def leave(status: str, token: Token) -> None:
    sys.stderr.write("a last word\n")
    sys.stderr.flush()
    os._exit(int(status))


def allocate(count: str, token: Token) -> None:
    np.ones(int(count), np.uint8)


def native_allocation(_: str, token: Token) -> None:
    raise RuntimeError("std::bad_alloc")


def hang(_: str, token: Token) -> None:
    signal.pause()


def lost(_: str, token: Token) -> None:
    while True:
        pass


def chatter(_: str, token: Token) -> None:
    while True:
        token.report(Progress("chatter", 0.5))
        time.sleep(0.01)


def obey(_: str, token: Token) -> None:
    token.report(Progress("obey", 0.0))
    while True:
        token.check()
        time.sleep(0.002)


def clean_up(seconds: str, token: Token) -> None:
    token.report(Progress("clean up", 0.0))
    while not token.cancelled:
        time.sleep(0.002)
    time.sleep(float(seconds))
    token.check()


def break_down(_: str, token: Token) -> None:
    token.report(Progress("break down", 0.0, "a name \udcff"))
    token.report(Progress("working", 0.0))
    while not token.cancelled:
        time.sleep(0.002)
    raise StudioError("the half that was done is of no use")


def compute(seconds: str, token: Token) -> None:
    token.report(Progress("compute", 0.0))
    end = time.monotonic() + float(seconds)
    matrix = np.random.default_rng(0).normal(size=(400, 400))
    while time.monotonic() < end:
        np.linalg.svd(matrix)
        token.check()


def infer(size: str, token: Token) -> None:
    """Runs a product of large matrices in ONNX Runtime, which lets other threads work meanwhile."""
    import onnx_ir as ir

    from desktop_app.graph.model import Model
    from desktop_app.graph.runtime import open_session

    matrix = np.ones((int(size), int(size)), np.float32)
    x = ir.Input("x", ir.Shape(matrix.shape), ir.TensorType(ir.DataType.FLOAT))
    product = ir.node("MatMul", [x, x])
    graph = ir.Graph([x], product.outputs, nodes=[product], opset_imports={"": 17}, name="product")
    session = open_session(Model(ir.Model(graph, ir_version=8)))
    token.report(Progress("infer", 0.0))
    while True:
        token.check()
        session.run(None, {"x": matrix})


def spin(_: str, token: Token) -> None:
    token.report(Progress("spin", 0.0))
    while True:
        pass


def child(_: str, token: Token) -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    token.report(Progress("child", 0.0, str(process.pid)))
    time.sleep(60)


def raw(which: str, token: Token) -> None:
    """Writes to the pipe behind the worker's back: its copy is the highest descriptor that is a pipe for writing."""
    token.report(Progress("raw", 0.0))
    time.sleep(0.05)
    data = {
        "garbage": b"\x00\x00\x00\x05hello",
        "untyped": b"\x00\x00\x00\x0f" + b'{"type":"nope"}',
        "oversize": b"\xff\xff\xff\xff",
        "truncated": b"\x00\x00\x10\x00{",
    }[which]
    os.write(_reply_pipe(), data)
    if which == "truncated":
        os._exit(0)
    time.sleep(60)


def _reply_pipe() -> int:
    import gc
    import io

    gc.unfreeze()  # the worker takes what it starts with out of the collector's sight
    return next(o.fileno() for o in gc.get_objects() if isinstance(o, io.BufferedWriter) and o.fileno() > 2)


def print_much(_: str, token: Token) -> None:
    print("not a message")  # noqa: T201
    os.write(1, b"neither is this\n" * 1000)
    subprocess.run([sys.executable, "-c", "print('nor this')"], check=True)


def sentence(text: str, token: Token) -> None:
    raise StudioError(text)


def unexpected(text: str, token: Token) -> None:
    raise ZeroDivisionError(text + "\udcff")


def measure(count: str, token: Token) -> None:
    for index in range(int(count)):
        token.report(Measurement("bytes", float(index), "final"))
        token.report(Progress("measure", index / int(count)))
    token.report(Measurement("bytes", float("nan"), "final"))
    token.report(Progress("measure", 1.0))


def fine(_: str, token: Token) -> None:
    token.report(Progress("fine", 1.0))


BEHAVIOURS = {name.replace("_", "-"): function for name, function in globals().items() if callable(function)}
