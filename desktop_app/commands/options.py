"""Options that several commands have."""

import os
from typing import Annotated

import typer

MOST_SECONDS = 86_400.0

Threads = Annotated[
    int, typer.Option("--threads", min=0, max=os.cpu_count() or 1, help="Threads to measure with; 0: cores - 1.")
]
"""More than there are cores would wait for each other."""

Seconds = Annotated[
    float,
    typer.Option(
        "--seconds",
        min=0.0,
        max=MOST_SECONDS,
        help="To measure the finished model: less is sooner done, and rougher.",
    ),
]
"""`USUAL_SECONDS` where left out."""
