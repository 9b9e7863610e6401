"""Reads the texts that a user can read out of the program's modules, by their syntax trees; see `texts.py`."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

TRANSLATORS = {"tr": (0,), "tell": (0,), "translate": (0,), "plural": (1, 2)}
"""The functions that translate: which of their arguments are texts."""

QUIET_CALLS = frozenset(
    (
        *("debug", "info", "warning", "exception", "critical", "log", "warn", "filterwarnings", "simplefilter"),
        *("compile", "cast", "TypeVar", "NewType", "namedtuple", "getattr", "fromkeys", "add_argument"),
        *("AssertionError", "ValueError", "TypeError", "KeyError", "RuntimeError", "NotImplementedError"),
        *("IndexError", "AttributeError", "split", "sub", "match", "fullmatch", "search", "startswith", "endswith"),
    )
)
"""What is given to these is no text for users."""

SEVERAL_WORDS = re.compile(r"[^\W\d_]{2,}[^\w]* .*[^\W\d_]|[^\W\d_] .*[^\W\d_]{2,}")
BESIDE_SPACE = re.compile(r"[^\W\d_]{2,}[^\w\0]? | [^\w\0]?[^\W\d_]{2,}")
CODE = re.compile(
    "|".join(
        (
            r"^[A-Z]\w*( [A-Z][A-Za-z]*\d*)+$",  # lists of operators
            r"^[\w.]+ \| |^\w+\[.*\]$",  # types
            r"\\d|\(\?:|^[a-z]+ \w+ [|:]|^[*.]",  # patterns
            r"^\s*[A-Z]{5,} |^\w+, \w+_|^max\(",  # queries
            r"=\{\}|^<\w",  # markup
            r"^(tick|figure|name) (end|middle)$",  # classes of style sheets
        )
    )
)
"""What has several words, and is code."""

KEYS = re.compile(r"(Ctrl\+|Shift\+|Alt\+)+\w+|Up|Down|Left|Right|Tab|Esc|Return|F\d+")
"""Keys are named by Qt."""

PUNCTUATION = frozenset(("{title}, {unit}",))
"""Texts without a word that other languages write in another way."""

NO_TEXTS = frozenset(("model name", "PREPROCESS = None\n"))
"""What the rules take for texts, and nobody reads."""


@dataclass
class Texts:
    """Texts with the places they come from. `singular`: what is said of one thing, where a language tells it apart."""

    found: dict[str, list[str]] = field(default_factory=dict)
    singular: set[str] = field(default_factory=set)

    def add(self, text: str, place: str) -> None:
        """Notes a text, if there is anything in it to translate: not in "{name}_{index}"."""
        if (
            text not in NO_TEXTS
            and not KEYS.fullmatch(text)
            and any(letter.isalpha() for letter in re.sub(r"\{\w*\}", "", text))
        ):
            self.found.setdefault(text, []).append(place)


class Expectations:
    """Where `Words` are expected: parameters of functions and classes, by the name of the function or class."""

    def __init__(self, trees: Iterable[ast.Module]) -> None:
        self.parameters: dict[str, list[tuple[str, bool]]] = {}
        for tree in trees:
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef):
                    self._take_class(node)
                elif isinstance(node, ast.FunctionDef):
                    self._take_function(node, node.name, method=False)

    def of(self, call: ast.Call) -> Iterator[ast.expr]:
        """The arguments of a call where words are expected."""
        name = _name_of(call.func)
        parameters = self.parameters.get(name, [])
        for (_, wanted), argument in zip(parameters, call.args, strict=False):
            if wanted:
                yield argument
        for keyword in call.keywords:
            if (keyword.arg, True) in parameters:
                yield keyword.value

    def _take_class(self, node: ast.ClassDef) -> None:
        fields = [
            (one.target.id, _is_words(one.annotation))
            for one in node.body
            if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and not _is_class_variable(one)
        ]
        for one in node.body:
            if isinstance(one, ast.FunctionDef) and one.name == "__init__":
                self._take_function(one, node.name, method=True)
                return
            if isinstance(one, ast.FunctionDef):
                self._take_function(one, one.name, method=True)
        if any(wanted for _, wanted in fields):
            self.parameters[node.name] = fields

    def _take_function(self, node: ast.FunctionDef, name: str, method: bool) -> None:
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        if arguments and arguments[0].arg in ("self", "cls"):
            arguments = arguments[1:]
        found = [(one.arg, _is_words(one.annotation)) for one in arguments]
        if any(wanted for _, wanted in found):
            self.parameters[name] = found


class Reader:
    """Goes through one module."""

    def __init__(self, texts: Texts, place: str, expected: Expectations, sentences: bool) -> None:
        self._texts, self._place, self._expected, self._sentences = texts, place, expected, sentences
        self._seen: set[int] = set()
        self._constants: dict[str, ast.Constant] = {}

    def read(self, tree: ast.Module) -> None:
        """Takes all texts of the module."""
        for one in tree.body:
            if isinstance(one, ast.Assign) and isinstance(one.value, ast.Constant) and len(one.targets) == 1:
                self._constants[_name_of(one.targets[0])] = one.value
        for node in ast.walk(tree):
            self._skip(node)
            if isinstance(node, ast.Call):
                self._read_call(node)
            elif isinstance(node, ast.AnnAssign) and _is_words(node.annotation) and node.value is not None:
                self._take_all(node.value)
            elif isinstance(node, ast.FunctionDef) and node.returns is not None and _is_words(node.returns):
                for one in ast.walk(node):
                    if isinstance(one, ast.Return) and one.value is not None:
                        self._take_all(one.value)
        if self._sentences:
            for node in ast.walk(tree):
                self._read_sentence(node)

    def _skip(self, node: ast.AST) -> None:
        """Notes what is no text: docstrings, annotations, what is given to logs and internal errors."""
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            self._skip_all(node.value)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for argument in (*node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg):
                if argument is not None and argument.annotation is not None:
                    self._skip_all(argument.annotation)
            if node.returns is not None:
                self._skip_all(node.returns)
        if isinstance(node, ast.AnnAssign):
            self._skip_all(node.annotation)
        if isinstance(node, ast.Assign) and any(_name_of(one) == "__all__" for one in node.targets):
            self._skip_all(node.value)
        if isinstance(node, ast.Call) and _name_of(node.func) in QUIET_CALLS:
            for one in (*node.args, *node.keywords):
                self._skip_all(one)
            if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Constant):
                self._skip_all(node.func.value)
        if isinstance(node, ast.Compare):
            self._skip_all(node)

    def _skip_all(self, node: ast.AST) -> None:
        self._seen.update(id(one) for one in ast.walk(node))

    def _read_call(self, call: ast.Call) -> None:
        name = _name_of(call.func)
        for place in TRANSLATORS.get(name, ()):
            if place < len(call.args):
                if name == "plural" and place == 1 and isinstance(call.args[1], ast.Constant):
                    self._texts.singular.add(str(call.args[1].value))
                elif isinstance(call.args[place], ast.Constant) and call.args[place].value in PUNCTUATION:
                    self._texts.found.setdefault(call.args[place].value, []).append(self._place)
                else:
                    self._take_all(call.args[place])
        if name not in TRANSLATORS:
            for argument in self._expected.of(call):
                self._take_all(argument)

    def _take_all(self, node: ast.expr) -> None:
        """Takes every literal of an expression whose value is words; keys of dictionaries are none, nor conditions."""
        match node:
            case ast.Constant(value=str(text)):
                self._add(text, node)
            case ast.Name(id=name) if name in self._constants:
                self._take_all(self._constants[name])
            case ast.JoinedStr():
                self._add(template_of(node), node)
                for part in _alternatives(node):
                    self._take_all(part)
            case ast.Dict():
                for value in node.values:
                    self._take_all(value)
            case ast.Tuple() | ast.List() | ast.Set():
                for element in node.elts:
                    self._take_all(element)
            case ast.IfExp():
                self._take_all(node.body)
                self._take_all(node.orelse)
            case ast.BoolOp():
                for value in node.values:
                    self._take_all(value)
            case ast.Starred():
                self._take_all(node.value)
            case ast.Call(func=ast.Attribute(value=value, attr="format")):
                self._take_all(value)

    def _read_sentence(self, node: ast.AST) -> None:
        if id(node) in self._seen:
            return
        if isinstance(node, ast.JoinedStr):
            for part in node.values:
                self._seen.add(id(part))
            text = template_of(node)
            if BESIDE_SPACE.search(re.sub(r"\{\w+\}", "\0", text)) and not CODE.search(text):
                self._add(text, node)
            for part in _alternatives(node):
                self._take_all(part)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
            if SEVERAL_WORDS.search(text) and not CODE.search(text):
                self._add(text, node)

    def _add(self, text: str, node: ast.expr) -> None:
        self._seen.update(id(one) for one in ast.walk(node) if isinstance(one, ast.Constant | ast.JoinedStr))
        self._texts.add(text, f"{self._place}:{node.lineno}")


def template_of(node: ast.JoinedStr) -> str:
    """An f-string with a name for each of its placeholders."""
    taken: dict[str, int] = {}
    parts = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value).replace("{", "{{").replace("}", "}}"))
        elif isinstance(part, ast.FormattedValue):
            name = _short_name(part.value)
            taken[name] = taken.get(name, 0) + 1
            parts.append(f"{{{name}{taken[name] if taken[name] > 1 else ''}}}")
    return "".join(parts)


def _short_name(node: ast.expr) -> str:
    """What fills a placeholder, in a word."""
    match node:
        case ast.Name(id=name):
            return name.strip("_").lower() or "n"
        case ast.Attribute(attr=name):
            return name.strip("_").lower()
        case ast.Call(args=[first, *_]) if not isinstance(first, ast.Starred | ast.GeneratorExp | ast.Constant):
            return _short_name(first)
        case ast.Call(func=func):
            return _short_name(func)
        case ast.Subscript(value=value):
            return _short_name(value)
        case ast.BinOp(left=left, right=right):
            return _short_name(right if isinstance(left, ast.Constant) else left)
        case ast.UnaryOp(operand=operand):
            return _short_name(operand)
    return "n"


def _alternatives(node: ast.JoinedStr) -> Iterator[ast.expr]:
    """The words that an f-string chooses between: f"{'one' if x else 'many'}"."""
    for part in node.values:
        if isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.IfExp | ast.BoolOp):
            yield part.value


def _name_of(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=value):
            return _name_of(value)
    return ""


def _is_words(node: ast.expr | None) -> bool:
    return node is not None and any(isinstance(one, ast.Name) and one.id == "Words" for one in ast.walk(node))


def _is_class_variable(node: ast.AnnAssign) -> bool:
    return any(isinstance(one, ast.Name) and one.id == "ClassVar" for one in ast.walk(node.annotation))
