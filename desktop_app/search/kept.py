"""Whether there is a search to go on with, without beginning one."""

from optuna.trial import TrialState

from desktop_app.core.errors import StudioError
from desktop_app.search.database import has_searches, open_database


def judged_before(storage: str, name: str) -> int:
    """How many candidates an earlier search of that name has judged; 0 where there is none, or no database."""
    try:
        if not has_searches(storage):
            return 0
        database = open_database(storage)
    except StudioError:
        return 0
    try:
        return database.get_n_trials(database.get_study_id_from_name(name), state=(TrialState.COMPLETE,))
    except KeyError:
        return 0
    finally:
        database.remove_session()
        database.engine.dispose()
