"""The command line, one command a file; each sends requests to the worker and prints what comes back."""

NAMES = (
    "inspect",
    "compress",
    "benchmark",
    "evaluate",
    "search",
    "worker",
    "design",
    "sensitivity",
    "export",
    "convert",
    "demo",
)
"""The commands: known before any is imported, so that the window need not wait for them."""
