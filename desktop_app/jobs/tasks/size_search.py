"""What a search would choose from, before it begins."""

from desktop_app.core.progress import Token
from desktop_app.jobs.search_basis import basis_of
from desktop_app.jobs.searches import SearchSized, SizeSearch
from desktop_app.search.kept import judged_before
from desktop_app.search.naming import default_storage


def run(request: SizeSearch, token: Token) -> SearchSized:
    """Counts the choices, and what an earlier search for the same has judged.

    Raises:
        StudioError: when the data do not fit, or the model does not run.
        Cancelled: when the token says so.
    """
    basis = basis_of(request.snapshot, request.budget, request.base, request.threads, token)
    judged = judged_before(request.storage or default_storage(), basis.study)
    return SearchSized(dict(basis.space.told()), basis.space.exponent, judged)
