"""Where the frozen program begins; PyInstaller wants a script."""

from desktop_app.__main__ import main

main()
