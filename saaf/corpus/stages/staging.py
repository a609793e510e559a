"""Staging: the files of a corpus under their names, in a directory that publication moves to its place."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from saaf.corpus.file_names import (
    CARD,
    CLUSTERS,
    CROISSANT,
    DATA,
    LEDGER,
    ORIGINALS,
    PAIRS,
    REJECTED,
    REPORTS,
    part_name,
)
from saaf.corpus.ledger import LedgerError, State
from saaf.corpus.manifest import write_manifest
from saaf.corpus.manifest_entries import file_entry
from saaf.corpus.stages import near_tables, publish
from saaf.corpus.stages.input_keys import listing_key
from saaf.corpus.stages.losses import LossArguments, check_losses, loss_line, loss_task
from saaf.corpus.stages.reconcile import check_filtered, check_parts
from saaf.corpus.stages.reporting import REPORT_DIRECTORY, report_task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from saaf.corpus.stages.run import Run
    from saaf.corpus.stages.sequence import Passed
    from saaf.corpus.stages.tasks import Result, Task


@dataclass(slots=True, kw_only=True)
class Sums:
    """The sums over all parts of a corpus: `reasons` are some of those for which inputs were left out, by key.

    `languages` and `language_keys` count the kept documents by code and by code with script ("hi_Deva").
    `losses` are sentences on languages and hosts that lost nearly all of their documents at one step.
    """

    states: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    language_keys: Counter[str] = field(default_factory=Counter)
    characters: int = 0
    removed: int = 0
    reasons: list[tuple[str, str]] = field(default_factory=list)
    losses: tuple[str, ...] = ()

    def add(self, result: Result) -> None:
        """Add the result of a part."""
        self.states.update(result["states"])
        self.languages.update(result["languages"])
        self.language_keys.update(result["language_keys"])
        self.characters += result["characters"]
        self.removed += result["removed"]
        self.reasons.extend((key, reason) for key, reason in result["reasons"])


def stage_corpus(
    run: Run,
    passed: Passed,
    decide_task: Task,
    *,
    omitted: Mapping[str, int],
    containment_omitted: Mapping[str, int] | None = None,
    more_files: Mapping[str, Path] | None = None,
    more_settings: Mapping[str, object] | None = None,
) -> tuple[Path, Sums]:
    """Write the files of a corpus to a directory, and return it with the sums; nothing is published yet.

    `more_files` are further files by their names in the corpus, `more_settings` settings that the manifest records.
    """
    decided = publish.Decided(rows=passed.rows, captures=passed.captures, decide=decide_task.files)
    keys = [task.key for task in (*passed.rows, *passed.captures, decide_task.files)]
    made = [task.result() or {} for task in passed.rows]
    check_filtered(made, passed.left_out, decide_task.files.result() or {})
    rows = [result["rows"] for result in made]
    losses = _losses(run, decided, keys, sum(rows))
    order = run.task(publish.order_task, keys, decided)
    shards = run.one(_WRITING, order, sum(rows))["shards"]
    tasks = _shard_tasks(run, order, shards, decided)
    parts = [*_part_tasks(run, passed, decided, order), *_listing_tasks(run, passed)]
    sizes = [*(shard["end"] - shard["start"] for shard in shards), *rows, *[0] * (len(parts) - len(rows))]
    results = run.all(_WRITING, [*tasks, *parts], sizes)
    written, others = results[: len(tasks)], results[len(tasks) :]
    check_parts(passed.rows, others[: len(rows)])
    sums = Sums(losses=losses)
    for result in others:
        sums.add(result)
    _check_counts(sums, shards)
    staged = run.work / "corpus"
    shutil.rmtree(staged, ignore_errors=True)
    entries = _link_shards(staged, shards, tasks, written) | _link_parts(staged, parts, others)
    of_all = {CLUSTERS: decide_task.path(near_tables.CLUSTERS), PAIRS: decide_task.path(near_tables.PAIRS)}
    for name, path in (of_all | dict(more_files or {})).items():
        entries[name] = _link(path, staged / name, file_entry(path))
    recorded: dict[str, Any] = {
        "omitted": omitted,
        "containment_omitted": containment_omitted,
        "columns": passed.columns,
        "quality_filter": passed.quality_filter.describe(sums.language_keys) if passed.quality_filter else None,
    }
    write_manifest(staged, entries, run.settings, more_settings, **recorded)  # which the report reads
    entries |= _link_report(run, staged, [order.key, repr(run.settings.card), *sorted(map(repr, entries.items()))])
    write_manifest(staged, entries, run.settings, more_settings, **recorded)
    return staged, sums


_WRITING = "writing the corpus"

Entries = dict[str, dict[str, Any]]
"""Of each file of a corpus, by its name, what the manifest says."""


def _link_shards(
    staged: Path, shards: Sequence[dict[str, Any]], tasks: Sequence[Task], results: Sequence[Result]
) -> Entries:
    """Put the files of data/ in their places."""
    entries: Entries = {}
    for shard, task, result in zip(shards, tasks, results, strict=True):
        name = f"{DATA}/{shard['directory']}/{shard['name']}"
        entries[name] = _link(task.path(publish.SHARD), staged / name, result["file"])
    return entries


def _link_parts(staged: Path, tasks: Sequence[Task], results: Sequence[Result]) -> Entries:
    """Put the files of the tables that are in parts in their places, each table numbered through."""
    entries: Entries = {}
    for directory, file_name in _PART_FILES:
        written = [each for each in zip(tasks, results, strict=True) if file_name in each[1]["files"]]
        for number, (task, result) in enumerate(written):
            name = f"{directory}/{part_name(number, len(written))}"
            entries[name] = _link(task.path(file_name), staged / name, result["files"][file_name])
    return entries


def _link_report(run: Run, staged: Path, inputs: Sequence[str]) -> Entries:
    """Write report, card and metadata of the staged files, and put them in their places."""
    report = run.task(report_task, inputs, staged)
    run.one("writing the report", report)
    paths = {name: report.path(REPORT_DIRECTORY) / PurePath(name).name for name in (*REPORTS, CARD, CROISSANT)}
    return {name: _link(path, staged / name, file_entry(path)) for name, path in paths.items()}


def _losses(run: Run, decided: publish.Decided, keys: list[str], rows: int) -> tuple[str, ...]:
    """Return which languages and hosts lost nearly all at one step. Raises `LossError` where that is not allowed."""
    arguments = LossArguments(decided=decided, settings=run.settings)
    counted = run.one(_WRITING, run.task(loss_task, [run.settings.max_lost, *keys], arguments), rows)
    check_losses(counted["losses"], run.settings.max_lost)
    return tuple(loss_line(loss) for loss in counted["losses"])


_PART_FILES = ((ORIGINALS, publish.ORIGINALS), (REJECTED, publish.REJECTED), (LEDGER, publish.LEDGER))


def _shard_tasks(run: Run, order: Task, shards: list[dict[str, Any]], decided: publish.Decided) -> list[Task]:
    return [
        run.task(
            publish.shard_task,
            [order.key, shard["start"], shard["end"]],
            publish.ShardArguments(decided=decided, order=order.files, start=shard["start"], end=shard["end"]),
        )
        for shard in shards
    ]


def _part_tasks(run: Run, passed: Passed, decided: publish.Decided, order: Task) -> list[Task]:
    crawls = _partitions_by_crawl(passed)
    tasks = []
    for number, partition in enumerate(passed.plan.partitions):
        own = sorted({other for part in partition.parts if part.listing for other in crawls[part.listing]})
        arguments = publish.PartArguments(
            decided=decided,
            partition=number,
            listed=tuple(passed.reads[other] for other in own),
            order=order.files,
        )
        tasks.append(run.task(publish.part_task, [number, own, order.key], arguments))
    return tasks


def _partitions_by_crawl(passed: Passed) -> dict[Path, list[int]]:
    """Return the numbers of the partitions of each crawl that has a listing."""
    crawls: dict[Path, list[int]] = {crawl.path: [] for crawl in passed.plan.crawls}
    for number, partition in enumerate(passed.plan.partitions):
        for listing in sorted({part.listing for part in partition.parts if part.listing}):
            crawls[listing].append(number)
    return crawls


def _listing_tasks(run: Run, passed: Passed) -> list[Task]:
    crawls = _partitions_by_crawl(passed)
    tasks = []
    for crawl in passed.plan.crawls:
        reads = tuple(passed.reads[number] for number in crawls[crawl.path])
        arguments = publish.ListingArguments(crawl=crawl, reads=reads, work=run.work / "listings")
        inputs = [crawl.name, listing_key(crawl.path), *(read.key for read in reads)]
        tasks.append(run.task(publish.listing_task, inputs, arguments))
    return tasks


def _link(source: Path, target: Path, entry: dict[str, Any]) -> dict[str, Any]:
    """Give a file a second name, so that a killed build finds it under the first again; return its entry."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copyfile(source, target)
    return entry


def _check_counts(sums: Sums, shards: list[dict[str, Any]]) -> None:
    """Raise `LedgerError` unless the shards hold the kept documents."""
    written, kept = sum(shard["end"] - shard["start"] for shard in shards), sums.states[State.KEPT.value]
    if written != kept:
        raise LedgerError(f"the shards hold {written} documents, and the ledger {kept} kept ones")
