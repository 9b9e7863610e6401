"""Freezes the program: one folder with both executables, the licences of all that is in it, and its bill of materials.

    python packaging/build.py base|full [--out dist] [--work build] [--compare FILES]

Needs the extra `package`. The same commit in the same environment gives the same files: OUT/SIZE/files.txt lists their
hashes, and --compare with the list of another build says what differs (exit status 1 where something does).
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT), str(HERE)]

from freeze.bill import bill_of  # noqa: E402
from freeze.components import components_of, write_texts  # noqa: E402

from desktop_app import __version__  # noqa: E402 - found by the line above

PROGRAM = "compression-studio"
MODULES = "modules.txt"
"""The spec writes there which modules it found."""


def main() -> int:
    """Freezes one size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("size", choices=("base", "full"))
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--work", type=Path, default=ROOT / "build")
    parser.add_argument("--compare", type=Path, metavar="FILES", help="files.txt of another build of this commit")
    args = parser.parse_args()
    other = args.compare.read_text(encoding="utf-8") if args.compare else None  # it may lie where this build goes
    out, work = args.out.resolve() / args.size, args.work.resolve() / args.size
    shutil.rmtree(out, ignore_errors=True)
    built = commit_time()
    freeze(args.size, out, work, built)
    folder = out / PROGRAM
    if sys.platform == "linux":
        finish_on_linux(folder)
    collect_licences((work / "studio" / MODULES).read_text(encoding="utf-8").split(), folder / "licences", built)
    listing = list_files(folder)
    (out / "files.txt").write_text(listing, encoding="utf-8")
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
    sys.stdout.write(f"{folder}: {size / 1e6:.0f} MB\n")
    if other is None:
        return 0
    differing = differences(listing, other)
    sys.stdout.write("\n".join(differing or ["the same files with the same hashes as the other build"]) + "\n")
    return 1 if differing else 0


def commit_time() -> int:
    """Seconds since 1970 of the commit, which stand for the time of the build."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(given)
    told = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607
    return int(told.stdout)


def freeze(size: str, out: Path, work: Path, built: int) -> None:
    """Runs PyInstaller in a process of its own, in which nothing is left to chance."""
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    command += ["--distpath", str(out), "--workpath", str(work), str(HERE / "freeze" / "studio.spec")]
    environment = {**os.environ, "STUDIO_SIZE": size, "PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": str(built)}
    environment.pop("PYTHONPATH", None)
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


def finish_on_linux(folder: Path) -> None:
    """One executable does for both names, and Python's library needs no symbols for a debugger (17 MB)."""
    (folder / f"{PROGRAM}-window").symlink_to(PROGRAM)
    for library in (folder / "_internal").glob("libpython*.so.*"):
        subprocess.run(["strip", "--strip-unneeded", str(library)], check=True)  # noqa: S607


def collect_licences(modules: list[str], folder: Path, built: int) -> None:
    """Puts the terms, the list for the About box and the bill of materials into a folder."""
    components = components_of(modules, HERE / "licences")
    write_texts(components, folder)
    shutil.copyfile(ROOT / "LICENSE", folder / "LICENSE.txt")
    shutil.copyfile(HERE / "licences" / "NOTICE.txt", folder / "NOTICE.txt")
    listed = [{"name": one.name, "version": one.version, "licence": one.licence} for one in components]
    (folder / "components.json").write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")
    (folder / "sbom.cdx.json").write_text(bill_of(components, __version__, built) + "\n", encoding="utf-8")


def differences(listing: str, other: str) -> list[str]:
    """What two lists of files do not share, by the places of the files: `+` only here, `-` only there, `!` other."""
    here, there = (dict(reversed(line.split("  ", 1)) for line in text.splitlines()) for text in (listing, other))
    marks = {place: "+" if place not in there else "-" if place not in here else "!" for place in {*here, *there}}
    return [f"{marks[place]} {place}" for place in sorted(marks) if here.get(place) != there.get(place)]


def list_files(folder: Path) -> str:
    """Every file with its hash, in order; what links point to stands for them."""
    lines = []
    for file in sorted(folder.rglob("*")):
        place = file.relative_to(folder).as_posix()
        if file.is_symlink():
            lines.append(f"-> {file.readlink().as_posix()}  {place}")
        elif file.is_file():
            lines.append(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {place}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
