"""Makes a Debian package and a plain archive of a frozen program; needs fakeroot and dpkg-deb.

    python packaging/linux/package.py dist/base base

Writes beside the program's folder compression-studio_VERSION_amd64.deb (the full size is called
compression-studio-full), and compression-studio-VERSION-SIZE-linux-x86_64.tar.xz. The same folder gives the same bytes:
nothing is compressed in parallel, which cuts it differently by the number of cores.
"""

import argparse
import gzip
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "packaging")]

from build import PROGRAM, commit_time  # noqa: E402 - found by the line above

from desktop_app import __version__  # noqa: E402

HOME = Path("usr/lib") / PROGRAM
COMMANDS = (PROGRAM, f"{PROGRAM}-window")
NAMES = {"base": PROGRAM, "full": f"{PROGRAM}-full"}
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
DESCRIPTIONS = {
    "base": "Prunes, factorises and quantises ONNX models by point and click.",
    "full": "Prunes, factorises, quantises and retrains ONNX models by point and click; comes with PyTorch.",
}
CONTROL = """\
Package: {name}
Version: {version}
Architecture: {architecture}
Maintainer: Compression Studio <packages@compression-studio.invalid>
Installed-Size: {kilobytes}
Depends: {depends}
Recommends: fonts-noto-cjk
Conflicts: {other}
Replaces: {other}
Section: science
Priority: optional
Description: makes neural networks small and fast
 {description}
 What is exported is a standard ONNX file, checked against the original.
"""


def main() -> int:
    """Makes both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where packaging/build.py has put the program's folder")
    parser.add_argument("size", choices=tuple(NAMES))
    args = parser.parse_args()
    frozen = args.folder / PROGRAM
    if not (frozen / PROGRAM).is_file():
        parser.error(f"{frozen} holds no frozen program: run packaging/build.py first")
    missing = missing_libraries(frozen)
    if missing:
        sys.stderr.write(f"neither shipped nor on this system: {', '.join(sorted(missing))}\n")
        return 1
    with tempfile.TemporaryDirectory() as temporary:
        tree = Path(temporary) / "tree"
        lay_out(tree, frozen, args.size)
        package = build_package(tree, args.folder, args.size)
    archive = build_archive(frozen, args.folder, args.size)
    for made in (package, archive):
        sys.stdout.write(f"{made}: {made.stat().st_size / 1e6:.1f} MB\n")
    return 0


def missing_libraries(frozen: Path) -> set[str]:
    """Libraries that something in the folder needs and that are nowhere to be found."""
    missing = set[str]()
    for file in frozen.rglob("*.so*"):
        if file.is_symlink():
            continue
        told = subprocess.run(["ldd", str(file)], capture_output=True, text=True, check=False)  # noqa: S607
        missing |= {line.split("=>")[0].strip() for line in told.stdout.splitlines() if "not found" in line}
    shipped = {file.name for file in frozen.rglob("*.so*")}
    return missing - shipped


def lay_out(tree: Path, frozen: Path, size: str) -> None:
    """Puts every file where the package has it."""
    shutil.copytree(frozen, tree / HOME, symlinks=True)
    commands = tree / "usr/bin"
    commands.mkdir(parents=True)
    for name in COMMANDS:
        (commands / name).symlink_to(Path("..") / HOME.relative_to("usr") / name)
    documents = f"usr/share/doc/{NAMES[size]}"
    for source, place in (
        (HERE / "compression-studio.desktop", f"usr/share/applications/{PROGRAM}.desktop"),
        (HERE / "compression-studio.xml", f"usr/share/mime/packages/{PROGRAM}.xml"),
        (ROOT / "resources/icons/studio.svg", f"usr/share/icons/hicolor/scalable/apps/{PROGRAM}.svg"),
        (ROOT / "packaging/licences/NOTICE.txt", f"{documents}/copyright"),
    ):
        target = tree / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    log = gzip.compress((ROOT / "CHANGELOG.md").read_bytes(), mtime=0)
    (tree / documents / "changelog.gz").write_bytes(log)
    for place in [tree, *tree.rglob("*")]:
        if not place.is_symlink():
            place.chmod(0o755 if place.is_dir() or os.access(place, os.X_OK) else 0o644)


def build_package(tree: Path, out: Path, size: str) -> Path:
    """Runs dpkg-deb on the tree, as if root owned it."""
    architecture = ARCHITECTURES[platform.machine()]
    depends = [line.strip() for line in (HERE / "depends.txt").read_text(encoding="utf-8").splitlines() if line.strip()]
    kilobytes = sum(file.stat().st_size for file in tree.rglob("*") if file.is_file() and not file.is_symlink()) // 1024
    control = tree / "DEBIAN" / "control"
    control.parent.mkdir()
    control.write_text(
        CONTROL.format(
            name=NAMES[size],
            version=__version__,
            architecture=architecture,
            kilobytes=kilobytes,
            depends=", ".join(depends),
            other=next(name for key, name in NAMES.items() if key != size),
            description=DESCRIPTIONS[size],
        ),
        encoding="utf-8",
    )
    package = out / f"{NAMES[size]}_{__version__}_{architecture}.deb"
    command = ["fakeroot", "dpkg-deb", "--build", "-Zxz", "-z6", str(tree), str(package)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(commit_time()), "DPKG_DEB_THREADS_MAX": "1"}
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    return package


def build_archive(frozen: Path, out: Path, size: str) -> Path:
    """The folder by itself, for systems without dpkg."""
    archive = out / f"{PROGRAM}-{__version__}-{size}-linux-{platform.machine()}.tar.xz"
    command = ["tar", "--sort=name", "--owner=0", "--group=0", "--numeric-owner", f"--mtime=@{commit_time()}"]
    command += ["-C", str(frozen.parent), "-cJf", str(archive), frozen.name]
    subprocess.run(command, env={**os.environ, "XZ_OPT": "-6 -T1"}, check=True)
    return archive


if __name__ == "__main__":
    sys.exit(main())
