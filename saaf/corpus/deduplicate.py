"""`saaf dedupe`: near-duplicates among texts as they are, and against an index of older documents.

It is a build that cleans nothing, with four options more: an index, repeated paragraphs, documents inside longer ones,
and the linkage of clusters.
"""

from __future__ import annotations

import pickle
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq

from saaf.corpus.build import BuildSummary, opened_output, publish, summarise_build
from saaf.corpus.capture_settings import with_recorded
from saaf.corpus.containment import ContainmentOptions, find_contained_documents
from saaf.corpus.file_names import CONTAINED, MATCHES, PARAGRAPHS
from saaf.corpus.index import add_documents, change_and_merge, count_indexed, find_matches
from saaf.corpus.index_tables import MATCHES as MATCHES_SCHEMA
from saaf.corpus.ledger import State
from saaf.corpus.near_duplicates import check_near_duplicates
from saaf.corpus.outcomes import Outcome
from saaf.corpus.output_guards import check_output, check_outside_index
from saaf.corpus.paragraphs import PARAGRAPHS as PARAGRAPHS_SCHEMA
from saaf.corpus.paragraphs import ParagraphOptions, find_repeated_paragraphs
from saaf.corpus.parquet import write_table
from saaf.corpus.schema import CONTAINED as CONTAINED_SCHEMA
from saaf.corpus.settings import DEFAULT_DUMP
from saaf.corpus.stages.captures import OUTCOMES, write_outcomes
from saaf.corpus.stages.decide import EDITS, passed_summaries, write_decisions
from saaf.corpus.stages.engine import InProcess
from saaf.corpus.stages.engines import locate, open_chosen_engine
from saaf.corpus.stages.near import NearArguments, compare_documents, excluded_rows
from saaf.corpus.stages.near_tables import read_near_tables, tables_of
from saaf.corpus.stages.partition_rows import PartitionRows, Summaries
from saaf.corpus.stages.run import start_run
from saaf.corpus.stages.sequence import run_until_captures
from saaf.corpus.stages.staging import stage_corpus
from saaf.corpus.stages.work import delete_work
from saaf.corpus.standard_input import with_standard_input
from saaf.dedupe import Linkage, Omitted
from saaf.dedupe.index import reading

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from saaf.corpus.containment import ContainedDocuments
    from saaf.corpus.index import AddedCounts
    from saaf.corpus.paragraphs import RepeatedParagraphs
    from saaf.corpus.settings import BuildSettings, Notify, Progress
    from saaf.corpus.stages.guard import PageGuard
    from saaf.corpus.stages.near_tables import NearTables
    from saaf.corpus.stages.run import Run
    from saaf.corpus.stages.sequence import Passed
    from saaf.corpus.stages.tasks import Result, Task, TaskFiles
    from saaf.dedupe.index import Index

    Row = dict[str, Any]

_TABLES = {MATCHES: "matches.parquet", PARAGRAPHS: "paragraphs.parquet", CONTAINED: "contained.parquet"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DedupeOptions:
    """What `saaf dedupe` can be asked beyond the settings of a build.

    Without `metadata`, the default, no language is identified and no title, author or date is read from plain texts:
    their language is what a column of a table states, "und" without one, and the other columns are null. `linkage`
    says what joins documents to a cluster, `paragraphs` what becomes of repeated paragraphs, `containment` of documents
    that stand in longer ones. `index` is the directory of an index that the documents are compared with and added to,
    None for none. `read_only_indexes` are those of indexes that they are only compared with.
    """

    linkage: Linkage = Linkage.STAR
    paragraphs: ParagraphOptions = field(default_factory=ParagraphOptions)
    containment: ContainmentOptions = field(default_factory=ContainmentOptions)
    index: Path | None = None
    read_only_indexes: tuple[Path, ...] = ()
    metadata: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DedupeSummary:
    """The counts of a finished deduplication.

    `corpus` are those of a build. `matched` documents were set aside as near-duplicates of an older document of an
    index. `contained` documents stand in a longer one, None where they were not looked for. `added` counts what was
    added to the index, None where there is none. `indexed` counts documents that a read-only index has itself, of the
    same crawl, and that it was not compared with. `dump` is the name of that crawl.
    """

    corpus: BuildSummary
    matched: int
    contained: int | None
    added: AddedCounts | None
    indexed: int = 0
    dump: str = DEFAULT_DUMP


def deduplicate(
    inputs: Sequence[Path],
    output: Path,
    *,
    settings: BuildSettings,
    options: DedupeOptions,
    report_progress: Progress | None = None,
    notify: Notify | None = None,
    from_stage: str | None = None,
) -> DedupeSummary:
    """Write the corpus of `inputs` to `output`, as `saaf.corpus.build.build` does and with its exceptions.

    The index is changed after the corpus is published. Killed between the two, the same command again does what is
    left, with the same result: a document matches no older capture of itself. Raises what `saaf.dedupe.index.change`
    and, for a read-only index, `saaf.dedupe.index.reading` raise.
    """
    check_output(inputs, output, settings.profiles)
    for directory in (*options.read_only_indexes, *([options.index] if options.index else [])):
        check_outside_index([output, *inputs], directory)
    with ExitStack() as stack:
        older = [stack.enter_context(reading(path, settings.dedupe)) for path in options.read_only_indexes]
        index = stack.enter_context(change_and_merge(options.index, settings.dedupe)) if options.index else None
        indexes = [*([index.index] if index else []), *older]
        stack.enter_context(opened_output(output, from_stage))
        paths, settings, work = locate(inputs, settings, output)
        settings = with_recorded(settings, paths)
        engine = stack.enter_context(open_chosen_engine(settings, work, paths))
        run = start_run(engine, work, settings, report_progress, notify)
        passed = run_until_captures(
            run,
            with_standard_input(paths, work),
            text_only=not options.metadata,
            paragraphs=True,
            own_ids=bool(indexes),
        )
        compare, result, matched = _compare(run, passed, options, indexes)
        staged, sums = stage_corpus(
            run,
            passed,
            compare,
            omitted=result["omitted"],
            containment_omitted=result["containment_omitted"],
            more_files={name: compare.path(file_name) for name, file_name in _TABLES.items()},
            more_settings=_recorded(options, indexes),
        )
        rows = PartitionRows(passed.rows)
        added, indexed = None, 0
        if indexes:
            compared = Summaries(passed_summaries(rows, passed.captures))
            texts = rows.texts(compared.numbers)
            added = add_documents(index, compared, texts, crawl=settings.dump) if index else None
            indexed = sum(count_indexed(each, compared, settings.dump) for each in older)
        publish(staged, output, sums, run.report_note)
        delete_work(work)
    sums.removed += result["removed_characters"]
    return DedupeSummary(
        corpus=summarise_build(sums, output, passed),
        matched=matched,
        contained=result["contained"] if options.containment.share is not None else None,
        added=added,
        indexed=indexed,
        dump=settings.dump,
    )


def _recorded(options: DedupeOptions, indexes: Sequence[Index]) -> dict[str, object]:
    """Return what the manifest records of the options."""
    more: dict[str, object] = {
        "linkage": options.linkage.value,
        "metadata": options.metadata,
        "paragraphs": asdict(options.paragraphs),
        "containment": asdict(options.containment),
    }
    if indexes:
        more["indexes"] = [{"documents": index.documents, "generation": index.generation} for index in indexes]
    return more


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchArguments:
    """The arguments of the comparison with indexes: the tasks with rows and filters, and the indexes that are open."""

    rows: tuple[TaskFiles, ...]
    captures: tuple[TaskFiles, ...]
    settings: BuildSettings
    indexes: tuple[Index, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareArguments:
    """The arguments of the last comparison: tasks with the rows, with the outcomes so far, and with near-duplicates.

    `match` is the task that compared the documents with indexes, None where there are none; `passed` documents were
    compared with each other.
    """

    rows: tuple[TaskFiles, ...]
    excluded: tuple[TaskFiles, ...]
    near: tuple[TaskFiles, ...]
    match: TaskFiles | None
    passed: int
    settings: BuildSettings
    options: DedupeOptions


def _compare(run: Run, passed: Passed, options: DedupeOptions, indexes: Sequence[Index]) -> tuple[Task, Result, int]:
    """Compare the documents with the indexes, in this process, in which they are open, and with each other.

    The last value is the number of documents that were set aside for one of an index.
    """
    settings, step = run.settings, "comparing documents"
    excluded, match, matched = passed.captures, None, 0
    if indexes:
        states = [(str(path.resolve()), each.generation) for path, each in zip(_paths(options), indexes, strict=True)]
        keys = [task.key for task in (*passed.rows, *passed.captures)]
        arguments = MatchArguments(
            rows=passed.rows, captures=passed.captures, settings=settings, indexes=tuple(indexes)
        )
        task = run.task(match_task, [states, *keys], arguments)
        matched = replace(run, engine=InProcess()).one(step, task)["matched"]
        match = task.files
        excluded = (*excluded, match)
    near, passing = compare_documents(
        run,
        NearArguments(rows=passed.rows, excluded=excluded, settings=settings.dedupe, linkage=options.linkage),
    )
    compare = run.task(
        compare_task,
        [options.paragraphs, options.containment, *(task.key for task in (*excluded, *near))],
        CompareArguments(
            rows=passed.rows,
            excluded=excluded,
            near=near,
            match=match,
            settings=settings,
            options=options,
            passed=passing,
        ),
    )
    return compare, run.one(step, compare), matched


def _paths(options: DedupeOptions) -> list[Path]:
    return [*([options.index] if options.index else []), *options.read_only_indexes]


def match_task(task: Task, _guard: PageGuard) -> Result:
    """Write what documents have in common with the indexes."""
    arguments: MatchArguments = task.arguments
    rows = PartitionRows(arguments.rows)
    compared = Summaries(passed_summaries(rows, arguments.captures))
    matched, matches = _match_indexes(arguments, compared, rows)
    write_outcomes(task.path(OUTCOMES), matched)
    write_table(task.path(_TABLES[MATCHES]), matches, MATCHES_SCHEMA)
    return {"matched": len(matched)}


def compare_task(task: Task, _guard: PageGuard) -> Result:
    """Find contained documents and repeated paragraphs, and write what becomes of documents."""
    arguments: CompareArguments = task.arguments
    rows = PartitionRows(arguments.rows)
    near = read_near_tables(arguments.near)
    contained = _contained(rows, near, arguments)
    near = near if contained is None else tables_of(contained.duplicates)
    paragraphs = _repeated_paragraphs(rows, near, arguments)
    matches = pq.read_table(arguments.match.path(_TABLES[MATCHES])).to_pylist() if arguments.match else []
    write_table(task.path(_TABLES[MATCHES]), matches, MATCHES_SCHEMA)
    write_table(task.path(_TABLES[CONTAINED]), contained.rows if contained else [], CONTAINED_SCHEMA)
    write_table(task.path(_TABLES[PARAGRAPHS]), paragraphs.rows, PARAGRAPHS_SCHEMA)
    task.path(EDITS).write_bytes(pickle.dumps(paragraphs.removals))
    spans = (removal for removals in paragraphs.removals.values() for removal in removals)
    more = pq.read_table(arguments.match.path(OUTCOMES)) if arguments.match else None
    return write_decisions(task, near, more=more) | {
        "passed": arguments.passed,
        "matched": more.num_rows if more else 0,
        "containment_omitted": asdict(contained.omitted if contained else Omitted()),
        "contained": contained.documents if contained else 0,
        "removed_characters": sum(removal.end - removal.start for removal in spans),
    }


def _contained(rows: PartitionRows, near: NearTables, arguments: CompareArguments) -> ContainedDocuments | None:
    """Return the documents that stand in longer ones, None where they are not looked for."""
    if arguments.options.containment.share is None:
        return None
    summaries = Summaries(passed_summaries(rows, arguments.excluded))
    found = find_contained_documents(
        summaries, rows, near.objects(), arguments.options.containment, arguments.settings.dedupe
    )
    check_near_duplicates(found.duplicates, summaries)
    return found


def _repeated_paragraphs(rows: PartitionRows, near: NearTables, arguments: CompareArguments) -> RepeatedParagraphs:
    """Return the repeated paragraphs of the documents that are kept: only those that have one are looked at."""
    kept = ~excluded_rows(rows.count, arguments.excluded)
    kept[near.outcomes["number"].to_numpy()] = False
    found = rows.sketches(arguments.settings.dedupe).paragraphs(kept)
    summaries = Summaries(rows.summaries_of(np.unique(found.document).astype(np.int64)))
    position = np.zeros(rows.count, np.uint32)
    position[summaries.numbers] = np.arange(len(summaries))
    found = replace(found, document=position[found.document])
    found = found.take(np.lexsort((found.start, found.document)))
    return find_repeated_paragraphs(found, summaries, rows.texts(summaries.numbers), arguments.options.paragraphs)


def _match_indexes(
    arguments: MatchArguments, compared: Summaries, rows: PartitionRows
) -> tuple[dict[int, Outcome], list[Row]]:
    """Return the outcomes, by number, of documents with a verified match in an index, and all rows of the matches.

    An estimate, where the index keeps no text, is a row of the table and sets nothing aside.
    """
    texts = rows.texts(compared.numbers)
    found = find_matches(arguments.indexes, compared, texts, arguments.settings.dump)
    outcomes = {}
    for position, matches in found.items():
        best = matches[0]
        if best["verified"]:
            reason = (
                f"near-duplicate (Jaccard {best['jaccard']:.2f}) of {best['matched_url'] or best['matched_id']} "
                f"of crawl {best['matched_crawl']}, in the index"
            )
            outcome = Outcome(state=State.DUPLICATE, reason=reason, duplicate_of=best["matched_id"])
            outcomes[compared[position].number] = outcome
    return outcomes, [match for matches in found.values() for match in matches]
