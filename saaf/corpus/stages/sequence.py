"""The sequence of stages that `saaf build` and `saaf dedupe` share: from the inputs to the documents that passed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from saaf.corpus.column_plans import column_plans, plan_lines
from saaf.corpus.named_columns import check_named_columns
from saaf.corpus.partitions import plan_inputs
from saaf.corpus.records import Partition, ReadOptions
from saaf.corpus.schema import DOCUMENTS, REJECTED
from saaf.corpus.stages.captures import ROWS_PER_BUCKET, CaptureArguments, capture_task
from saaf.corpus.stages.carried import OTHERS
from saaf.corpus.stages.ids import id_task
from saaf.corpus.stages.input_keys import listing_key, part_key
from saaf.corpus.stages.joins import JoinArguments, join_task
from saaf.corpus.stages.kept_ids import Kept, kept_columns
from saaf.corpus.stages.read import FRAMES, ROWS_PER_BATCH, ReadArguments, read_task
from saaf.corpus.stages.reconcile import check_rows, check_unreadable
from saaf.corpus.stages.rows import RowArguments, row_task
from saaf.corpus.stages.run import Run, files_of
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
from saaf.corpus.stages.thresholds import AppliedFilter, applied_filter, threshold_task
from saaf.corpus.stages.work import continuation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from saaf.corpus.input_paths import InputPath
    from saaf.corpus.partitions import InputPlan
    from saaf.corpus.stages.tasks import Result, Task, TaskFiles
    from saaf.corpus.stated_columns import KeptColumns

_COMPARING = "comparing the pages of each site"
_PAGES_PER_BUCKET = 1_000  # of sites: the profiles of that many single pages take 80 MB


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadInputs:
    """The inputs of a build when all are read: their plan, and files and result of the task of each partition."""

    plan: InputPlan
    tasks: tuple[TaskFiles, ...]
    results: list[Result]


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
    """Read the inputs, learn the sites, make rows and filter them.

    Raises `InputError` where there is no input, and where none has a column that was named. `paragraphs` says
    whether paragraphs are compared later. With `own_ids` no ids of tables are kept, without `carry` no columns.
    """
    options = _read_options(run, carry=carry)
    plan = plan_inputs(inputs, options)
    if not plan.partitions:  # a crawl that captured nothing has a listing alone
        plan = replace(plan, partitions=(Partition(parts=()),))
    check_named_columns(plan.partitions, options)
    columns = column_plans(plan.partitions, options)
    for line in plan_lines(columns):
        run.report_note(line)
    tasks, results = _read_partitions(run, plan, options, text_only=text_only)
    sites = learn_sites(run, tasks, results) if run.settings.clean else None
    kept = _kept_columns(run, tasks, results, own_ids=own_ids)
    read = ReadInputs(plan=plan, tasks=tasks, results=results)
    rows, made = _make_rows(run, read, sites, kept.columns, paragraphs=paragraphs)
    documents = sum(result["rows"] for result in made)
    quality_filter = _quality_filter(run, rows, documents)
    captures, filtered = _filter_captures(run, rows, documents, quality_filter)
    return Passed(
        plan=plan,
        reads=tasks,
        sites=sites,
        rows=rows,
        captures=captures,
        profile_failures=sum((Counter(result["profile_failures"]) for result in made), Counter()),
        quality_filter=quality_filter,
        left_out=sum(result["left_out"] for result in filtered),
        notes=kept.notes,
        columns=columns,
    )


def _read_options(run: Run, *, carry: bool) -> ReadOptions:
    settings = run.settings
    return ReadOptions(
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


def _read_partitions(
    run: Run, plan: InputPlan, options: ReadOptions, *, text_only: bool
) -> tuple[tuple[TaskFiles, ...], list[Result]]:
    """Read all partitions, and return files and results of the tasks that read them."""
    tasks = [
        run.read_task(
            read_task,
            [text_only, *map(part_key, partition.parts)],
            ReadArguments(partition=partition, options=options, settings=run.settings, text_only=text_only),
        )
        for partition in plan.partitions
    ]
    if run.notify is not None:
        run.notify(continuation(tasks, FRAMES))
    results = run.all("reading and cleaning" if run.settings.clean else "reading", tasks)
    return files_of(tasks), results


def _kept_columns(run: Run, reads: tuple[TaskFiles, ...], results: Sequence[Result], *, own_ids: bool) -> Kept:
    """Return what is kept of the columns of tables; ids only where no two documents share one."""
    ids = run.task(id_task, [read.key for read in reads], reads)
    stated = sum(result["stated_ids"] for result in results)
    return kept_columns(run.settings, stated, lambda: int(run.one("reading", ids)["shared"]), own_ids=own_ids)


def _make_rows(
    run: Run, read: ReadInputs, sites: SiteKnowledge | None, kept: KeptColumns, *, paragraphs: bool
) -> tuple[tuple[TaskFiles, ...], list[Result]]:
    """Make the rows of each partition, cleaned by what is known of its sites; return files and results of the tasks."""
    bases = _bases(read.results)
    joins = _find_joins(run, read, bases) if run.settings.clean and read.plan.crawls else None
    keys = [task.key for task in (*read.tasks, *(sites.tasks if sites else ()), *([joins] if joins else ()))]
    tasks = [
        run.task(
            row_task,
            [number, own, kept, paragraphs, *keys],
            RowArguments(
                reads=read.tasks,
                partition=number,
                bases=own,
                sites=sites,
                joins=joins,
                settings=run.settings,
                kept=kept,
                paragraphs=paragraphs,
            ),
        )
        for number, own in enumerate(bases)
    ]
    sizes = [result["inputs"] for result in read.results]
    made = run.all(_COMPARING if run.settings.clean else "counting", tasks, sizes)
    check_rows(read.plan.partitions, read.results, made)
    check_unreadable(made, run.settings)
    return files_of(tasks), made


def _quality_filter(run: Run, rows: tuple[TaskFiles, ...], documents: int) -> AppliedFilter | None:
    """Return the filter by quality with its thresholds, those derived from the documents of the rows too."""
    chosen = run.settings.quality_filter
    if chosen is None:
        return None
    if not chosen.derives:
        return applied_filter(chosen, None)
    task = run.task(threshold_task, [row.key for row in rows], rows)
    return applied_filter(chosen, run.one("filtering", task, documents))


def _filter_captures(
    run: Run, rows: tuple[TaskFiles, ...], documents: int, quality_filter: AppliedFilter | None
) -> tuple[tuple[TaskFiles, ...], list[Result]]:
    """Take one capture of each URL and filter it; return files and results of the tasks."""
    count = max(1, -(-documents // ROWS_PER_BUCKET))
    tasks = [
        run.task(
            capture_task,
            [number, count, *(task.key for task in rows)],
            CaptureArguments(
                rows=rows,
                bucket=number,
                buckets=count,
                settings=run.settings,
                thresholds=quality_filter.thresholds if quality_filter else {},
            ),
        )
        for number in range(count)
    ]
    return files_of(tasks), run.all("filtering", tasks, even_shares(documents, count))


def _bases(results: Sequence[Result]) -> list[dict[str, int]]:
    """Return, for each partition, the number of the last record before it of each file that was cut."""
    last: Counter[str] = Counter()
    bases = []
    for result in results:
        numbers: dict[str, int] = result["numbers"]
        bases.append({name: last[name] for name in numbers})
        last.update(numbers)
    return bases


def _find_joins(run: Run, read: ReadInputs, bases: Sequence[dict[str, int]]) -> TaskFiles | None:
    """Return the files with the pages of articles of several pages, None where there are none."""
    crawls = tuple(crawl.path for crawl in read.plan.crawls)
    arguments = JoinArguments(reads=read.tasks, bases=tuple(bases), crawls=crawls, work=run.work / "listings")
    task = run.task(join_task, [*map(listing_key, crawls), bases, *(task.key for task in read.tasks)], arguments)
    return task.files if run.one("joining the pages of articles", task)["pages"] else None


def learn_sites(run: Run, reads: tuple[TaskFiles, ...], results: Sequence[Result]) -> SiteKnowledge:
    """Learn the profiles of the sites that have pages enough, and collect their rights files."""
    known, keys = run.settings.profiles, [task.key for task in reads]
    step = _COMPARING
    samples = run.task(sample_task, keys, SampleArguments(reads=reads, known_profiles=known))
    documents = [result["documents"] for result in results]
    found = run.one(step, samples, sum(documents))
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
        run.all(step, evidence, documents)
        sites = [
            run.task(
                site_task,
                [bucket, *(task.key for task in evidence)],
                SiteArguments(evidence=files_of(evidence), bucket=bucket, known_profiles=known),
            )
            for bucket in range(buckets)
        ]
        run.all(step, sites, even_shares(found["pages"], buckets))
    rights = None
    with_rights = [read for read, result in zip(reads, results, strict=True) if result["rights_files"]]
    if with_rights:
        rights = run.task(rights_task, [task.key for task in with_rights], RightsArguments(reads=tuple(with_rights)))
        run.one(step, rights, sum(documents))
    return SiteKnowledge(evidence=files_of(evidence), sites=files_of(sites), rights=rights.files if rights else None)


def even_shares(total: int, count: int) -> list[int]:
    """Return `count` numbers, as equal as can be, whose sum is `total`: what buckets hold, but for chance."""
    return [total // count + (number < total % count) for number in range(count)]
