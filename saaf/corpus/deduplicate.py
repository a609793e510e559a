"""`saaf dedupe`: near-duplicates among texts as they are, and against an index of older documents.

It is a build that cleans nothing, with four options more: an index, repeated paragraphs, documents inside longer ones,
and the linkage of clusters.
"""

from __future__ import annotations

import pickle
import shutil
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from saaf.corpus.build import BuildSummary, opened_output, publish, summarise_build
from saaf.corpus.containment import ContainmentOptions, find_contained_documents
from saaf.corpus.file_names import CONTAINED, MATCHES, PARAGRAPHS, WORK
from saaf.corpus.index import add_documents, change_and_merge, count_indexed, find_matches
from saaf.corpus.index_tables import MATCHES as MATCHES_SCHEMA
from saaf.corpus.ledger import State
from saaf.corpus.near_duplicates import find_near_duplicates
from saaf.corpus.outcomes import Outcome
from saaf.corpus.output_guards import check_output, check_outside_index
from saaf.corpus.paragraphs import PARAGRAPHS as PARAGRAPHS_SCHEMA
from saaf.corpus.paragraphs import ParagraphOptions, find_repeated_paragraphs
from saaf.corpus.parquet import write_table
from saaf.corpus.schema import CONTAINED as CONTAINED_SCHEMA
from saaf.corpus.stages.decide import EDITS, passed_summaries, write_decisions
from saaf.corpus.stages.engine import InProcess, open_engine
from saaf.corpus.stages.partition_rows import PartitionRows, Summaries
from saaf.corpus.stages.sequence import run_until_captures, start_run
from saaf.corpus.stages.staging import stage_corpus
from saaf.dedupe import Linkage
from saaf.dedupe.index import reading

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from saaf.corpus.index import AddedCounts
    from saaf.corpus.settings import BuildSettings, Notify, Progress
    from saaf.corpus.stages.guard import PageGuard
    from saaf.corpus.stages.sequence import Passed, Run
    from saaf.corpus.stages.tasks import Result, Task, TaskFiles
    from saaf.dedupe.index import Index

    Row = dict[str, Any]

_TABLES = {MATCHES: "matches.parquet", PARAGRAPHS: "paragraphs.parquet", CONTAINED: "contained.parquet"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DedupeOptions:
    """What `saaf dedupe` can be asked beyond the settings of a build.

    With `metadata` False, no language is identified and no title, author or date is read from plain texts, whose
    columns are "und" or null then: seven times as many short texts a second. `linkage` says what joins documents to a
    cluster, `paragraphs` what becomes of repeated paragraphs, `containment` of documents that stand in longer ones.
    `index` is the directory of an index that the documents are compared with and added to, None for none.
    `read_only_indexes` are those of indexes that they are only compared with.
    """

    linkage: Linkage = Linkage.STAR
    paragraphs: ParagraphOptions = field(default_factory=ParagraphOptions)
    containment: ContainmentOptions = field(default_factory=ContainmentOptions)
    index: Path | None = None
    read_only_indexes: tuple[Path, ...] = ()
    metadata: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DedupeSummary:
    """The counts of a finished deduplication.

    `corpus` are those of a build. `matched` documents were set aside as near-duplicates of an older document of an
    index. `contained` documents stand in a longer one, None where they were not looked for. `added` counts what was
    added to the index, None where there is none. `indexed` counts documents that a read-only index has itself, of the
    same crawl, and that it was not compared with.
    """

    corpus: BuildSummary
    matched: int
    contained: int | None
    added: AddedCounts | None
    indexed: int = 0


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
    check_output(inputs, output)
    for directory in (*options.read_only_indexes, *([options.index] if options.index else [])):
        check_outside_index([output, *inputs], directory)
    with ExitStack() as stack:
        older = [stack.enter_context(reading(path, settings.dedupe)) for path in options.read_only_indexes]
        index = stack.enter_context(change_and_merge(options.index, settings.dedupe)) if options.index else None
        indexes = [*([index.index] if index else []), *older]
        stack.enter_context(opened_output(output, from_stage))
        engine = stack.enter_context(open_engine(settings.workers, settings.limits, cleans=settings.clean))
        run = start_run(engine, output / WORK, settings, report_progress, notify)
        passed = run_until_captures(run, inputs, text_only=not options.metadata)
        compare, result = _compare(run, passed, options, indexes)
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
        publish(staged, output, sums)
        shutil.rmtree(output / WORK)
    sums.removed += result["removed_characters"]
    return DedupeSummary(
        corpus=summarise_build(sums, output, passed),
        matched=result["matched"],
        contained=result["contained"] if options.containment.share is not None else None,
        added=added,
        indexed=indexed,
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
class CompareArguments:
    """What the comparison is told: the tasks with rows and filters, the options, and the indexes that are open."""

    rows: tuple[TaskFiles, ...]
    captures: tuple[TaskFiles, ...]
    settings: BuildSettings
    options: DedupeOptions
    indexes: tuple[Index, ...]


def _compare(run: Run, passed: Passed, options: DedupeOptions, indexes: Sequence[Index]) -> tuple[Task, Result]:
    """Compare the documents in a process of the engine; in this one where indexes are open in it."""
    arguments = CompareArguments(
        rows=passed.rows,
        captures=passed.captures,
        settings=run.settings,
        options=options,
        indexes=tuple(indexes),
    )
    states = [(str(path.resolve()), each.generation) for path, each in zip(_paths(options), indexes, strict=True)]
    keys = [task.key for task in (*passed.rows, *passed.captures)]
    task = run.task(compare_task, [options, states, *keys], arguments)
    here = replace(run, engine=InProcess()) if indexes else run
    return task, here.one("comparing documents", task)


def _paths(options: DedupeOptions) -> list[Path]:
    return [*([options.index] if options.index else []), *options.read_only_indexes]


def compare_task(task: Task, _guard: PageGuard) -> Result:
    """Find what documents have in common with the indexes and with each other, and write what becomes of them."""
    arguments: CompareArguments = task.arguments
    options, settings = arguments.options, arguments.settings.dedupe
    rows = PartitionRows(arguments.rows)
    compared = Summaries(passed_summaries(rows, arguments.captures))
    matched, matches = _match_indexes(arguments, compared, rows)
    new = compared.without(matched)
    texts = rows.texts(new.numbers)
    duplicates = find_near_duplicates(new, texts, new.qualities(), settings, linkage=options.linkage)
    contained = find_contained_documents(new, rows, duplicates, options.containment, settings)
    kept = new.without(contained.duplicates.outcomes)
    paragraphs = find_repeated_paragraphs(kept, rows.texts(kept.numbers), options.paragraphs, settings)
    write_table(task.path(_TABLES[MATCHES]), matches, MATCHES_SCHEMA)
    write_table(task.path(_TABLES[CONTAINED]), contained.rows, CONTAINED_SCHEMA)
    write_table(task.path(_TABLES[PARAGRAPHS]), paragraphs.rows, PARAGRAPHS_SCHEMA)
    task.path(EDITS).write_bytes(pickle.dumps(paragraphs.removals))
    spans = (removal for removals in paragraphs.removals.values() for removal in removals)
    return write_decisions(task, new, contained.duplicates, more=matched) | {
        "omitted": asdict(duplicates.omitted),
        "containment_omitted": asdict(contained.omitted),
        "matched": len(matched),
        "contained": contained.documents,
        "removed_characters": sum(removal.end - removal.start for removal in spans),
    }


def _match_indexes(
    arguments: CompareArguments, compared: Summaries, rows: PartitionRows
) -> tuple[dict[int, Outcome], list[Row]]:
    """Return the outcomes, by number, of documents with a verified match in an index, and all rows of the matches.

    An estimate, where the index keeps no text, is a row of the table and sets nothing aside.
    """
    if not arguments.indexes:
        return {}, []
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
