"""How a command has its work done: in a worker process, as the window does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import overload

from desktop_app.commands.console import ProgressLine
from desktop_app.core.errors import Cancelled, StudioError
from desktop_app.core.judged import Judged
from desktop_app.core.progress import Measurement, Progress
from desktop_app.core.searching import SearchBegun
from desktop_app.jobs.conversions import Converted, ConvertModel
from desktop_app.jobs.designs import Designed, DesignStudent
from desktop_app.jobs.exports import Exported, ExportModel
from desktop_app.jobs.host import WorkerHost
from desktop_app.jobs.measurements import (
    Benchmarked,
    BenchmarkModels,
    Evaluated,
    EvaluateModel,
    MeasureSensitivity,
    SensitivityMeasured,
)
from desktop_app.jobs.messages import Failed, Opened, OpenModel, Request, Result, RunFinished, RunRecipe, Stopped
from desktop_app.jobs.searches import JoinSearch, SearchFinished, SearchHelped, SearchModel


class Work:
    """Requests carried out one after another by a worker, with progress on standard error."""

    def __init__(self, host: WorkerHost) -> None:
        self._host = host

    @overload
    def do(self, request: OpenModel) -> Opened: ...
    @overload
    def do(self, request: RunRecipe) -> RunFinished: ...
    @overload
    def do(self, request: BenchmarkModels) -> Benchmarked: ...
    @overload
    def do(self, request: EvaluateModel) -> Evaluated: ...
    @overload
    def do(self, request: MeasureSensitivity) -> SensitivityMeasured: ...
    @overload
    def do(self, request: ExportModel) -> Exported: ...
    @overload
    def do(self, request: ConvertModel) -> Converted: ...
    @overload
    def do(self, request: DesignStudent) -> Designed: ...
    @overload
    def do(
        self,
        request: SearchModel,
        told: Callable[[Judged], None] | None = None,
        begun: Callable[[SearchBegun], None] | None = None,
    ) -> SearchFinished: ...
    @overload
    def do(self, request: JoinSearch, told: Callable[[Judged], None] | None = None) -> SearchHelped: ...
    def do(
        self,
        request: Request,
        told: Callable[[Judged], None] | None = None,
        begun: Callable[[SearchBegun], None] | None = None,
    ) -> Result:
        """Carries out a request and waits for it; `begun` hears what a search goes out from, `told` of every candidate.

        Raises:
            StudioError: when it failed, with the worker's sentence.
            Cancelled: when it was stopped, also by Ctrl+C.
        """
        line = ProgressLine()
        try:
            for reply in self._host.submit(request):
                match reply:
                    case Progress() | Measurement():
                        line.show(reply)
                    case Judged():
                        if told is not None:
                            told(reply)
                    case SearchBegun():
                        if begun is not None:
                            begun(reply)
                    case Failed(sentence=sentence):
                        raise StudioError(sentence)
                    case Stopped():
                        raise Cancelled
                    case _ if isinstance(reply, Result):
                        return reply
        except KeyboardInterrupt:
            raise Cancelled from None
        finally:
            line.close()
        raise StudioError("the worker gave no result; please report this")


@contextmanager
def working() -> Iterator[Work]:
    """A worker for the time of a command."""
    with WorkerHost() as host:
        yield Work(host)


@contextmanager
def opened(model: Path) -> Iterator[tuple[Work, Opened]]:
    """A worker that has opened a model."""
    with working() as work:
        yield work, work.do(OpenModel(str(model.absolute())))
