"""The batch: from inputs of any kind to a corpus that appears whole, every input accounted for.

records → documents, cleaned in worker processes → cleaned again beside the other pages of their sites → one capture per
URL → long enough, in a wanted language → near-duplicates → tables, ledger, manifest, report.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, replace
from functools import partial
from shutil import rmtree
from typing import TYPE_CHECKING

from saaf.cleaning.postprocess import apply_options, match_rule_ids
from saaf.cleaning.text.urls import site_of
from saaf.corpus.atomic_files import appear_together
from saaf.corpus.file_names import DOCUMENTS, REPORTS, TABLES
from saaf.corpus.ledger import Entry, Failure, State, check
from saaf.corpus.manifest import write_manifest
from saaf.corpus.near_duplicates import find_near_duplicates
from saaf.corpus.readers import read_inputs
from saaf.corpus.report import write_report
from saaf.corpus.row_store import Spool
from saaf.corpus.schema import to_row
from saaf.corpus.second_pass import DocumentStore, clean_by_template, keep_profiles, second_pass
from saaf.corpus.selection import select, summarise_document
from saaf.corpus.settings import BuildSettings, Progress
from saaf.corpus.tables import write_tables
from saaf.corpus.workers import clean_page, clean_pages, read_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from saaf.cleaning.types import CleanDocument, Page
    from saaf.corpus.outcomes import DocumentSummary, Outcome
    from saaf.corpus.records import Record
    from saaf.corpus.workers import Clean

_SPOOL = ".spool"
_SHELF = ".shelf"
_PROFILES = ".profiles"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a build came to.

    `inputs` are the rows of the ledger, so that an article split off its page counts as one. `states` counts them by
    state, `languages` the kept documents by code, most first. `removed_share` is the share, in [0, 1], of the kept
    documents' characters that was removed as residue.
    """

    inputs: int
    documents: int
    duplicates: int
    removed_share: float
    languages: Mapping[str, int]
    states: Mapping[str, int]
    output: Path

    @property
    def report(self) -> Path:
        """Where the HTML report is."""
        return self.output / "report.html"

    def lines(self) -> tuple[str, ...]:
        """Return the summary as five lines for a terminal."""
        others = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in self.states.items())
        return (
            f"inputs      {self.inputs} ({others or 'none'})",
            f"documents   {self.documents} in {self.output / DOCUMENTS}",
            f"duplicates  {self.duplicates} near-duplicates set aside",
            f"removed     {self.removed_share:.1%} of the characters, as residue",
            f"languages   {', '.join(f'{code} {count}' for code, count in self.languages.items()) or 'none'}",
        )


def build(
    inputs: Sequence[Path],
    output: Path,
    *,
    settings: BuildSettings | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Make the corpus of `inputs` (see `saaf.corpus.readers.read_inputs`) in the directory `output`.

    All files appear together or none does: killed at any moment, what `output` held before is still whole. Raises
    `InputError` where an input does not exist, `BusyError` where another build is writing to `output`, `WorkersError`
    where no worker process can start, `LedgerError` where the counts do not add up (a bug).
    """
    settings = settings or BuildSettings()
    tell = progress or (lambda _step, _done, _of: None)
    with appear_together(output) as staging:
        with Spool(staging / _SPOOL) as spool:
            entries, drafts = read_and_clean(inputs, spool, settings, tell, staging)
            count = len(entries) + len(drafts)
            verdicts = select(drafts, settings)
            found = find_near_duplicates(
                [one for one in drafts if one.number not in verdicts], spool, settings.dedupe, tell
            )
            verdicts |= found.verdicts
            entries.extend(entry_of(one, verdicts[one.number]) for one in drafts)
            check(entries, count)
            write_tables(staging, spool, drafts, verdicts, found, entries, tell)
        (staging / _SPOOL).unlink()
        if settings.clean:
            if settings.profiles:
                keep_profiles(staging / _PROFILES, settings.profiles)
            rmtree(staging / _PROFILES)
        write_manifest(staging, TABLES, settings)
        tell("writing the report", 0, None)
        write_report(staging)  # shows the settings in the manifest, which then gets the report's checksum
        write_manifest(staging, (*TABLES, *REPORTS), settings)
    return summarise(entries, drafts, verdicts, output)


def read_and_clean(
    inputs: Sequence[Path], spool: Spool, settings: BuildSettings, tell: Progress, staging: Path
) -> tuple[list[Entry], list[DocumentSummary]]:
    """Return an entry for each input that became no document, and a draft, its row in `spool`, for each that did.

    `staging` is a directory for what the passes over the pages keep meanwhile. Raises what `build` raises, but for
    `BusyError` and `LedgerError`.
    """
    entries: list[Entry] = []
    drafts: list[DocumentSummary] = []
    chosen = partial(apply_options, keep=match_rule_ids(settings.keep), split_appended=settings.split_appended)

    def keep(record: Record, clean: CleanDocument) -> None:
        fetched_at = record.page.fetched_at if record.page else None
        for number, one in enumerate(chosen(clean, fetched_at=fetched_at)):
            row = to_row(one, dump=settings.dump, file_path=record.file_path, date=fetched_at)
            own = replace(record, key=f"{record.key}+{number}") if number else record
            drafts.append(summarise_document(spool.append({**row, "original": one.document.text}), own, one))

    if not settings.clean:
        _first_pass(inputs, settings, tell, entries, keep)
        return entries, drafts
    with DocumentStore(staging / _SHELF) as shelf:
        _first_pass(inputs, settings, tell, entries, shelf.put)
        for record, clean in second_pass(shelf, staging / _PROFILES, settings, tell):
            keep(record, clean)
    return entries, drafts


def _first_pass(
    inputs: Sequence[Path],
    settings: BuildSettings,
    tell: Progress,
    entries: list[Entry],
    keep: Callable[[Record, CleanDocument], None],
) -> None:
    """Read and clean each input by itself: hand its document to `keep`, or add an entry that says why there is none."""
    under_way: deque[Record] = deque()

    def pages() -> Iterator[Page]:
        for record in read_inputs(inputs, text_column=settings.text_column):
            if record.page is not None:
                under_way.append(record)
                yield record.page
            elif record.failure is not None:
                entries.append(_failed(record, record.failure))

    results = clean_pages(
        pages(),
        workers=settings.workers,
        timeout=settings.timeout,
        memory_limit=settings.memory_limit,
        clean=_first(settings),
    )
    for done, result in enumerate(results, start=1):
        record = under_way.popleft()
        if isinstance(result, Failure):
            entries.append(_failed(record, result))
        else:
            keep(record, result)
        tell("cleaning pages", done, None)


def _first(settings: BuildSettings) -> Clean:
    """Return what is done to each page by itself."""
    if not settings.clean:
        return read_page
    return partial(clean_by_template, settings.profiles) if settings.fast and settings.profiles else clean_page


def _failed(record: Record, failure: Failure) -> Entry:
    url = failure.url or (record.page.url if record.page else None)
    return Entry(key=record.key, url=url, site=site_of(url), state=failure.state, reason=failure.reason)


def entry_of(one: DocumentSummary, verdict: Outcome) -> Entry:
    """Return the ledger's entry for a document and what became of it."""
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


def summarise(
    entries: Sequence[Entry], drafts: Sequence[DocumentSummary], verdicts: Mapping[int, Outcome], output: Path
) -> Summary:
    """Return what a build came to; `verdicts` are by the drafts' numbers, `output` is where the corpus is."""
    states = Counter(entry.state for entry in entries)
    kept = [one for one in drafts if verdicts[one.number].state is State.KEPT]
    languages = Counter(one.language for one in kept)
    return Summary(
        inputs=len(entries),
        documents=len(kept),
        duplicates=states[State.DUPLICATE],
        removed_share=sum(one.removed for one in kept) / max(sum(one.characters for one in kept), 1),
        languages=dict(sorted(languages.items(), key=lambda item: (-item[1], item[0]))),
        states={state.value: states[state] for state in State if states[state]},
        output=output,
    )
