"""The engine of a Ray cluster: each task of a build is a task of Ray Core, which places it and runs it again elsewhere
where its worker or its machine is lost.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from saaf.corpus.stages.cluster import EngineError, check_cluster, read_answer, run_on_worker, shared_place
from saaf.corpus.stages.extras import import_extra
from saaf.corpus.workers import WorkersError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from saaf.corpus.process_limits import Limits
    from saaf.corpus.stages.cluster import Place
    from saaf.corpus.stages.tasks import Result, Task

_RETRIES = 10  # of a task whose worker is lost: each goes on where the one before was
_LEAST_PENDING = 32  # so that a cluster that grows with its load sees that there is some


class RayTasks:
    """Runs tasks as tasks of Ray; `ray` is its module."""

    def __init__(self, ray: Any, place: Place) -> None:
        self._ray = ray
        self._place = place
        self._function = ray.remote(num_cpus=1, max_retries=_RETRIES, retry_exceptions=[WorkersError])(run_on_worker)

    def check(self) -> None:
        """Raise `EngineError` unless a worker shares storage and code with this process."""
        check_cluster(self._place, lambda call: self._answer(self._function.remote(call)))

    def run(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Result]]:
        """Yield the position and the result of each task as it is done; raise what a task raises."""
        pending: dict[Any, int] = {}
        waiting = iter(enumerate(tasks))
        try:
            while True:
                most = max(_LEAST_PENDING, 2 * int(self._ray.cluster_resources().get("CPU", 0)))
                while len(pending) < most and (following := next(waiting, None)):
                    pending[self._function.remote(self._place.call(following[1]))] = following[0]
                if not pending:
                    return
                done, _ = self._ray.wait(list(pending), num_returns=1)
                for reference in done:
                    yield pending.pop(reference), read_answer(self._answer(reference))
        finally:
            for reference in pending:  # where a task failed, or the build was interrupted
                self._ray.cancel(reference, force=True)

    def _answer(self, reference: Any) -> bytes:
        try:
            answer: bytes = self._ray.get(reference)
        except WorkersError:  # of a child of the worker, again and again; Ray's error is one of its class too
            raise WorkersError from None
        except self._ray.exceptions.RayError as error:
            raise EngineError(
                f"Ray could not run a task: {str(error).strip().splitlines()[-1][:300]}; what is done is kept, "
                "and the same command goes on"
            ) from error
        return answer


@contextmanager
def open_ray(workers: int, limits: Limits, work: Path, paths: Sequence[Path]) -> Iterator[RayTasks]:
    """Yield the engine of the cluster that RAY_ADDRESS names, or else of one that is started on this machine.

    `workers` are the processors of one that is started. `work` is the directory of the build, `paths` its inputs.
    Raises `EngineError` where Ray is not installed, the cluster cannot be reached, or shares no storage.
    """
    ray = import_extra("ray", "ray")
    ours = not ray.is_initialized()
    if ours:
        _connect(ray, workers)
    try:
        with shared_place(work, paths, limits) as place:
            engine = RayTasks(ray, place)
            engine.check()
            yield engine
    finally:
        if ours:
            ray.shutdown()


def _connect(ray: Any, workers: int) -> None:
    address = os.environ.get("RAY_ADDRESS")
    options: dict[str, Any] = {"address": address} if address else {"address": "local", "num_cpus": max(workers, 1)}
    try:
        ray.init(**options, include_dashboard=None if address else False, log_to_driver=False, logging_level="error")
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        where = f"the Ray cluster at {address} (RAY_ADDRESS) cannot be reached" if address else "Ray cannot start here"
        raise EngineError(f"{where}: {str(error).strip().partition(chr(10))[0][:300]}") from error
