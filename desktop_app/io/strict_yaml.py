"""YAML that means what it says: no key twice, no references, no depth; wrong kinds are told by the path of the key."""

import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
import yaml

from desktop_app.core.errors import InvalidRecipeError
from desktop_app.core.language import Words
from desktop_app.core.text import clean_name

KINDS: Mapping[str, Words] = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "bool": "true or false",
    "object": "keys and values",
    "array": "a list",
    "null": "nothing",
}
"""What msgspec calls a kind of value, to what people do."""

MAX_BYTES = 8 * 2**20

MAX_DEPTH = 16

LINE_BREAKS = frozenset("\x85\u2028\u2029")

FAST_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

TOO_DEEP = "The {what} nests too deeply: see the documentation for its keys."


def read_text(path: Path, what: str) -> str:
    """The text of a YAML file of the user.

    Args:
        path: The file.
        what: What it should be: "recipe", "budget".

    Raises:
        InvalidRecipeError: when it is none, or cannot be read.
    """
    name = clean_name(path.name)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for who writes it
            raise InvalidRecipeError(f"{name} is a folder or a device, not a file: choose a {what} file (.yaml).")
        if status.st_size > MAX_BYTES:
            raise InvalidRecipeError(f"{name} is too large for a {what}: choose a {what} file (.yaml).")
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise InvalidRecipeError(f"{name} cannot be read: choose a {what} file (.yaml).") from error
    except UnicodeDecodeError as error:
        raise InvalidRecipeError(f"{name} is no text file (UTF-8): choose a {what} file (.yaml).") from error


class _Loader(FAST_LOADER):  # type: ignore[misc]
    """Refuses what YAML allows and a recipe never means: the same key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """The mapping of a node."""
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        twice = next((key for index, key in enumerate(keys) if key in keys[:index]), None) if _repeats(keys) else None
        if twice is not None:
            raise InvalidRecipeError(f"The key {clean_name(twice)} stands twice: remove one of them.")
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return mapping


class _Dumper(yaml.SafeDumper):
    """Writes everything out instead of referring back to it."""

    def ignore_aliases(self, data: object) -> bool:
        """Whether equal objects are written each time."""
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Unicode's own line breaks in escapes: PyYAML folds them as if they were line breaks of the file."""
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if LINE_BREAKS & set(text) else None)


_Dumper.add_representer(str, _represent_text)


def format_yaml(builtins: Mapping[str, object]) -> str:
    """Plain values as YAML, in their order."""
    text: str = yaml.dump(dict(builtins), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    return text


def _repeats(keys: list[str]) -> bool:
    return len(set(keys)) < len(keys)


def load_mapping(text: str, what: str) -> dict[Any, Any]:
    """The keys and values of a YAML text.

    Raises:
        InvalidRecipeError: when it is no mapping, or holds what is not allowed.
    """
    loaded = _load(text, what)
    if not isinstance(loaded, dict):
        raise InvalidRecipeError(f"A {what} is a list of keys and values, beginning with `version: 1`.")
    return loaded


def _load(text: str, what: str) -> object:
    if len(text) > MAX_BYTES:
        raise InvalidRecipeError(f"The text is too large for a {what}.")
    try:
        _check_events(text, what)
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader with one more rule
    except yaml.MarkedYAMLError as error:
        if "nesting depth" in (error.problem or ""):  # PyYAML has a limit of its own from 6.0.4 on
            raise InvalidRecipeError(TOO_DEEP.format(what=what)) from error
        where = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise InvalidRecipeError(f"The {what} is no valid YAML{where}: {error.problem or 'it breaks off'}.") from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise InvalidRecipeError(
            f"The {what} is no valid YAML: it holds characters or values that are not allowed."
        ) from error


def _check_events(text: str, what: str) -> None:
    """Refuses references (few bytes may stand for billions of values) and deep nesting before anything is built."""
    depth = 0
    for event in yaml.parse(text, Loader=FAST_LOADER):
        if isinstance(event, yaml.AliasEvent):
            raise InvalidRecipeError(f"The {what} refers back to itself (`*name`): write the values out.")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise InvalidRecipeError(TOO_DEEP.format(what=what))


def convert(value: object, kind: type[Any], path: str, what: str) -> Any:
    """A value as the type that it should be. Raises InvalidRecipeError, with the path of what is wrong."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        message, _, inside = str(error).partition(" - at `")
        inner = re.sub(r"^\$\.?|`$", "", inside)
        raise InvalidRecipeError(f"In the {what}, {_say(message, kind, value, path, inner)}.") from error


def _say(message: str, kind: type[Any], value: object, path: str, inner: str) -> str:
    """What msgspec says of a value, with the path of the key, and with the choices where it is none of them."""
    where = clean_name(".".join(filter(None, (path, inner))))
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", message, re.DOTALL):
        key = clean_name(".".join(filter(None, (path, inner, unknown[1]))))
        return f"{key} is no key that this program knows: check its spelling, or remove it"
    if strange := re.fullmatch(r"Invalid enum value (.*)", message, re.DOTALL):
        choices, found = _choices(_type_at(kind, inner)), clean_name(strange[1])
    elif wrong := re.fullmatch(r"Expected `(.*)`, got `(.*)`", message):
        choices = [KINDS.get(one, one) for one in wrong[1].split(" | ") if one != "null"]
        found = _shown(value, inner) or KINDS.get(wrong[2], wrong[2])
    else:
        expected = message[:1].lower() + message[1:].replace("`", "")
        return f"{where} is of the wrong kind: {expected}"
    allowed = " or ".join(choices)
    return f"{where} must be {allowed}, and not {found}"


def _shown(value: Any, path: str) -> str:
    """The value at a path, where it is short enough to be told; else empty."""
    try:
        for key, place in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path):
            value = value[key] if key else value[int(place)]
    except (LookupError, TypeError):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return clean_name(repr(value)) if isinstance(value, str | int | float) else ""


def _type_at(kind: Any, path: str) -> Any:
    for key in filter(None, path.split(".")):
        name, _, place = key.partition("[")
        kind = get_type_hints(kind)[name]
        kind = get_args(kind)[0] if place else kind
    return kind


def _choices(kind: Any) -> list[str]:
    """What a key may be, where its type lists it."""
    if get_origin(kind) is Literal:
        return [str(value) for value in get_args(kind)]
    if kind is bool:
        return ["true", "false"]
    return [choice for one in get_args(kind) for choice in _choices(one)]
