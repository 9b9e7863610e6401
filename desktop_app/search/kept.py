"""Whether there is a search to go on with, without beginning one."""

from pathlib import Path

from optuna.storages import RDBStorage
from optuna.trial import TrialState
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError


def judged_before(storage: str, name: str) -> int:
    """How many candidates an earlier search of that name has judged; 0 where there is none, or no database."""
    try:
        url = make_url(storage)
        if url.drivername == "sqlite" and not Path(url.database or "").is_file():
            return 0
        database = RDBStorage(storage)
        study = database.get_study_id_from_name(name)
        return database.get_n_trials(study, state=(TrialState.COMPLETE,))
    except (KeyError, ValueError, OSError, ImportError, RuntimeError, SQLAlchemyError):
        return 0
