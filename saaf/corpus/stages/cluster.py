"""What engines of several machines share: a task as bytes, how a worker runs it, and the check of shared storage.

A worker is a process of Ray or Spark. It runs each task in a child process with the limits of the embedded engine, so
that a page that ends its process costs itself alone there too. The files of tasks are on storage that all machines see
under the same path: each worker checks that before its first task.
"""

from __future__ import annotations

import fcntl
import pickle
import socket
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from saaf.corpus.stages.fork_server import start_fork_server
from saaf.corpus.stages.processes import TaskProcess
from saaf.corpus.stages.tasks import code_version
from saaf.corpus.workers import WorkersError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from saaf.corpus.process_limits import Limits
    from saaf.corpus.stages.tasks import Result, Task

_ANSWER = ".answer"


class EngineError(Exception):
    """An engine that cannot be started, or whose machines cannot run the tasks; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a worker must see: `token`, a file whose name is its content, and `paths`, the inputs of the build.

    `code` is the version of the code, which all machines have alike; `limits` hold for a page.
    """

    token: Path
    paths: tuple[Path, ...]
    code: str
    limits: Limits

    def call(self, task: Task | None) -> bytes:
        """Return the argument of `run_on_worker` for a task; None only checks the worker."""
        return pickle.dumps((self, task), pickle.HIGHEST_PROTOCOL)


@contextmanager
def shared_place(work: Path, paths: Sequence[Path], limits: Limits) -> Iterator[Place]:
    """Yield what the workers of a build check, whose files are in the directory `work`."""
    name = uuid4().hex
    token = work / f"token-{name}"
    work.mkdir(parents=True, exist_ok=True)
    token.write_text(name, encoding="ascii")
    try:
        yield Place(token=token, paths=tuple(paths), code=code_version(), limits=limits)
    finally:
        token.unlink(missing_ok=True)
        _answer_path(token).unlink(missing_ok=True)


def check_cluster(place: Place, call: Callable[[bytes], bytes]) -> None:
    """Raise `EngineError` unless a worker, which `call` calls, shares storage and code with this process."""
    host = read_answer(call(place.call(None)))["host"]
    answer = _answer_path(place.token)
    if not answer.exists():
        raise EngineError(f"what the machine {host} writes to {answer.parent} is not there on this one: {_SHARE}")


_SHARE = "a cluster needs an output on storage that all machines mount under the same path, such as NFS"


def run_on_worker(call: bytes) -> bytes:
    """Run a task in this worker, and return its result, or what it raised, for `read_answer`.

    Raises `WorkersError` where the process of the task dies with no record to blame: another machine may do better.
    """
    place: Place
    task: Task | None
    place, task = pickle.loads(call)  # noqa: S301  # of our own driver
    answer: object
    try:
        _check_worker(place)
        answer = _probe(place) if task is None else _run_guarded(task, place.limits)
    except WorkersError:
        raise
    except Exception as error:  # raised where the build runs, which says what it means
        answer = error
    return pickle.dumps(answer)


def read_answer(answer: bytes) -> Result:
    """Return the result of a task that `run_on_worker` ran. Raises what the task raised."""
    result: Result | Exception = pickle.loads(answer)  # noqa: S301  # of our own worker
    if isinstance(result, Exception):
        raise result
    return result


# Of this worker, which runs one task at a time, and those of one build mostly.
_processes: dict[Limits, TaskProcess] = {}
_checked: set[Path] = set()


def _run_guarded(task: Task, limits: Limits) -> Result:
    process = _processes.get(limits)
    if process is None:
        start_fork_server(cleans=True, many=True)
        process = _processes[limits] = TaskProcess(limits)
    try:
        return process.run(task)
    except BaseException as error:
        if not isinstance(error, Exception) or isinstance(error, WorkersError):  # its answer may still be under way
            del _processes[limits]
            process.close()
        raise


def _check_worker(place: Place) -> None:
    """Raise `EngineError` where this worker does not see what the build sees; its storage may be lost at any time."""
    host = socket.gethostname()
    try:
        seen = place.token.read_text(encoding="ascii")
    except OSError as error:
        raise EngineError(f"{place.token}: the machine {host} cannot read it ({error.strerror}): {_SHARE}") from None
    if seen != place.token.name.partition("-")[2]:
        raise EngineError(f"{place.token}: the machine {host} has another file of that name: {_SHARE}")
    if place.token in _checked:
        return
    missing = [path for path in place.paths if not path.exists()]
    if missing:
        raise EngineError(
            f"{missing[0]}: the machine {host} has no such file or directory: put inputs on storage that all machines "
            "mount under the same path, or name them by an address such as s3://"
        )
    if code_version() != place.code:
        raise EngineError(f"the machine {host} has another version of saaf: install the same one on all machines")
    _checked.add(place.token)


def _probe(place: Place) -> Result:
    """Write a file under a lock, as tasks do."""
    host = socket.gethostname()
    try:
        with _answer_path(place.token).open("w", encoding="utf-8") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            stream.write(host)
    except OSError as error:
        raise EngineError(
            f"{place.token.parent}: the machine {host} cannot write and lock files there ({error.strerror}): {_SHARE}"
        ) from None
    return {"host": host}


def _answer_path(token: Path) -> Path:
    return token.with_name(token.name + _ANSWER)
