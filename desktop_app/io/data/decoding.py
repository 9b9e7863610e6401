"""Decoding in parallel: ahead of whoever reads, but only so far, and in order."""

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD_PER_THREAD = 4


def decoding_threads() -> int:
    """One less than the cores that this process may use, at least one, at most eight."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(max(cores - 1, 1), 8)


def in_order(
    decode: Callable[[Item], Result], items: Iterable[Item], threads: int
) -> Iterator[tuple[Item, Result | Exception, float]]:
    """Applies `decode` to every item in several threads.

    Yields:
        In the order of `items`: the item, what came of it or the exception that it raised, and the seconds it took.
        At most `AHEAD_PER_THREAD` results a thread wait to be read, so memory does not grow with the data.
    """
    remaining = iter(items)
    with ThreadPoolExecutor(threads, thread_name_prefix="decode") as pool:
        waiting: deque[tuple[Item, Future[tuple[Result | Exception, float]]]] = deque()
        try:
            for item in islice(remaining, threads * AHEAD_PER_THREAD):
                waiting.append((item, pool.submit(_timed, decode, item)))
            while waiting:
                item, future = waiting.popleft()
                result, seconds = future.result()
                for following in islice(remaining, 1):
                    waiting.append((following, pool.submit(_timed, decode, following)))
                yield item, result, seconds
        finally:  # whoever stops reading early does not wait for the rest
            for _, future in waiting:
                future.cancel()


def _timed(decode: Callable[[Item], Result], item: Item) -> tuple[Result | Exception, float]:
    start = time.perf_counter()
    try:
        result: Result | Exception = decode(item)
    except Exception as error:  # the reader decides what a failure means
        result = error
    return result, time.perf_counter() - start
