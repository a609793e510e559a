"""The sequence of stages that `saaf build` and `saaf dedupe` share: from the inputs to the documents that passed."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from saaf.corpus.column_plans import column_plans, plan_lines
from saaf.corpus.partitions import plan_inputs
from saaf.corpus.records import Partition, ReadOptions
from saaf.corpus.schema import DOCUMENTS, REJECTED
from saaf.corpus.stages.captures import ROWS_PER_BUCKET, CaptureArguments, capture_task
from saaf.corpus.stages.carried import OTHERS
from saaf.corpus.stages.ids import id_task
from saaf.corpus.stages.input_keys import identity_of, listing_key, part_key
from saaf.corpus.stages.joins import JoinArguments, join_task
from saaf.corpus.stages.kept_ids import kept_columns
from saaf.corpus.stages.read import FRAMES, ROWS_PER_BATCH, ReadArguments, read_task
from saaf.corpus.stages.reconcile import check_rows, check_unreadable
from saaf.corpus.stages.rows import RowArguments, row_task
from saaf.corpus.stages.site_knowledge import SiteKnowledge
from saaf.corpus.stages.sites import (
    EvidenceArguments,
    RightsArguments,
    SampleArguments,
    SiteArguments,
    evidence_task,
    rights_task,
    sample_task,
    site_task,
)
from saaf.corpus.stages.tasks import make_task
from saaf.corpus.stages.thresholds import AppliedFilter, applied_filter, threshold_task
from saaf.corpus.stages.work import WorkProgress, continuation, has_work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from saaf.corpus.input_paths import InputPath
    from saaf.corpus.partitions import InputPlan
    from saaf.corpus.settings import BuildSettings, Notify, Progress
    from saaf.corpus.stages.engine import Engine
    from saaf.corpus.stages.guard import PageGuard
    from saaf.corpus.stages.tasks import Result, Task, TaskFiles

NOT_IN_KEYS = ("workers", "engine", "max_lost", "max_unreadable")
"""Settings on which no file of a stage depends."""
_PAGES_PER_BUCKET = 1_000  # of sites: the profiles of that many single pages take 80 MB


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

    def all(self, step: str, tasks: Sequence[Task]) -> list[Result]:
        """Run tasks, and return their results in order; `step` names them where progress is reported."""
        results: list[Result | None] = [task.files.result() for task in tasks]
        left = [position for position, result in enumerate(results) if result is None]
        self.report_progress(step, len(tasks) - len(left), len(tasks))
        for done, (place, result) in enumerate(self.engine.run([tasks[position] for position in left]), start=1):
            results[left[place]] = result
            self.report_progress(step, len(tasks) - len(left) + done, len(tasks))
        return [result for result in results if result is not None]

    def one(self, step: str, task: Task) -> Result:
        """Run one task, and return its result."""
        return self.all(step, [task])[0]


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


def _settings_key(settings: BuildSettings) -> str:
    """Return what a corpus depends on of the settings: not the number of workers, and profiles by their files."""
    values = asdict(settings)
    for name in NOT_IN_KEYS:
        del values[name]
    if settings.profiles is not None:
        paths = sorted(settings.profiles.glob("*.json")) if settings.profiles.is_dir() else []
        values["profiles"] = [(path.name, *identity_of(path)) for path in paths]
    values["rules"] = [(pack.name, pack.digest, pack.fault) for pack in settings.rules]
    values["lid"] = settings.lid.digest if settings.lid else None
    return repr(values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """The tasks by which documents were read and filtered; `profile_failures` counts, by reason, pages without.

    `quality_filter` is the filter by quality, None where there is none. `left_out` is the number of documents that a
    filter left out. `notes` are lines on columns of tables, `columns` the plans of tables with their files.
    """

    plan: InputPlan
    reads: tuple[TaskFiles, ...]
    sites: SiteKnowledge | None
    rows: tuple[TaskFiles, ...]
    captures: tuple[TaskFiles, ...]
    profile_failures: Counter[str]
    quality_filter: AppliedFilter | None
    left_out: int
    notes: tuple[str, ...]
    columns: dict[str, list[str]]


def run_until_captures(
    run: Run,
    inputs: Sequence[InputPath],
    *,
    text_only: bool = False,
    paragraphs: bool = False,
    own_ids: bool = False,
    carry: bool = True,
) -> Passed:
    """Read the inputs, learn the sites, make rows and filter them. Raises `InputError` where there is no input.

    `paragraphs` says whether paragraphs are compared later. With `own_ids` no ids of tables are kept, without `carry`
    no columns of theirs.
    """
    settings = run.settings
    options = ReadOptions(
        text_column=settings.text_column,
        html_column=settings.html_column,
        url_column=settings.url_column,
        id_column=settings.id_column,
        carry_columns=carry,
        corpus_columns=frozenset((*DOCUMENTS.names, *REJECTED.names, OTHERS)),
        body_limit=settings.body_limit,
        rows_per_batch=0 if settings.clean else ROWS_PER_BATCH,
        work=run.work / "listings",
    )
    plan = plan_inputs(inputs, options)
    if not plan.partitions:  # a crawl that captured nothing has a listing alone
        plan = replace(plan, partitions=(Partition(parts=()),))
    partitions = plan.partitions
    columns = column_plans(partitions, options)
    for line in plan_lines(columns):
        run.report_note(line)
    read_tasks = [
        run.task(
            read_task,
            [text_only, *map(part_key, partition.parts)],
            ReadArguments(partition=partition, options=options, settings=settings, text_only=text_only),
        )
        for partition in partitions
    ]
    if run.notify is not None:
        run.notify(continuation(read_tasks, FRAMES))
    results = run.all("reading and cleaning" if settings.clean else "reading", read_tasks)
    reads = files_of(read_tasks)
    sites = learn_sites(run, reads, results) if settings.clean else None
    bases = _bases(results)
    joins = _find_joins(run, plan, reads, bases) if settings.clean and plan.crawls else None
    ids = run.task(id_task, [read.key for read in reads], reads)
    stated = sum(result["stated_ids"] for result in results)
    kept = kept_columns(settings, stated, lambda: int(run.one("reading", ids)["shared"]), own_ids=own_ids)
    keys = [task.key for task in (*reads, *(sites.tasks if sites else ()), *([joins] if joins else ()))]
    row_tasks = [
        run.task(
            row_task,
            [number, own, kept, paragraphs, *keys],
            RowArguments(
                reads=reads,
                partition=number,
                bases=own,
                sites=sites,
                joins=joins,
                settings=settings,
                kept=kept.columns,
                paragraphs=paragraphs,
            ),
        )
        for number, own in enumerate(bases)
    ]
    made = run.all("comparing the pages of each site" if settings.clean else "counting", row_tasks)
    check_rows(partitions, results, made)
    check_unreadable(made, settings)
    rows = files_of(row_tasks)
    problems: Counter[str] = Counter()
    for result in made:
        problems.update(result["profile_failures"])
    quality_filter = _quality_filter(run, rows)
    count = max(1, -(-sum(result["rows"] for result in made) // ROWS_PER_BUCKET))
    capture_tasks = [
        run.task(
            capture_task,
            [number, count, *(task.key for task in rows)],
            CaptureArguments(
                rows=rows,
                bucket=number,
                buckets=count,
                settings=settings,
                thresholds=quality_filter.thresholds if quality_filter else {},
            ),
        )
        for number in range(count)
    ]
    filtered = run.all("filtering", capture_tasks)
    return Passed(
        plan=plan,
        reads=reads,
        sites=sites,
        rows=rows,
        captures=files_of(capture_tasks),
        profile_failures=problems,
        quality_filter=quality_filter,
        left_out=sum(result["left_out"] for result in filtered),
        notes=kept.notes,
        columns=columns,
    )


def _quality_filter(run: Run, rows: tuple[TaskFiles, ...]) -> AppliedFilter | None:
    """Return the filter by quality with its thresholds, those derived from the documents of the rows too."""
    chosen = run.settings.quality_filter
    if chosen is None:
        return None
    if not chosen.derives:
        return applied_filter(chosen, None)
    return applied_filter(chosen, run.one("filtering", run.task(threshold_task, [row.key for row in rows], rows)))


def _bases(results: Sequence[Result]) -> list[dict[str, int]]:
    """Return, for each partition, the number of the last record before it of each file that was cut."""
    last: Counter[str] = Counter()
    bases = []
    for result in results:
        numbers: dict[str, int] = result["numbers"]
        bases.append({name: last[name] for name in numbers})
        last.update(numbers)
    return bases


def _find_joins(
    run: Run, plan: InputPlan, reads: tuple[TaskFiles, ...], bases: Sequence[dict[str, int]]
) -> TaskFiles | None:
    """Return the files with the pages of articles of several pages, None where there are none."""
    crawls = tuple(crawl.path for crawl in plan.crawls)
    arguments = JoinArguments(reads=reads, bases=tuple(bases), crawls=crawls, work=run.work / "listings")
    task = run.task(join_task, [*map(listing_key, crawls), bases, *(read.key for read in reads)], arguments)
    return task.files if run.one("joining the pages of articles", task)["pages"] else None


def files_of(tasks: Iterable[Task]) -> tuple[TaskFiles, ...]:
    """Return the files of tasks."""
    return tuple(task.files for task in tasks)


def learn_sites(run: Run, reads: tuple[TaskFiles, ...], results: Sequence[Result]) -> SiteKnowledge:
    """Learn the profiles of the sites that have pages enough, and collect their rights files."""
    known, keys = run.settings.profiles, [task.key for task in reads]
    step = "comparing the pages of each site"
    samples = run.task(sample_task, keys, SampleArguments(reads=reads, known_profiles=known))
    found = run.one(step, samples)
    evidence: list[Task] = []
    sites: list[Task] = []
    if found["pages"]:
        buckets = max(1, found["pages"] // _PAGES_PER_BUCKET)
        evidence = [
            run.task(
                evidence_task,
                [read.key, samples.key, buckets],
                EvidenceArguments(read=read, samples=samples.files, buckets=buckets),
            )
            for read in reads
        ]
        run.all(step, evidence)
        sites = [
            run.task(
                site_task,
                [bucket, *(task.key for task in evidence)],
                SiteArguments(evidence=files_of(evidence), bucket=bucket, known_profiles=known),
            )
            for bucket in range(buckets)
        ]
        run.all(step, sites)
    rights = None
    with_rights = [read for read, result in zip(reads, results, strict=True) if result["rights_files"]]
    if with_rights:
        rights = run.task(rights_task, [task.key for task in with_rights], RightsArguments(reads=tuple(with_rights)))
        run.one(step, rights)
    return SiteKnowledge(evidence=files_of(evidence), sites=files_of(sites), rights=rights.files if rights else None)
