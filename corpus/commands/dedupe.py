"""`saaf dedupe`: near-duplicates among texts as they are, with the tables and the report of a build."""

from __future__ import annotations

import sys
from collections import deque
from typing import TYPE_CHECKING, Any

import cleaning
from cleaning import CleanDocument, Page, Unreadable
from corpus.commands import CommandError, Exit
from corpus.commands.failures import told
from corpus.commands.settings import settings
from corpus.duplicates import Found, find
from corpus.files import appear_together
from corpus.ledger import Entry, Failure, State, check
from corpus.manifest import write_manifest
from corpus.readers import Record, read_inputs
from corpus.report import write_report
from corpus.schema import to_row
from corpus.selection import Draft, Verdict, draft, select
from corpus.spool import Spool
from corpus.tables import LEDGER, REPORTS, TABLES, write_tables
from corpus.terminal import progress
from corpus.workers import clean_pages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from corpus.settings import BuildSettings, Progress

_SPOOL = ".spool"


def run(inputs: Sequence[Path], output: Path, **options: Any) -> None:
    """Compare, show progress, print what was found and where the report is."""
    chosen = settings(**options, min_tokens=0)
    with told(output), progress("starting") as tell:
        entries, found = deduplicate(inputs, output, chosen, tell)
    texts = sum(entry.document_id is not None for entry in entries)
    copies = sum(entry.state is State.DUPLICATE for entry in entries)
    sys.stdout.write(f"texts       {texts} of {len(entries)} inputs; the others are in {output / LEDGER}\n")
    sys.stdout.write(f"duplicates  {copies} in {len(found.sizes)} clusters, {len(found.pairs)} verified pairs\n")
    sys.stdout.write(f"report      {output / REPORTS[0]}\n")
    if not texts:
        names = ", ".join(str(path) for path in inputs)
        raise CommandError(f"there is no text in {names}; {output / LEDGER} says why of each input", Exit.INPUT)


def deduplicate(
    inputs: Sequence[Path], output: Path, chosen: BuildSettings, tell: Progress
) -> tuple[list[Entry], Found]:
    """Write the corpus of the texts as they are, nothing removed, less the near-duplicates; return its ledger."""
    with appear_together(output) as staging:
        with Spool(staging / _SPOOL) as spool:
            entries, drafts = _read(inputs, spool, chosen, tell)
            verdicts = select(drafts, chosen)
            found = find([one for one in drafts if one.number not in verdicts], spool, chosen.dedupe, tell)
            verdicts |= found.verdicts
            count = len(entries) + len(drafts)
            entries += [_entry(one, verdicts[one.number]) for one in drafts]
            check(entries, count)
            write_tables(staging, spool, drafts, verdicts, found, entries, tell)
        (staging / _SPOOL).unlink()
        write_manifest(staging, TABLES, chosen)
        write_report(staging)
        write_manifest(staging, (*TABLES, *REPORTS), chosen)
    return entries, found


def as_it_is(page: Page) -> CleanDocument | Failure:
    """Return the page read, with nothing removed, or why it cannot be read."""
    try:
        return CleanDocument(document=cleaning.read(page), removals=())
    except Unreadable as error:
        return Failure(state=State.UNREADABLE, reason=str(error), url=page.url)


def _read(
    inputs: Sequence[Path], spool: Spool, chosen: BuildSettings, tell: Progress
) -> tuple[list[Entry], list[Draft]]:
    entries: list[Entry] = []
    drafts: list[Draft] = []
    waiting: deque[Record] = deque()

    def pages() -> Iterator[Page]:
        for record in read_inputs(inputs, text_column=chosen.text_column):
            if record.page is not None:
                waiting.append(record)
                yield record.page
            elif record.failure is not None:
                entries.append(_failed(record, record.failure))

    for answer in clean_pages(pages(), workers=chosen.workers, clean=as_it_is):
        record = waiting.popleft()
        if isinstance(answer, Failure):
            entries.append(_failed(record, answer))
        else:
            row = to_row(answer, dump=chosen.dump, file_path=record.file_path)
            drafts.append(draft(spool.append(row | {"original": answer.document.text}), record, answer))
        tell("reading texts", len(entries) + len(drafts), None)
    return entries, drafts


def _failed(record: Record, failure: Failure) -> Entry:
    return Entry(key=record.key, url=failure.url, site="", state=failure.state, reason=failure.reason)


def _entry(one: Draft, verdict: Verdict) -> Entry:
    return Entry(
        key=one.key,
        url=one.url,
        site=one.site,
        state=verdict.state,
        reason=verdict.reason,
        language=one.language,
        document_id=one.id,
        duplicate_of=verdict.duplicate_of,
    )
