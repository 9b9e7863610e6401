"""Every text of the program stands in its catalogues, and the tool that says so finds what it should."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "packaging"
sys.path.append(str(FOLDER))
from text_reader import Expectations, Reader, Texts  # noqa: E402
from texts import faults  # noqa: E402

TABLE = '''
Titles: TypeAlias = Mapping[str, Words]

@dataclass
class Row:
    key: str
    title: Words
    tip: Words = ""

ROWS = (Row("key one", "First title", tip="A tip."), Row("key two", "Second"))
MENUS: Mapping[str, Words] = {"file menu": "File"}

def refuse(sentence: Words, code: str) -> None:
    """Says why it is not done."""

def why_not(ready: bool) -> Words:
    return "" if ready else f"Wait for {task.title}."

refuse("Not now.", "some code")
ABOUT = "Told by name."
label(tr(ABOUT))
label(tr("Shown {count} times"), "an object name")
text = plural(count, "one layer", "{count} layers")
'''

WORKER = '''
"""A docstring of several words."""

PATTERN = re.compile(r"a pattern (of) words")

def check(layer, sizes: "a | b") -> None:
    """Raises something."""
    log.info("a line of the log")
    if not sizes:
        raise InvalidFileError(f"{clean_name(layer.name)} has {len(sizes)} {'size' if one else 'sizes'}, and {'ends'}.")
    raise ValueError("an internal matter")

NAME = f"{layer}_relu"
SMALL = "word"
JOINED = "The first half, " "and the other."
'''


def read(source: str, sentences: bool) -> Texts:
    texts, tree = Texts(), ast.parse(source)
    Reader(texts, "module.py", Expectations([tree]), sentences).read(tree)
    return texts


def test_in_the_window_texts_are_those_given_to_tr_and_those_expected_to_be_words():
    texts = read(TABLE, sentences=False)
    assert set(texts.found) == {
        "First title", "A tip.", "Second", "File", "Wait for {title}.", "Not now.", "Shown {count} times",
        "{count} layers", "Told by name.",
    }  # fmt: skip
    assert texts.singular == {"one layer"}


def test_elsewhere_every_sentence_is_a_text():
    texts = read(WORKER, sentences=True)
    assert set(texts.found) == {
        "{name} has {sizes} {n}, and {n2}.", "size", "sizes", "The first half, and the other.",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("entries", "fault"),
    [
        ({"One {thing}": "一个 {thing}"}, ""),
        ({}, "missing"),
        ({"One {thing}": "一个"}, "placeholders differ"),
        ({"One {thing}": "一个 {thing"}, "placeholders differ"),
        ({"One {thing}": " "}, "empty"),
        ({"One {thing}": "一个 {thing}", "Two": "二"}, "unused"),
    ],
)
def test_faults_of_a_catalogue(entries, fault):
    lines = faults(Texts({"One {thing}": ["module.py:1"]}), entries)
    assert all(line.startswith(fault) for line in lines)
    assert bool(lines) == bool(fault)


def test_the_catalogues_are_complete():
    done = subprocess.run([sys.executable, FOLDER / "texts.py", "--check"], capture_output=True, text=True, check=False)
    assert done.stdout == ""
    assert done.returncode == 0
