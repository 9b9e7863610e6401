"""The command of a worker that finds its tasks in `misbehaving`."""

import sys
from pathlib import Path

COMMAND = [
    sys.executable,
    "-P",
    "-c",
    f"import sys; sys.path.append({str(Path(__file__).parent)!r}); "
    "from desktop_app.jobs.worker import main; main('misbehaving')",
]
