"""How long measuring may take: what it asks for, unless the program only has to prove that it can measure."""

import os

VARIABLE = "COMPRESSION_STUDIO_MEASURE_SECONDS"
"""Seconds that a comparison of latencies takes at most; the self-test sets it for its workers."""


def at_most(seconds: float) -> float:
    """`seconds`, or what the environment grants where that is less."""
    return min(seconds, float(os.environ.get(VARIABLE) or seconds))
