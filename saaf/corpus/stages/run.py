"""A build that runs: what runs its tasks, where its work is, and how progress is reported."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from saaf.corpus.stages.input_keys import identity_of
from saaf.corpus.stages.tasks import make_task
from saaf.corpus.stages.work import WorkProgress, has_work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from saaf.corpus.settings import BuildSettings, Notify, Progress
    from saaf.corpus.stages.engine import Engine
    from saaf.corpus.stages.guard import PageGuard
    from saaf.corpus.stages.tasks import Result, Task, TaskFiles

NOT_IN_KEYS = ("workers", "engine", "max_lost", "max_unreadable", "card")
"""Settings on which no file of a stage depends; on the card depend those of the report, whose key has it."""
_NOT_IN_READ_KEYS = (
    "agent", "rights", "languages", "min_tokens", "quality_filter", "redact", "paragraph_languages", "dedupe", "keep",
    "split_appended",
    "skip_types",
)  # fmt: skip
"""Settings on which what is read of the inputs does not depend: they hold for later stages."""


def ignore_note(_sentence: str) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A build that runs: its engine, the directory of its work, its settings, and where progress is reported.

    `notify` is told what becomes of the work of an earlier build, in a sentence; None where there is none.
    """

    engine: Engine
    work: Path
    settings: BuildSettings
    settings_key: str
    report_progress: Progress
    notify: Notify | None = None
    report_note: Notify = ignore_note

    def task(self, function: Callable[[Task, PageGuard], Result], inputs: Iterable[object], arguments: Any) -> Task:
        """Return a task of this build; `inputs` are what its files depend on beside the settings."""
        return make_task(function, self.work, [self.settings_key, *inputs], arguments)

    def read_task(
        self, function: Callable[[Task, PageGuard], Result], inputs: Iterable[object], arguments: Any
    ) -> Task:
        """Return a task that reads inputs: a build with other settings of later stages goes on with what it read."""
        not_used = (*_NOT_IN_READ_KEYS, *(("dump",) if self.settings.clean else ()))  # rows that stay have theirs
        return make_task(function, self.work, [_settings_key(self.settings, not_used), *inputs], arguments)

    def all(self, step: str, tasks: Sequence[Task], sizes: Sequence[int] | None = None) -> list[Result]:
        """Run tasks, and return their results in order.

        `step` names them where progress is reported (`saaf.corpus.progress.STEP_UNITS`), `sizes` are what each counts
        for there, such as its documents; None for 1 each.
        """
        counts = sizes or [1] * len(tasks)
        results: list[Result | None] = [task.files.result() for task in tasks]
        left = [position for position, result in enumerate(results) if result is None]
        total = sum(counts)
        done = total - sum(counts[position] for position in left)
        self.report_progress(step, done, total)
        for place, result in self.engine.run([tasks[position] for position in left]):
            results[left[place]] = result
            done += counts[left[place]]
            self.report_progress(step, done, total)
        return [result for result in results if result is not None]

    def one(self, step: str, task: Task, size: int = 1) -> Result:
        """Run one task, which counts for `size` where progress is reported, and return its result."""
        return self.all(step, [task], [size])[0]


def start_run(
    engine: Engine,
    work: Path,
    settings: BuildSettings,
    report_progress: Progress | None,
    notify: Notify | None = None,
) -> Run:
    """Return a build whose work is in the directory `work`."""
    return Run(
        engine=engine,
        work=work,
        settings=settings,
        settings_key=_settings_key(settings),
        report_progress=WorkProgress(work, report_progress or _no_progress),
        notify=notify if has_work(work) else None,
        report_note=notify or ignore_note,
    )


def _no_progress(_step: str, _done: int, _total: int | None) -> None:
    """Report nothing."""


def _settings_key(settings: BuildSettings, not_used: Sequence[str] = ()) -> str:
    """Return what a corpus depends on of the settings: not the number of workers, and profiles by their files.

    `not_used` are further settings that are left out.
    """
    values = asdict(settings)
    for name in (*NOT_IN_KEYS, *not_used):
        del values[name]
    if settings.profiles is not None:
        paths = sorted(settings.profiles.glob("*.json")) if settings.profiles.is_dir() else []
        values["profiles"] = [(path.name, *identity_of(path)) for path in paths]
    values["rules"] = [(pack.name, pack.digest, pack.fault) for pack in settings.rules]
    values["lid"] = settings.lid.digest if settings.lid else None
    return repr(values)


def files_of(tasks: Iterable[Task]) -> tuple[TaskFiles, ...]:
    """Return the files of tasks."""
    return tuple(task.files for task in tasks)
