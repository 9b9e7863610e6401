"""The version resource of an executable on Windows."""

from typing import Any


def version_resource(name: str, version: str) -> Any:
    """What Explorer shows of an executable.

    Args:
        name: Of the executable, without its ending.
        version: Three numbers with dots.
    """
    from PyInstaller.utils.win32.versioninfo import (
        FixedFileInfo,
        StringFileInfo,
        StringStruct,
        StringTable,
        VarFileInfo,
        VarStruct,
        VSVersionInfo,
    )

    numbers = (*(int(part) for part in version.split(".")[:3]), 0)
    texts = {
        "FileDescription": "Compression Studio",
        "FileVersion": version,
        "InternalName": name,
        "LegalCopyright": "The Compression Studio authors. Licensed under Apache-2.0.",
        "OriginalFilename": f"{name}.exe",
        "ProductName": "Compression Studio",
        "ProductVersion": version,
    }
    table = StringTable("040904B0", [StringStruct(key, text) for key, text in texts.items()])
    parts = [StringFileInfo([table]), VarFileInfo([VarStruct("Translation", [0x0409, 1200])])]
    return VSVersionInfo(ffi=FixedFileInfo(filevers=numbers, prodvers=numbers), kids=parts)
