"""The directory of a build that has not ended: how far the build is, and what of its work is done again."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from saaf.atomic_files import BusyError, exclusive_lock
from saaf.corpus.file_names import WORK
from saaf.corpus.input_walk import InputError
from saaf.corpus.progress import STEP_UNITS, counted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from saaf.corpus.settings import Progress
    from saaf.corpus.stages.tasks import Task

STAGES = ("read", "sites", "rows", "captures", "decide", "publish")
"""The stages of a build, in order, as `--from` names them."""

_DIRECTORIES = {
    "read": ("read", "listings"),
    "sites": ("sites", "joins", "ids"),
    "captures": ("thresholds", "captures"),
    "decide": ("near", "decide", "deduplicate"),
}
_PROGRESS = "progress.json"
_DONE = "-done"
_INTERVAL = 1.0  # seconds between two writes of the progress


def discard_from(output: Path, stage: str) -> None:
    """Delete the work of a stage and of all later ones, so that a build does them again.

    `stage` is one of `STAGES`. Raises `InputError` where no work is kept in the directory of the output.
    """
    work = output / WORK
    if not work.is_dir():
        raise InputError(
            f"{output} has no unfinished build to do again from a stage on: leave --from out. The work of a build is "
            "kept until its corpus is published"
        )
    kept = {name for before in STAGES[: STAGES.index(stage)] for name in _DIRECTORIES.get(before, (before,))}
    for path in sorted(work.iterdir()):
        if path.is_dir() and path.name not in kept:
            shutil.rmtree(path)


def delete_work(work: Path) -> None:
    """Delete the work of a build whose corpus is published.

    It is given another name first: killed in between, the next build must not find tasks that are done without files.
    """
    done = work.with_name(work.name + _DONE)
    shutil.rmtree(done, ignore_errors=True)
    work.rename(done)
    shutil.rmtree(done)


def delete_leftovers(output: Path) -> None:
    """Delete what `delete_work` left in the directory of an output because it was killed."""
    shutil.rmtree(output / (WORK + _DONE), ignore_errors=True)


def has_work(work: Path) -> bool:
    """Return whether an earlier build left something in its directory of work."""
    return work.is_dir() and any(path.is_dir() and any(path.iterdir()) for path in work.iterdir())


def continuation(tasks: Sequence[Task], begun: str) -> str:
    """Return in a sentence what becomes of the work that an earlier build left.

    `tasks` are those that read the inputs, `begun` is the name of the file that one writes as it goes.
    """
    done = sum(task.files.result() is not None for task in tasks)
    started = sum(task.path(begun).exists() for task in tasks)
    parts = f"{counted(len(tasks), 'part')} of the inputs"
    if started:
        return f"going on with an unfinished build: read {done} of {parts}, begun {started - done}"
    return "an unfinished build was of other inputs or settings, or of another version of saaf: its work is not used"


class WorkProgress:
    """Reports progress, and writes it to the directory of the work at most once a second, for `saaf status`."""

    def __init__(self, work: Path, report_progress: Progress) -> None:
        self._path = work / _PROGRESS
        self._report_progress = report_progress
        self._steps: dict[str, dict[str, int | None]] = {}
        self._written = -_INTERVAL

    def __call__(self, step: str, done: int, total: int | None) -> None:
        """Report that `done` of `total` of what a step counts is done (`saaf.corpus.progress.STEP_UNITS`)."""
        known = step in self._steps
        self._steps[step] = {"done": done, "total": total}
        now = time.monotonic()
        if not known or done == total or now - self._written >= _INTERVAL:
            self._written = now
            self._write()
        self._report_progress(step, done, total)

    def _write(self) -> None:
        steps = [{"step": step, **counts} for step, counts in self._steps.items()]
        partial = self._path.with_suffix(".partial")
        self._path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps({"steps": steps}), encoding="utf-8")
        partial.replace(self._path)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStatus:
    """A step of a build: `done` of `total`, None where the number is not known; `unit` is what is counted."""

    step: str
    done: int
    total: int | None
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildStatus:
    """How a build stands that has not ended: whether a process is at it, and the steps that it has begun, in order."""

    is_running: bool
    steps: tuple[StepStatus, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the status as values of JSON."""
        return asdict(self)

    def line(self) -> str:
        """Return the status in words."""
        steps = ", ".join(
            f"{one.step} {one.done}{f' of {one.total}' if one.total is not None else ''} {one.unit}".rstrip()
            for one in self.steps
        )
        how = "running" if self.is_running else "not running; the same command goes on"
        return f"build       {how}: {steps or 'nothing is done yet'}"


def build_status(output: Path) -> BuildStatus | None:
    """Return how the unfinished build in a directory stands, None where there is none."""
    work = output / WORK
    if not work.is_dir():
        return None
    try:
        steps = json.loads((work / _PROGRESS).read_bytes())["steps"]
        found = tuple(StepStatus(**one, unit=STEP_UNITS.get(one["step"], "")) for one in steps)
    except (OSError, ValueError, KeyError, TypeError):
        found = ()
    try:
        with exclusive_lock(output, BusyError()):
            return BuildStatus(is_running=False, steps=found)
    except BusyError:
        return BuildStatus(is_running=True, steps=found)
