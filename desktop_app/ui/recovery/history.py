"""All edits of a recipe as a value, and the lines that a journal keeps of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import msgspec
from msgspec import Struct
from msgspec.structs import replace as with_fields

from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerOverride

NOWHERE = -1


class Edited(Struct, frozen=True, tag="edited"):
    """An edit: the number of edits that stand before it, what the user did, and what is different.

    Attributes:
        behind: How many edits stay; those behind them are forgotten.
        text: For the Undo menu.
        layers: Settings of the layers that changed; None takes them away.
        recipe: The whole recipe, where more than layers changed.
    """

    behind: int
    text: str
    layers: dict[str, LayerOverride | None] = {}
    recipe: Recipe | None = None


class Moved(Struct, frozen=True, tag="moved"):
    """Edits were undone or done again: so many are in force."""

    to: int


class Saved(Struct, frozen=True, tag="saved"):
    """The recipe is in a file as it is after so many edits; `NOWHERE` where no number of edits leads there."""

    at: int
    path: str | None = None


Line = Edited | Moved | Saved


@dataclass(frozen=True)
class Step:
    """An edit: what the user did, and the recipe after it."""

    text: str
    recipe: Recipe


@dataclass(frozen=True)
class History:
    """Edits of a recipe that was empty first.

    Attributes:
        steps: All edits, the undone ones too.
        index: How many are in force.
        clean: How many were when it was saved; `NOWHERE` where no number of them leads there.
        path: Where it was saved.
    """

    steps: tuple[Step, ...] = ()
    index: int = 0
    clean: int = 0
    path: str | None = None

    @property
    def recipe(self) -> Recipe:
        """The recipe as it stands."""
        return self.recipe_at(self.index)

    @property
    def dirty(self) -> bool:
        """Whether there are edits that are not saved."""
        return self.index != self.clean

    def recipe_at(self, index: int) -> Recipe:
        """The recipe after so many edits."""
        return self.steps[index - 1].recipe if index > 0 else Recipe()

    @property
    def as_saved(self) -> "History":
        """The edits that are in a file, as far as that is known."""
        kept = max(self.clean, 0)
        return History(self.steps[:kept], kept, kept, self.path)

    def after(self, line: Line) -> "History":
        """The history with one more line. Raises IndexError where the line does not fit."""
        match line:
            case Edited(behind=behind, text=text):
                return self.with_step(behind, Step(text, _changed(self.recipe_at(behind), line)))
            case Moved(to=to):
                if not 0 <= to <= len(self.steps):
                    raise IndexError(to)
                return replace(self, index=to)
            case Saved(at=at, path=path):
                return replace(self, clean=at, path=path)

    def with_step(self, behind: int, step: Step) -> "History":
        """The history with another edit behind the first so many. Raises IndexError where there are not so many."""
        kept = self.steps[:behind]
        if len(kept) != behind:
            raise IndexError(behind)
        clean = self.clean if self.clean <= behind else NOWHERE
        return replace(self, steps=(*kept, step), index=behind + 1, clean=clean)

    def lines(self) -> Iterator[Line]:
        """The lines that lead here from nothing."""
        for behind, step in enumerate(self.steps):
            yield edit_between(self.recipe_at(behind), step, behind)
        yield Saved(self.clean, self.path)
        yield Moved(self.index)


def edit_between(before: Recipe, step: Step, behind: int) -> Edited:
    """The line of an edit; it names only what changed, as far as the order of the settings allows."""
    after = step.recipe
    changed: dict[str, LayerOverride | None] = {
        key: one for key, one in after.layers.items() if before.layers.get(key) is not one
    }
    changed.update(dict.fromkeys(before.layers.keys() - after.layers.keys()))
    line = Edited(behind, step.text, changed)
    order = [
        *(key for key in before.layers if key in after.layers),
        *(key for key in changed if key not in before.layers),
    ]
    if order == list(after.layers) and with_fields(before, layers={}) == with_fields(after, layers={}):
        return line  # patterns count in their order
    return Edited(behind, step.text, recipe=after)


def read_history(content: bytes) -> History:
    """What the lines of a journal tell, as far as they can be read: a program that is killed leaves half a line."""
    history = History()
    for line in content.split(b"\n"):
        try:
            history = history.after(msgspec.json.decode(line, type=Line))
        except (msgspec.DecodeError, IndexError):
            break
    return history


def written(lines: Iterable[Line]) -> bytes:
    """Lines as a journal keeps them."""
    return b"".join(msgspec.json.encode(line) + b"\n" for line in lines)


def _changed(recipe: Recipe, line: Edited) -> Recipe:
    if line.recipe is not None:
        return line.recipe
    layers = dict(recipe.layers)
    for key, one in line.layers.items():
        if one is None:
            layers.pop(key, None)
        else:
            layers[key] = one
    return with_fields(recipe, layers=layers)
