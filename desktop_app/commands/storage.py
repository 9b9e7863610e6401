"""How a database is named on the command line."""

import re
from pathlib import Path

STORAGE_VARIABLE = "COMPRESSION_STUDIO_STORAGE"
"""Where passwords are better than on the command line, which other users of the machine can see."""

FILE = re.compile(r"(?P<start>sqlite(\+\w+)?:///)(?P<path>[^?]+)(?P<rest>.*)", re.DOTALL)


def placed(storage: str) -> str:
    """The address with the place of a file as it is seen from here: who searches works in another folder."""
    named = FILE.fullmatch(storage)
    if named is None or named["path"].startswith((":", "file:")):
        return storage
    return f"{named['start']}{Path(named['path']).absolute().as_posix()}{named['rest']}"
