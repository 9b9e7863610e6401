"""Finds every text that a user can read, and compares it with the catalogues in resources/translations.

    python packaging/texts.py --check            what is missing, unused, empty, or has other placeholders; 1 if any
    python packaging/texts.py --missing zh_CN    the texts without an entry, as JSON with the places they come from
    python packaging/texts.py --take zh_CN FILE  takes entries from a JSON file, and drops those that nothing uses

What counts as a text for users:

1. In `desktop_app/ui`, `app.py`: literals given to `tr`, `plural`, `tell`.
2. Everywhere: literals where `Words` are expected (see `desktop_app/core/language.py`): arguments of calls, values of
   annotated constants, what is returned by functions annotated `-> Words`.
3. Elsewhere but the command line, which stays English: every literal and f-string of several words that is neither a
   docstring nor given to a log, a pattern or an internal error. Placeholders of f-strings are named after what fills
   them: `f"{clean_name(layer.name)} has {len(rows)} rows"` is "{name} has {rows} rows".
4. In `resources/report.html.j2`: what is given to the filter `tr` and to the function `plural`.
5. Title and tip of the presets: their first two lines.
"""

import argparse
import ast
import json
import re
import string
import sys
from collections.abc import Mapping
from pathlib import Path

from text_reader import Expectations, Reader, Texts

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "desktop_app"
CATALOGUES = ROOT / "resources" / "translations"
ENGLISH_ONLY = ("cli.py", "__main__.py", "opening.py", "commands", "self_test")
"""The command line is English, and so is the test of the frozen program."""


def all_texts() -> Texts:
    """Every text that a user can read."""
    texts = Texts()
    files = sorted(PACKAGE.rglob("*.py"))
    trees = {path: ast.parse(path.read_text("utf-8")) for path in files}
    expected = Expectations(trees.values())
    for path, tree in trees.items():
        inside = path.relative_to(PACKAGE)
        sentences = inside.parts[0] not in (*ENGLISH_ONLY, "ui", "app.py")
        Reader(texts, str(path.relative_to(ROOT)), expected, sentences).read(tree)
    for path in sorted((ROOT / "resources" / "presets").glob("*.yaml")):
        for line in path.read_text("utf-8").splitlines()[:2]:
            if line.startswith("# "):
                texts.add(line[2:].strip(), str(path.relative_to(ROOT)))
    _read_templates(texts)
    return texts


def _read_templates(texts: Texts) -> None:
    """What the pages made by jinja say: {{ "..." | tr }} and {{ plural(count, "...", "...") }}."""
    quoted = r'"((?:[^"\\]|\\.)*)"'
    for path in sorted((ROOT / "resources").glob("*.j2")):
        source = path.read_text("utf-8")
        for match in re.finditer(rf"{quoted}\s*\|\s*tr\b", source):
            texts.add(match[1], path.name)
        for match in re.finditer(rf"plural\([^\"]*?,\s*{quoted},\s*{quoted}", source):
            texts.singular.add(match[1])
            texts.add(match[2], path.name)


def placeholders(text: str) -> set[str]:
    """The names of a text's placeholders. Raises ValueError where braces do not close."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def faults(texts: Texts, entries: Mapping[str, str]) -> list[str]:
    """What is wrong with a catalogue, a line each."""
    lines = [
        f"missing: {text!r} ({', '.join(places[:2])})" for text, places in texts.found.items() if text not in entries
    ]
    lines += [f"unused: {text!r}" for text in entries if text not in texts.found]
    for text, translation in entries.items():
        if not translation.strip():
            lines.append(f"empty: {text!r}")
        elif text in texts.found and _differ(text, translation):
            lines.append(f"placeholders differ: {text!r} -> {translation!r}")
    return lines


def _differ(text: str, translation: str) -> bool:
    try:
        return placeholders(text) != placeholders(translation)
    except ValueError:
        return True


def read_catalogue(path: Path) -> dict[str, str]:
    """The entries of a catalogue."""
    entries: dict[str, str] = json.loads(path.read_text("utf-8"))
    return entries


def write_catalogue(path: Path, entries: Mapping[str, str]) -> None:
    """Writes entries in the order of the alphabet, so that changes are easy to read."""
    path.write_text(json.dumps(entries, ensure_ascii=False, indent=2, sort_keys=True) + "\n", "utf-8")


def main() -> int:
    """Does what the arguments ask for; returns the exit status."""
    parser = argparse.ArgumentParser(description="Compares the texts of the program with its catalogues.")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--missing", metavar="CODE")
    parser.add_argument("--take", nargs=2, metavar=("CODE", "FILE"))
    arguments = parser.parse_args()
    texts = all_texts()
    if arguments.take:
        path = CATALOGUES / f"{arguments.take[0]}.json"
        entries = {**read_catalogue(path), **read_catalogue(Path(arguments.take[1]))}
        write_catalogue(path, {text: entries[text] for text in entries if text in texts.found})
    if arguments.missing:
        entries = read_catalogue(CATALOGUES / f"{arguments.missing}.json")
        missing = {text: places[0] for text, places in texts.found.items() if text not in entries}
        sys.stdout.write(json.dumps(missing, ensure_ascii=False, indent=1) + "\n")
    if not arguments.check:
        return 0
    lines = [
        f"{path.stem}: {line}"
        for path in sorted(CATALOGUES.glob("*.json"))
        for line in faults(texts, read_catalogue(path))
    ]
    sys.stdout.write("\n".join(lines) + "\n" if lines else "")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
