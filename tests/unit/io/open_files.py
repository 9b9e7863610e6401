"""Opens files as a worker would, in a process of its own with a memory limit; prints what came of each as JSON.

Arguments: a folder for private copies, then the files. Tells every file that was opened on the way.
"""

import contextlib
import json
import logging
import sys
import tempfile
from pathlib import Path
from time import monotonic

from desktop_app.core.errors import InvalidFileError
from desktop_app.io.onnx_reader import read_untrusted

MEMORY = 4 * 2**30
touched: list[str] = []


def watch(event: str, arguments: tuple[object, ...]) -> None:
    """Notes what is opened, linked, renamed or removed."""
    if event in ("open", "os.remove", "os.rename", "os.link", "os.symlink", "os.mkdir", "os.truncate"):
        touched.extend(str(one) for one in arguments[:1] if isinstance(one, (str, Path)))


def main(folder: str, *paths: str) -> None:
    """Opens one after the other."""
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    logging.disable(logging.CRITICAL)
    sys.addaudithook(watch)
    for path in paths:
        touched.clear()
        started = monotonic()
        private = tempfile.mkdtemp(dir=folder)
        try:
            model, _ = read_untrusted(Path(path), Path(private) / "copy")
            for value in model.graph.initializers.values():
                if value.const_value is not None and value.const_value.dtype.name != "STRING":
                    value.const_value.numpy()
            outcome = {"opened": len(list(model.graph.all_nodes()))}
        except InvalidFileError as error:
            outcome = {"refused": str(error)}
        except Exception as error:
            outcome = {"failed": repr(error)}
        outcome |= {"path": path, "seconds": monotonic() - started, "touched": sorted(set(touched))}
        sys.stdout.write(json.dumps(outcome) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
