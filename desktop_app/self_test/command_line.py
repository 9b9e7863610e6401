"""Part of the self-test: the program as a command, in a process of its own, as a script would use it."""

import json
import subprocess

from desktop_app.core.errors import StudioError
from desktop_app.core.program import program_command, program_environment
from desktop_app.core.resources import resource
from desktop_app.self_test.trial import Trial

PATIENCE_SECONDS = 120.0


def inspect_sample(trial: Trial) -> str:
    """Arguments are read, a worker is started, and what it found is told as JSON."""
    del trial
    command = program_command("inspect", str(resource("sample/digits.onnx")), "--json")
    done = subprocess.run(
        command, env=program_environment(), capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    if done.returncode:
        raise StudioError(done.stderr.strip() or f"exit status {done.returncode}")
    return f"inspect tells {len(json.loads(done.stdout)['layers'])} layers"
