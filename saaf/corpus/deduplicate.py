"""`saaf dedupe`: texts as they are, compared with each other and with an index of older ones, to a corpus of one each.

It is a build that cleans nothing, with three choices more: an index, repeated paragraphs, and what a cluster is.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from saaf.corpus.atomic_files import appear_together
from saaf.corpus.build import Summary, entry_of, read_and_clean, summarise
from saaf.corpus.file_names import REPORTS, TABLES
from saaf.corpus.index import add, find_matches
from saaf.corpus.index_tables import MATCHES
from saaf.corpus.ledger import Entry, State, check
from saaf.corpus.manifest import write_manifest
from saaf.corpus.near_duplicates import find_near_duplicates
from saaf.corpus.outcomes import Outcome
from saaf.corpus.paragraphs import PARAGRAPHS, Edited, ParagraphChoice, find_paragraphs
from saaf.corpus.parquet import write_table
from saaf.corpus.report import write_report
from saaf.corpus.row_store import Spool, Texts
from saaf.corpus.selection import select
from saaf.corpus.tables import write_tables
from saaf.dedupe import Linkage
from saaf.dedupe.index import change

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from saaf.cleaning import Removal
    from saaf.corpus.index import Added
    from saaf.corpus.near_duplicates import Found
    from saaf.corpus.outcomes import DocumentSummary
    from saaf.corpus.paragraphs import Cut
    from saaf.corpus.settings import BuildSettings, Progress
    from saaf.dedupe.index import Change

    Row = dict[str, Any]

_SPOOL = ".spool"
TABLE_OF_MATCHES, TABLE_OF_PARAGRAPHS = "matches.parquet", "paragraphs.parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class DedupeChoice:
    """What `saaf dedupe` is asked beyond the settings of a build.

    `index` is the directory of an index that the texts are compared with and added to, None for none.
    """

    linkage: Linkage = Linkage.STAR
    paragraphs: ParagraphChoice = field(default_factory=ParagraphChoice)
    index: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deduplicated:
    """The summary of the corpus; how many documents were set aside for an older one; what the index was given."""

    summary: Summary
    matched: int
    added: Added | None


def deduplicate(
    inputs: Sequence[Path],
    output: Path,
    *,
    settings: BuildSettings,
    choice: DedupeChoice,
    progress: Progress | None = None,
) -> Deduplicated:
    """Make the corpus of `inputs` in `output`, as `saaf.corpus.build.build` does and with its exceptions.

    The index is changed after the corpus appeared. Killed between the two, the same command again does what is left,
    with the same result: a document matches no older capture of itself. Raises what `saaf.dedupe.index.change` raises.
    """
    tell = progress or (lambda _step, _done, _of: None)
    with ExitStack() as stack:
        under_way = stack.enter_context(change(choice.index, settings.dedupe)) if choice.index else None
        staging = stack.enter_context(appear_together(output))
        spool = stack.enter_context(Spool(staging / _SPOOL))
        entries, drafts = read_and_clean(inputs, spool, settings, tell, staging)
        decided = _decide(drafts, spool, under_way, settings, choice, tell)
        verdicts, matched = decided.verdicts, {one.id for one in decided.good if one.number in decided.older}
        count = len(entries) + len(drafts)
        entries.extend(entry_of(one, verdicts[one.number]) for one in drafts)
        _check(entries, count, matched)
        edited = cast("Spool", Edited(spool, decided.cut.removals))
        write_tables(staging, edited, drafts, verdicts, decided.found, entries, tell)
        write_table(staging / TABLE_OF_PARAGRAPHS, decided.cut.rows, PARAGRAPHS)
        write_table(staging / TABLE_OF_MATCHES, decided.matches, MATCHES)
        texts = Texts(spool, [one.number for one in decided.good])
        added = add(under_way, decided.good, texts, crawl=settings.dump) if under_way else None
        (staging / _SPOOL).unlink()
        _describe(staging, settings, choice, under_way, tell)
    cut_drafts = [_less(one, decided.cut.removals.get(one.number, ())) for one in drafts]
    return Deduplicated(summary=summarise(entries, cut_drafts, verdicts, output), matched=len(matched), added=added)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decided:
    """What becomes of the documents: `good` were compared, `older` of these (by number) have an older one like them."""

    good: list[DocumentSummary]
    older: set[int]
    verdicts: dict[int, Outcome]
    found: Found
    cut: Cut
    matches: list[Row]


def _decide(
    drafts: Sequence[DocumentSummary],
    spool: Spool,
    under_way: Change | None,
    settings: BuildSettings,
    choice: DedupeChoice,
    tell: Progress,
) -> _Decided:
    verdicts = select(drafts, settings)
    good = sorted((one for one in drafts if one.number not in verdicts), key=lambda one: one.order)
    older, matches = _compare_with_older(under_way, good, spool, settings.dump)
    new = [one for one in good if one.number not in older]
    found = find_near_duplicates(new, spool, settings.dedupe, tell, linkage=choice.linkage)
    kept = [one for one in new if found.verdicts[one.number].state is State.KEPT]
    cut = find_paragraphs(kept, Texts(spool, [one.number for one in kept]), choice.paragraphs, settings.dedupe)
    return _Decided(
        good=good,
        older=set(older),
        verdicts=verdicts | older | found.verdicts,
        found=found,
        cut=cut,
        matches=matches,
    )


def _compare_with_older(
    under_way: Change | None, good: Sequence[DocumentSummary], spool: Spool, crawl: str
) -> tuple[dict[int, Outcome], list[Row]]:
    """Return verdicts, by number, on documents that an older one is surely like, and all rows of `MATCHES`.

    An estimate, where the index keeps no text, is told in the table and sets nothing aside.
    """
    if under_way is None:
        return {}, []
    found = find_matches(under_way.index, good, Texts(spool, [one.number for one in good]), crawl)
    verdicts = {}
    for place, rows in found.items():
        best = rows[0]
        if best["verified"]:
            reason = (
                f"near-duplicate (Jaccard {best['jaccard']:.2f}) of {best['matched_url'] or best['matched_id']} "
                f"of crawl {best['matched_crawl']}, in the index"
            )
            verdict = Outcome(state=State.DUPLICATE, reason=reason, duplicate_of=best["matched_id"])
            verdicts[good[place].number] = verdict
    return verdicts, [row for rows in found.values() for row in rows]


def _check(entries: Sequence[Entry], inputs: int, matched: set[str]) -> None:
    """Check the ledger as a build does. What repeats a document of the index points at none of this corpus: for the
    check, which knows no other, its pointer is left out.
    """
    check(
        [
            replace(entry, state=State.REPEATED, duplicate_of=None)
            if entry.state is State.DUPLICATE and entry.document_id in matched
            else entry
            for entry in entries
        ],
        inputs,
    )


def _describe(
    staging: Path, settings: BuildSettings, choice: DedupeChoice, under_way: Change | None, tell: Progress
) -> None:
    """Write the manifest, the report, which shows the settings in it, and the manifest with the report's checksums."""
    tables = (*TABLES, TABLE_OF_MATCHES, TABLE_OF_PARAGRAPHS)
    more: Row = {"linkage": choice.linkage.value, "paragraphs": asdict(choice.paragraphs)}
    if under_way is not None:
        more["index"] = {"documents": under_way.index.documents, "generation": under_way.index.generation}
    write_manifest(staging, tables, settings, more)
    tell("writing the report", 0, None)
    write_report(staging)
    write_manifest(staging, (*tables, *REPORTS), settings, more)


def _less(one: DocumentSummary, removals: Sequence[Removal]) -> DocumentSummary:
    return replace(one, removed=one.removed + sum(removal.end - removal.start for removal in removals))
