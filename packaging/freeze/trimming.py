"""Which of the files that PyInstaller found are shipped."""

from pathlib import PurePath

UNUSED_QT = (
    "Qml",
    "Quick",
    "Pdf",
    "VirtualKeyboard",
    "Designer",
    "Labs",
    "Help",
    "Sql",
    "QtTest",
    "UiTools",
    "ShaderTools",
    "Concurrent",
    "WebEngine",
    "EglFS",
    "EglFs",
)
"""Parts of Qt, by a piece of their libraries' names."""

UNUSED_PLUGINS = (
    "qml",
    "qmltooling",
    "virtualkeyboard",
    "sqldrivers",
    "designer",
    "networkinformation",
    "tls",
    "egldeviceintegrations",
    "libqgtk3.so",
    "libqeglfs.so",
    "libqlinuxfb.so",
    "libqvnc.so",
    "libqminimalegl.so",
    "libqtiff.so",
    "libqwbmp.so",
    "libqtga.so",
    "libqicns.so",
)
"""Qt's plugins, by folder or file. GTK's theme would bring GTK along; the theme is our own."""

TRANSLATIONS = ("qtbase_zh_CN.qm", "qtbase_en.qm")
UNUSED_TORCH = (
    "torch/bin/",
    "torch/include/",
    "torch/share/",
    "torch/test/",
    "torch/lib/libtorch_cuda",
    "torch/lib/libtorchbind_test",
    "torch/lib/libjitbackend_test",
    "torch/lib/libbackend_with_compiler",
)
USED_TORCH = "torch/bin/torch_shm_manager"
"""torch looks for it when it is imported; all else in that folder are tests and compilers."""
STATIC = (".a", ".lib", ".h", ".hpp", ".cuh", ".pyi", ".cmake")

SYSTEM = ("/lib/", "/usr/lib/", "/lib64/", "/usr/lib64/")
BROUGHT = (
    "libpython",
    "libssl",
    "libcrypto",
    "libffi",
    "libbz2",
    "liblzma",
    "libexpat",
    "libz.",
    "libuuid",
    "libsqlite3",
    "libreadline",
    "libtinfo",
    "libncurses",
    "libmpdec",
    "libcrypt.",
)
"""What Python itself needs, whose names change between releases of Debian. All else of the system is what the package
depends on: a copy of the C++ runtime or of X would be older than what drivers of graphics were built with."""


def is_needed(target: str, source: str) -> bool:
    """Whether a file is shipped.

    Args:
        target: Its place in the folder of the program.
        source: Where it was found.
    """
    path = PurePath(target.replace("\\", "/"))
    text = path.as_posix()
    if path.suffix in STATIC or (text.startswith(UNUSED_TORCH) and not text.startswith(USED_TORCH)):
        return False
    if source.startswith(SYSTEM) and path.suffix != ".py" and ".so" in path.name and "python3" not in source:
        return path.name.startswith(BROUGHT)
    if path.name.startswith(("libQt6", "Qt6", "Qt", "libpyside6")) and any(part in path.name for part in UNUSED_QT):
        return False
    if "PySide6" not in path.parts:
        return True
    if "translations" in path.parts:
        return path.name in TRANSLATIONS
    return not any(part in UNUSED_PLUGINS for part in path.parts)
