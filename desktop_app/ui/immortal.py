"""Keeps PySide6 from destroying Python's constants.

PySide6 6.12.0 gives back references that it never took: one to True with every `Signal.emit`, one to None with every
call of a slot. From Python 3.12 on these objects cannot be destroyed (PEP 683). Before, the program ends with "Fatal
Python error: deallocating True or False" after some hundred to thousand signals.
"""

import ctypes
import sys

_REFERENCES = 1 << 40
"""More than any program gives back in its life, few enough not to overflow."""


def make_constants_immortal() -> None:
    """Gives None, True and False so many references that none of them is ever destroyed; needed before Python 3.12."""
    if sys.version_info < (3, 12):
        for constant in (None, True, False):
            ctypes.c_ssize_t.from_address(id(constant)).value += _REFERENCES
