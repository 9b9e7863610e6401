"""Makes an environment for each peer, in a folder outside the project: they pin different releases of packages.

Torch comes in the one release that the project pins. Nothing here brings torchvision, nor may it be imported.

Run: python tests/benchmarks/peers/install.py FOLDER [--peers nncf,onnxsim]
"""

import argparse
import subprocess
import sys
import venv
from pathlib import Path

REQUIREMENTS = Path(__file__).parent / "requirements"
WITHOUT_DEPENDENCIES = ".no-deps"
"""Ends the names of requirements whose own requirements are listed beside them, with what must not come left out."""


def peers() -> tuple[str, ...]:
    """Names of the environments."""
    return tuple(
        sorted(path.stem for path in REQUIREMENTS.glob("*.txt") if not path.stem.endswith(WITHOUT_DEPENDENCIES))
    )


def interpreter(folder: Path, peer: str) -> Path:
    """Python of a peer's environment, whether it is there or not."""
    return folder / peer / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def install(folder: Path, peer: str) -> None:
    """Makes the environment of a peer, or completes it.

    Raises:
        subprocess.CalledProcessError: when a package cannot be installed; pip has said why.
    """
    if not interpreter(folder, peer).exists():
        venv.create(folder / peer, symlinks=sys.platform != "win32", with_pip=True)
    pip = [str(interpreter(folder, peer)), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "-r", str(REQUIREMENTS / f"{peer}.txt")], check=True)
    alone = REQUIREMENTS / f"{peer}{WITHOUT_DEPENDENCIES}.txt"
    if alone.exists():
        subprocess.run([*pip, "--no-deps", "-r", str(alone)], check=True)


def main() -> int:
    """Installs one after another; 1 if one of them failed."""
    parser = argparse.ArgumentParser(description="Environments for the peers.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peers", default=",".join(peers()))
    arguments = parser.parse_args()
    failed = False
    for peer in arguments.peers.split(","):
        try:
            install(arguments.folder, peer)
            sys.stdout.write(f"{peer}: installed\n")
        except subprocess.CalledProcessError as error:
            failed = True
            sys.stdout.write(f"{peer}: {error}\n")
        sys.stdout.flush()
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
