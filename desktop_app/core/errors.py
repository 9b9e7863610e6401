"""What can go wrong in words that a user can act on."""


class StudioError(Exception):
    """A failure told in one sentence: what is wrong, where, and what the user can do."""


class InvalidFileError(StudioError):
    """A file that cannot be opened, or that is refused because it lies about itself."""


class InvalidRecipeError(StudioError):
    """A recipe (or its data settings) that cannot be carried out."""


class NothingChangedError(StudioError):
    """A step was asked to change layers and changed none: an error, never a silent success."""


class Cancelled(Exception):  # noqa: N818 - it is not an error
    """The user stopped the work. Not an error: nobody shows it as one."""
