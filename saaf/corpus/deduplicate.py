"""`saaf dedupe`: near-duplicates among texts as they are, and against an index of older documents.

It is a build that cleans nothing, with four options more: an index, repeated paragraphs, documents inside longer ones,
and the linkage of clusters.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from saaf.atomic_files import atomic_directory
from saaf.corpus.build import BuildSummary, read_and_clean, summarise_build
from saaf.corpus.containment import ContainmentOptions, find_contained_documents
from saaf.corpus.file_names import CONTAINED, REPORTS, TABLES
from saaf.corpus.index import add_documents, change_and_merge, count_indexed, find_matches
from saaf.corpus.index_tables import MATCHES
from saaf.corpus.ledger import State, check_clusters, check_ledger
from saaf.corpus.manifest import write_manifest
from saaf.corpus.near_duplicates import find_near_duplicates
from saaf.corpus.outcomes import Outcome
from saaf.corpus.output_guards import check_not_emptied, check_output, check_outside_index, check_replaceable
from saaf.corpus.paragraphs import PARAGRAPHS, EditedRows, ParagraphOptions, find_repeated_paragraphs
from saaf.corpus.parquet import write_table
from saaf.corpus.report import write_report
from saaf.corpus.row_store import RowStore
from saaf.corpus.schema import CONTAINED as CONTAINED_SCHEMA
from saaf.corpus.selection import filter_documents
from saaf.corpus.tables import write_tables
from saaf.dedupe import Linkage
from saaf.dedupe.index import reading

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from saaf.cleaning import Removal
    from saaf.corpus.containment import ContainedDocuments
    from saaf.corpus.index import AddedCounts
    from saaf.corpus.near_duplicates import NearDuplicates
    from saaf.corpus.outcomes import DocumentSummary
    from saaf.corpus.paragraphs import RepeatedParagraphs
    from saaf.corpus.settings import BuildSettings, Progress
    from saaf.dedupe.index import Index

    Row = dict[str, Any]

_ROWS = ".rows"
MATCHES_FILE, PARAGRAPHS_FILE = "matches.parquet", "paragraphs.parquet"


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
) -> DedupeSummary:
    """Write the corpus of `inputs` to `output`, as `saaf.corpus.build.build` does and with its exceptions.

    The index is changed after the corpus is published. Killed between the two, the same command again does what is
    left, with the same result: a document matches no older capture of itself. Raises what `saaf.dedupe.index.change`
    and, for a read-only index, `saaf.dedupe.index.reading` raise.
    """
    report_progress = report_progress or (lambda _step, _done, _total: None)
    check_output(inputs, output)
    for directory in (*options.read_only_indexes, *([options.index] if options.index else [])):
        check_outside_index([output, *inputs], directory)
    with ExitStack() as stack:
        older = [stack.enter_context(reading(path, settings.dedupe)) for path in options.read_only_indexes]
        index = stack.enter_context(change_and_merge(options.index, settings.dedupe)) if options.index else None
        indexes = [*([index.index] if index else []), *older]
        staging = stack.enter_context(atomic_directory(output))
        check_replaceable(output, (MATCHES_FILE, PARAGRAPHS_FILE, CONTAINED))
        rows = stack.enter_context(RowStore(staging / _ROWS))
        read = read_and_clean(inputs, rows, settings, report_progress, staging, text_only=not options.metadata)
        summaries = read.summaries
        decided = _decide(summaries, rows, indexes, settings, options, report_progress)
        outcomes = decided.outcomes
        matched = {summary.id for summary in decided.compared if summary.number in decided.matched}
        entries = read.ledger_entries(outcomes)
        check_ledger(entries, read.keys, indexed={match["matched_id"] for match in decided.matches})
        check_clusters([entry for entry in entries if entry.document_id not in matched], decided.duplicates.clusters)
        check_not_emptied(output, entries)
        edited = EditedRows(rows, decided.paragraphs.removals)
        write_tables(staging, edited, summaries, outcomes, decided.duplicates, entries, report_progress)
        write_table(staging / PARAGRAPHS_FILE, decided.paragraphs.rows, PARAGRAPHS)
        write_table(staging / MATCHES_FILE, decided.matches, MATCHES)
        write_table(staging / CONTAINED, decided.contained.rows, CONTAINED_SCHEMA)
        added = add_documents(index, decided.compared, decided.texts, crawl=settings.dump) if index else None
        indexed = sum(count_indexed(each, decided.compared, settings.dump) for each in older)
        (staging / _ROWS).unlink()
        _write_manifest_and_report(staging, settings, options, indexes, decided, report_progress)
    removals = decided.paragraphs.removals
    shortened = [
        _with_removals(summary, removals[summary.number]) if summary.number in removals else summary
        for summary in summaries
    ]
    return DedupeSummary(
        corpus=summarise_build(entries, shortened, outcomes, output),
        matched=len(matched),
        contained=decided.contained.documents if options.containment.share is not None else None,
        added=added,
        indexed=indexed,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decisions:
    """What becomes of the documents.

    `compared` are those that passed selection, `texts` their texts where there is an index, else none, `matched` the
    numbers of those that are near-duplicates of an older document, `outcomes` are by number, `matches` are rows of
    matches.parquet.
    """

    compared: list[DocumentSummary]
    texts: Sequence[str]
    matched: set[int]
    outcomes: dict[int, Outcome]
    duplicates: NearDuplicates
    contained: ContainedDocuments
    paragraphs: RepeatedParagraphs
    matches: list[Row]


def _decide(
    summaries: Sequence[DocumentSummary],
    rows: RowStore,
    indexes: Sequence[Index],
    settings: BuildSettings,
    options: DedupeOptions,
    report_progress: Progress,
) -> _Decisions:
    outcomes = filter_documents(summaries, settings)
    passed = [summary for summary in summaries if summary.number not in outcomes]
    compared = sorted(passed, key=lambda summary: summary.sort_key)
    compared_texts = rows.texts([summary.number for summary in compared]) if indexes else ()
    matched, matches = _match_indexes(indexes, compared, compared_texts, settings.dump)
    new = [summary for summary in compared if summary.number not in matched]
    duplicates = find_near_duplicates(new, rows, settings.dedupe, report_progress, linkage=options.linkage)
    contained = find_contained_documents(new, rows, duplicates, options.containment, settings.dedupe, report_progress)
    duplicates = contained.duplicates
    kept = [summary for summary in new if duplicates.outcomes[summary.number].state is State.KEPT]
    texts = rows.texts([summary.number for summary in kept])
    return _Decisions(
        compared=compared,
        texts=compared_texts,
        matched=set(matched),
        outcomes=outcomes | matched | duplicates.outcomes,
        duplicates=duplicates,
        contained=contained,
        paragraphs=find_repeated_paragraphs(kept, texts, options.paragraphs, settings.dedupe),
        matches=matches,
    )


def _match_indexes(
    indexes: Sequence[Index], summaries: Sequence[DocumentSummary], texts: Sequence[str], crawl: str
) -> tuple[dict[int, Outcome], list[Row]]:
    """Return the outcomes, by number, of documents with a verified match in an index, and all rows of `MATCHES`;
    `texts` are those of the documents.

    An estimate, where the index keeps no text, is a row of the table and sets nothing aside.
    """
    if not indexes:
        return {}, []
    found = find_matches(indexes, summaries, texts, crawl)
    outcomes = {}
    for position, matches in found.items():
        best = matches[0]
        if best["verified"]:
            reason = (
                f"near-duplicate (Jaccard {best['jaccard']:.2f}) of {best['matched_url'] or best['matched_id']} "
                f"of crawl {best['matched_crawl']}, in the index"
            )
            outcome = Outcome(state=State.DUPLICATE, reason=reason, duplicate_of=best["matched_id"])
            outcomes[summaries[position].number] = outcome
    return outcomes, [match for matches in found.values() for match in matches]


def _write_manifest_and_report(
    staging: Path,
    settings: BuildSettings,
    options: DedupeOptions,
    indexes: Sequence[Index],
    decided: _Decisions,
    report_progress: Progress,
) -> None:
    """Write the manifest, the report, which shows the settings in it, and the manifest with the report's checksums."""
    tables = (*TABLES, MATCHES_FILE, PARAGRAPHS_FILE, CONTAINED)
    omitted = (decided.duplicates.omitted, decided.contained.omitted)
    more: Row = {
        "linkage": options.linkage.value,
        "metadata": options.metadata,
        "paragraphs": asdict(options.paragraphs),
        "containment": asdict(options.containment),
    }
    if indexes:
        more["indexes"] = [{"documents": index.documents, "generation": index.generation} for index in indexes]
    write_manifest(staging, tables, settings, more, *omitted)
    report_progress("writing the report", 0, None)
    write_report(staging)
    write_manifest(staging, (*tables, *REPORTS), settings, more, *omitted)


def _with_removals(summary: DocumentSummary, removals: Sequence[Removal]) -> DocumentSummary:
    """Return the summary with the characters of more removals counted as removed."""
    return replace(summary, removed=summary.removed + sum(removal.end - removal.start for removal in removals))
