"""What a design decided by measuring, kept until it is finished: one that was stopped goes on with the same nets."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import msgspec
import platformdirs
from msgspec import Struct

from desktop_app.bench.kernel_cache import machine_key
from desktop_app.core.architecture import Architecture, Candidate
from desktop_app.core.design import Design
from desktop_app.core.errors import StudioError
from desktop_app.graph.model import Model
from desktop_app.io.atomic import write_text


class Finalist(Struct, frozen=True):
    """A net that the search found, measured whole.

    Attributes:
        genes: In the space about the plan's base.
        share: What it takes, as a share of what it may take.
        limit_ms: What it may take: the limit, as the user's model was measured beside it.
    """

    genes: tuple[int, ...]
    share: float
    limit_ms: float


class Plan(Struct, frozen=True):
    """Times of this machine, and what follows of them.

    Attributes:
        limit_ms: Milliseconds that the net may take.
        factor: Of the predicted times, see `Latencies`; likewise the next.
        each: Milliseconds for each kernel.
        base: The family's own net that keeps the limit.
        parameter: That makes it.
        candidates: What the search judged; nothing while it has not ended.
        finalists: The best of them that keep the limit, the best first.
    """

    limit_ms: float
    factor: float
    each: float
    base: Architecture
    parameter: float
    candidates: tuple[Candidate, ...] = ()
    finalists: tuple[Finalist, ...] = ()


@dataclass(frozen=True)
class KeptPlan:
    """A file for the plan of one design; a folder that cannot be written costs only that it cannot be resumed."""

    path: Path

    @classmethod
    def of(cls, teacher: Model, design: Design, threads: int) -> "KeptPlan":
        """The file in the user's cache."""
        told = msgspec.json.encode([design, machine_key(threads)])
        key = sha256(sha256(teacher.to_bytes()).digest() + told).hexdigest()
        return cls(platformdirs.user_cache_path("compression-studio", appauthor=False) / "designs" / f"{key}.json")

    def read(self) -> Plan | None:
        """The plan, if there is one that can be read."""
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=Plan)
        except (OSError, msgspec.MsgspecError):
            return None

    def write(self, plan: Plan) -> None:
        """Keeps a plan."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_text(self.path, msgspec.json.encode(plan).decode())
        except (OSError, StudioError):
            return

    def remove(self) -> None:
        """Forgets it: the next design measures anew."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError:
            return
