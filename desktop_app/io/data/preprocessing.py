"""Whether a preprocessing can be carried out and fits the model."""

from desktop_app.core.data import Preprocess
from desktop_app.core.errors import InvalidRecipeError
from desktop_app.io.data.specs import ImageInput

MAX_SIDE = 8192


def check_preprocess(preprocess: Preprocess, target: ImageInput) -> None:
    """Refuses what cannot be done, or cannot fit the model.

    Raises:
        InvalidRecipeError: naming the key of the recipe.
    """
    channels = 1 if preprocess.color == "gray" else 3
    height, width = (preprocess.crop,) * 2 if isinstance(preprocess.crop, int) else preprocess.crop or (None, None)
    problems = {
        "resize": preprocess.resize is not None and not 1 <= preprocess.resize <= MAX_SIDE,
        "crop": not all(side is None or 1 <= side <= MAX_SIDE for side in (height, width)),
        "scale": not 0 < abs(preprocess.scale) < float("inf"),
        "mean": len(preprocess.mean) not in (1, channels),
        "std": len(preprocess.std) not in (1, channels) or not all(preprocess.std),
    }
    for key, wrong in problems.items():
        if wrong:
            raise InvalidRecipeError(
                f"data.preprocess.{key} is {getattr(preprocess, key)}, which cannot be done with {channels} channels: "
                f"give sizes from 1 to {MAX_SIDE}, a scale and std other than 0, one mean and std or one a channel."
            )
    if target.channels not in (None, channels):
        raise InvalidRecipeError(
            f"data.preprocess.color is {preprocess.color}, and the model takes {target.channels} channels: "
            f"set it to {'gray' if target.channels == 1 else 'rgb'}."
        )
    if target.layout != preprocess.layout:
        raise InvalidRecipeError(
            f"data.preprocess.layout is {preprocess.layout}, and the model's input is {target.layout}: set it to that."
        )
    if height is not None and (target.height not in (None, height) or target.width not in (None, width)):
        raise InvalidRecipeError(
            f"data.preprocess.crop is {preprocess.crop}, and the model takes {target.height or height} x "
            f"{target.width or width} pixels: set it to that."
        )
