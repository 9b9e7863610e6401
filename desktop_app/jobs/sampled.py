"""The samples that a task works with: opened for a model, with what was guessed, and what is worth saying of it."""

from dataclasses import dataclass

from msgspec.structs import replace

from desktop_app.core.data import DataSettings
from desktop_app.core.progress import Token
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.inspection import input_specs
from desktop_app.io.data import DataSet, open_data
from desktop_app.io.data.choose import resolve_preprocess
from desktop_app.steps.int8.scheme import settled


@dataclass(frozen=True)
class Sampled:
    """Samples, the settings that they were opened by, and what was guessed, a sentence each."""

    data: DataSet
    settings: DataSettings
    guesses: tuple[str, ...]

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is worth saying, a sentence each; files that cannot be read are known only once they were asked for."""
        return tuple(dict.fromkeys((*self.guesses, *self.data.notes)))


def sampled(model: Model, settings: DataSettings, seed: int, token: Token) -> Sampled:
    """Opens samples for a model; preprocessing that is not named is guessed.

    Raises:
        InvalidFileError: when the data cannot be read.
        InvalidRecipeError: when the data and the model do not fit together.
        Cancelled: when the token says so.
    """
    inputs = input_specs(model)
    chosen, guesses = resolve_preprocess(model, settings, inputs, seed=seed, token=token)
    data = open_data(chosen, inputs, seed=seed, shapes=model.shapes)
    return Sampled(data, chosen, guesses)


def settled_for(recipe: Recipe, samples: Sampled) -> Recipe:
    """The recipe with what was guessed of the data, and the scheme that suits this processor."""
    methods = replace(recipe.methods, quantize=settled(recipe.methods.quantize))
    return replace(recipe, data=samples.settings, methods=methods)
