"""The engine of a Spark cluster: the tasks of a step are the partitions of an RDD, which Spark places, and computes
again elsewhere where an executor or its machine is lost.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from saaf.corpus.stages.cluster import EngineError, check_cluster, read_answer, run_on_worker, shared_place
from saaf.corpus.stages.extras import import_extra

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from saaf.corpus.process_limits import Limits
    from saaf.corpus.stages.cluster import Place
    from saaf.corpus.stages.tasks import Result, Task

_JOB_TASKS, _JOB_BYTES = 1_000, 1 << 26  # of one job: the driver holds its arguments
_POLL_SECONDS = 1.0


class SparkTasks:
    """Runs tasks as jobs of a `SparkContext`."""

    def __init__(self, context: Any, place: Place) -> None:
        self._context = context
        self._place = place

    def check(self) -> None:
        """Raise `EngineError` unless an executor shares storage and code with this process."""
        check_cluster(self._place, lambda call: self._collect([call], uuid4().hex)[0])

    def run(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Result]]:
        """Yield the position and the result of each task as it is done; raise what a task raises."""
        start = 0
        with ThreadPoolExecutor(1) as thread:
            while start < len(tasks):
                calls = self._calls(tasks, start)
                group = uuid4().hex
                job = thread.submit(self._collect, calls, group)
                try:
                    yield from self._results(tasks, start, len(calls), job)
                finally:
                    if not job.done():  # the build was interrupted
                        self._context.cancelJobGroup(group)
                start += len(calls)

    def _calls(self, tasks: Sequence[Task], start: int) -> list[bytes]:
        """Return the arguments of the tasks of a job."""
        calls: list[bytes] = []
        size = 0
        for task in tasks[start : start + _JOB_TASKS]:
            calls.append(self._place.call(task))
            size += len(calls[-1])
            if size > _JOB_BYTES:
                break
        return calls

    def _collect(self, calls: list[bytes], group: str) -> list[bytes]:
        """Run a job; its answers come when all its tasks are done."""
        try:
            self._context.setJobGroup(group, "saaf", interruptOnCancel=True)
            answers: list[bytes] = self._context.parallelize(calls, len(calls)).map(run_on_worker).collect()
        except Exception as error:  # py4j's, in which the JVM's error is a text
            raise EngineError(
                f"Spark could not run a task: {_reason(error)}; what is done is kept, and the same command goes on"
            ) from error
        return answers

    def _results(
        self, tasks: Sequence[Task], start: int, count: int, job: Future[list[bytes]]
    ) -> Iterator[tuple[int, Result]]:
        """Yield the results of a job's tasks: by their markers while it runs, then by its answers."""
        left = list(range(count))
        while not wait([job], _POLL_SECONDS).done:
            for place in tuple(left):
                result = tasks[start + place].files.result()
                if result is not None:
                    left.remove(place)
                    yield start + place, result
        answers = job.result()
        for place in left:
            yield start + place, read_answer(answers[place])


@contextmanager
def open_spark(workers: int, limits: Limits, work: Path, paths: Sequence[Path]) -> Iterator[SparkTasks]:
    """Yield the engine of the Spark session of this process, or of one that is started for the build.

    Spark's configuration, or MASTER, names the cluster; without one, `workers` threads of this machine. `work` is the
    directory of the build, `paths` its inputs. Raises `EngineError` where Spark is not installed, cannot start, or
    shares no storage.
    """
    sql = import_extra("pyspark.sql", "spark")
    ours = sql.SparkSession.getActiveSession() is None
    session = _session(sql, workers)
    try:
        with shared_place(work, paths, limits) as place:
            engine = SparkTasks(session.sparkContext, place)
            engine.check()
            yield engine
    finally:
        if ours:
            session.stop()


def _reason(error: Exception) -> str:
    """Return the line of an error that says what it was: the last one of Python's traceback, before the JVM's."""
    before = str(error).partition("\tat ")[0]
    lines = [line for line in before.splitlines() if line.strip() and not line[0].isspace()]
    return (lines or ["no reason is known"])[-1][:300]


def _session(sql: Any, workers: int) -> Any:
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # else the first python3 of each machine
    os.environ.setdefault("MASTER", f"local[{max(workers, 1)}]")  # which all other settings override
    builder = sql.SparkSession.builder.appName("saaf").config("spark.ui.showConsoleProgress", "false")
    try:
        return builder.getOrCreate()
    except Exception as error:  # py4j's and Spark's have no common class
        raise EngineError(f"Spark cannot start: {_reason(error)}") from error
