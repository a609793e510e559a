"""Tasks: the units of work of a build, each named by the digest of its inputs, its settings and the code's version.

A task writes its files beside its marker, `KEY.json`, which it writes last: a task with a marker is done, and is not
done again. The marker holds the result, a small JSON object.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saaf import cleaning, dedupe
from saaf.atomic_files import atomic_write, exclusive_file_lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from saaf.corpus.stages.guard import PageGuard

Result = dict[str, Any]
"""The result of a task: a JSON object of counts, names and digests."""

_KEY_DIGITS = 32
_LOCK = "lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFiles:
    """The files of a task: all that another task knows of it.

    `key` is 32 hex digits and stands for everything that the files depend on; `directory` is that of the stage's files.
    """

    key: str
    directory: Path

    @property
    def marker(self) -> Path:
        """The file that says that the task is done, and has its result."""
        return self.directory / f"{self.key}.json"

    def path(self, name: str) -> Path:
        """Return the path of a file of this task."""
        return self.directory / f"{self.key}.{name}"

    def result(self) -> Result | None:
        """Return the result of the task, None where it is not done."""
        try:
            loaded: Result = json.loads(self.marker.read_bytes())
        except (OSError, ValueError):
            return None
        return loaded


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A unit of work: `function` is called with the task and a `PageGuard`, and returns the result.

    `function` is importable from a module, `arguments` are its arguments, picklable.
    """

    function: Callable[[Task, PageGuard], Result]
    files: TaskFiles
    arguments: Any

    @property
    def key(self) -> str:
        """The key of its files."""
        return self.files.key

    def path(self, name: str) -> Path:
        """Return the path of a file of this task."""
        return self.files.path(name)


def make_task(
    function: Callable[[Task, PageGuard], Result], work: Path, inputs: Iterable[object], arguments: Any
) -> Task:
    """Return the task of a function; its stage is the last part of the name of the function's module.

    `inputs` are what the files depend on, each with a `repr` that is the same in every process. `work` is the directory
    of the build.
    """
    stage = function.__module__.rpartition(".")[2]
    parts = [stage, function.__name__, code_version(), *map(repr, inputs)]
    key = sha256(json.dumps(parts).encode("utf-8", "backslashreplace")).hexdigest()[:_KEY_DIGITS]
    return Task(function=function, files=TaskFiles(key=key, directory=work / stage), arguments=arguments)


def run_task(task: Task, guard: PageGuard) -> Result:
    """Do a task that is not done yet, and return its result: what every engine calls, on whatever machine.

    An engine may run a task twice at a time: it takes a machine for lost that is not, or starts a slow task again
    elsewhere. The second waits for the first.
    """
    files = task.files
    done = files.result()
    if done is not None:
        return done
    files.directory.mkdir(parents=True, exist_ok=True)
    lock = files.path(_LOCK)
    with exclusive_file_lock(lock):
        done = files.result()
        if done is not None:
            return done
        result = task.function(task, guard)
        with atomic_write(files.marker) as partial:
            partial.write_text(json.dumps(result, ensure_ascii=True, sort_keys=True), encoding="utf-8")
        lock.unlink(missing_ok=True)  # those who wait for it see the marker
    return result


@cache
def code_version() -> str:
    """Return what the files of a task depend on beside its inputs: versions, and a digest of this package's source."""
    digest = sha256()
    for path in sorted(Path(__file__).parent.parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return " ".join((cleaning.rules_version(), cleaning.extractor(), str(dedupe.VERSION), digest.hexdigest()))
