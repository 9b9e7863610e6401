"""Options that several commands have."""

from typing import Annotated

import typer

Threads = Annotated[int, typer.Option("--threads", min=0, help="Threads to measure with; 0: cores - 1.")]
"""Cores - 1 where left out."""

Seconds = Annotated[
    float, typer.Option("--seconds", min=0.0, help="To measure the finished model: less is sooner done, and rougher.")
]
"""`USUAL_SECONDS` where left out."""
