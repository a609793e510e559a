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
from saaf.corpus.stages import near_tables, publish
from saaf.corpus.stages.input_keys import listing_key
from saaf.corpus.stages.losses import LossArguments, check_losses, loss_line, loss_task
from saaf.corpus.stages.published_files import file_entry
from saaf.corpus.stages.reconcile import check_filtered, check_parts
from saaf.corpus.stages.reporting import REPORT_DIRECTORY, report_task

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from saaf.corpus.stages.sequence import Passed, Run
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
    losses = _losses(run, decided, keys)
    order = run.task(publish.order_task, keys, decided)
    shards = run.one("writing the corpus", order)["shards"]
    tasks = _shard_tasks(run, order, shards, decided)
    parts = _part_tasks(run, passed, decided, order)
    listings = _listing_tasks(run, passed)
    results = run.all("writing the corpus", [*tasks, *parts, *listings])
    check_parts(passed.rows, results[len(tasks) : len(tasks) + len(parts)])
    sums = Sums(losses=losses)
    for result in results[len(tasks) :]:
        sums.add(result)
    _check_counts(sums, shards)
    staged = run.work / "corpus"
    shutil.rmtree(staged, ignore_errors=True)
    entries: dict[str, dict[str, Any]] = {}
    for shard, task, result in zip(shards, tasks, results, strict=False):
        name = f"{DATA}/{shard['directory']}/{shard['name']}"
        entries[name] = _link(task.path(publish.SHARD), staged / name, result["file"])
    done = list(zip([*parts, *listings], results[len(tasks) :], strict=True))
    for directory, file_name in _PART_FILES:
        written = [(task, result) for task, result in done if file_name in result["files"]]
        for number, (task, result) in enumerate(written):
            name = f"{directory}/{part_name(number, len(written))}"
            entries[name] = _link(task.path(file_name), staged / name, result["files"][file_name])
    tables = {
        CLUSTERS: decide_task.path(near_tables.CLUSTERS),
        PAIRS: decide_task.path(near_tables.PAIRS),
        **(more_files or {}),
    }
    for name, path in tables.items():
        entries[name] = _link(path, staged / name, file_entry(path))
    recorded: dict[str, Any] = {
        "omitted": omitted,
        "containment_omitted": containment_omitted,
        "columns": passed.columns,
        "quality_filter": passed.quality_filter.describe(sums.language_keys) if passed.quality_filter else None,
    }
    write_manifest(staged, entries, run.settings, more_settings, **recorded)
    report = run.task(report_task, [order.key, *sorted(map(repr, entries.items()))], staged)
    run.one("writing the report", report)
    for name in (*REPORTS, CARD, CROISSANT):
        path = report.path(REPORT_DIRECTORY) / PurePath(name).name
        entries[name] = _link(path, staged / name, file_entry(path))
    write_manifest(staged, entries, run.settings, more_settings, **recorded)
    return staged, sums


def _losses(run: Run, decided: publish.Decided, keys: list[str]) -> tuple[str, ...]:
    """Return which languages and hosts lost nearly all at one step. Raises `LossError` where that is not allowed."""
    arguments = LossArguments(decided=decided, settings=run.settings)
    counted = run.one("writing the corpus", run.task(loss_task, [run.settings.max_lost, *keys], arguments))
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
