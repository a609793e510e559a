"""`saaf build`: a corpus from inputs of any kind, every input accounted for in the ledger, all files published at once.

The steps: read records; clean each document in worker processes; clean it again with its site's profile; join the
pages of an article; take one capture of each URL; leave out empty, short and unwanted documents; find near-duplicates;
write tables, ledger, manifest and report.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field, replace
from functools import partial
from shutil import rmtree
from typing import TYPE_CHECKING

from saaf.atomic_files import atomic_directory
from saaf.cleaning.postprocess import apply_options, match_rule_ids
from saaf.cleaning.rights.sites import SiteRights
from saaf.cleaning.text.urls import site_of
from saaf.corpus.document_store import DocumentStore
from saaf.corpus.file_names import DOCUMENTS, REPORTS, TABLES
from saaf.corpus.joined_pages import Parts, join_pages, note_part
from saaf.corpus.ledger import Failure, LedgerEntry, State, check_clusters, check_ledger
from saaf.corpus.manifest import write_manifest
from saaf.corpus.near_duplicates import find_near_duplicates
from saaf.corpus.output_guards import check_not_emptied, check_output, check_replaceable
from saaf.corpus.page_tasks import clean_page
from saaf.corpus.profile_files import save_profiles
from saaf.corpus.readers import read_inputs, read_row_batches
from saaf.corpus.record_batches import ROWS_PER_BATCH, read_batches, summarise_batch
from saaf.corpus.records import RowBatch
from saaf.corpus.report import write_report
from saaf.corpus.rights import document_rights
from saaf.corpus.row_store import RowStore
from saaf.corpus.schema import to_row
from saaf.corpus.second_pass import clean_by_template, second_pass
from saaf.corpus.selection import filter_documents, summarise_document
from saaf.corpus.settings import BuildSettings, Progress
from saaf.corpus.tables import write_tables
from saaf.corpus.workers import clean_pages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from saaf.cleaning.types import CleanDocument, Page
    from saaf.corpus.outcomes import DocumentSummary, Outcome
    from saaf.corpus.page_tasks import CleanFunction
    from saaf.corpus.records import Record

_ROWS = ".rows"
_DOCUMENTS = ".documents"
_PROFILES = ".profiles"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildSummary:
    """The counts of a finished build.

    `inputs` are the rows of the ledger, so that an article split off its page counts as one. `states` counts them by
    state, `languages` the kept documents by code, most first. `removed_share` is the share, in [0, 1], of the kept
    documents' characters that was removed as residue. `output` is the directory of the corpus. `profile_failures`
    counts, by reason, the documents that are as the first pass left them, because their site's profile could not be
    applied.
    """

    inputs: int
    documents: int
    duplicates: int
    removed_share: float
    languages: Mapping[str, int]
    states: Mapping[str, int]
    output: Path
    profile_failures: Mapping[str, int] = field(default_factory=dict)

    @property
    def report(self) -> Path:
        """The path of the HTML report."""
        return self.output / "report.html"

    def lines(self) -> tuple[str, ...]:
        """Return the summary as lines for a terminal: five, and one for each reason why a profile was not applied."""
        others = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in self.states.items())
        return (
            f"inputs      {self.inputs} ({others or 'none'})",
            f"documents   {self.documents} in {self.output / DOCUMENTS}",
            f"duplicates  {self.duplicates} near-duplicate{'' if self.duplicates == 1 else 's'} set aside",
            f"removed     {self.removed_share:.1%} of the characters, as residue",
            f"languages   {', '.join(f'{code} {count}' for code, count in self.languages.items()) or 'none'}",
            *(
                f"profiles    not applied to {count} {'page' if count == 1 else 'pages'}: {reason}"
                for reason, count in sorted(self.profile_failures.items())
            ),
        )


def build(
    inputs: Sequence[Path],
    output: Path,
    *,
    settings: BuildSettings | None = None,
    report_progress: Progress | None = None,
) -> BuildSummary:
    """Write the corpus of `inputs` (see `saaf.corpus.readers.read_inputs`) to the directory `output`.

    All files are published together or none is: killed at any moment, what `output` held before is still whole. Raises
    `InputError` where an input does not exist or would be replaced, and where no document is left to replace an older
    corpus that has some; `OutputError` where a file in `output` would be replaced that is of no corpus; `BusyError`
    where another build is writing to `output`; `WorkersError` where no worker process can start; `LedgerError` where
    the ledger contradicts itself or two near-duplicates are kept (a bug).
    """
    settings = settings or BuildSettings()
    report_progress = report_progress or (lambda _step, _done, _total: None)
    check_output(inputs, output)
    with atomic_directory(output) as staging:
        check_replaceable(output)
        with RowStore(staging / _ROWS) as rows:
            read = read_and_clean(inputs, rows, settings, report_progress, staging)
            summaries = read.summaries
            outcomes = filter_documents(summaries, settings)
            passed = [summary for summary in summaries if summary.number not in outcomes]
            duplicates = find_near_duplicates(passed, rows, settings.dedupe, report_progress)
            outcomes |= duplicates.outcomes
            entries = read.ledger_entries(outcomes)
            check_ledger(entries, read.keys)
            check_clusters(entries, duplicates.clusters)
            check_not_emptied(output, entries)
            write_tables(staging, rows, summaries, outcomes, duplicates, entries, report_progress)
        (staging / _ROWS).unlink()
        if settings.clean:
            if settings.profiles:
                save_profiles(staging / _PROFILES, settings.profiles)
            rmtree(staging / _PROFILES)
        write_manifest(staging, TABLES, settings, omitted=duplicates.omitted)
        report_progress("writing the report", 0, None)
        write_report(staging)  # shows the settings in the manifest, which then gets the report's checksum
        write_manifest(staging, (*TABLES, *REPORTS), settings, omitted=duplicates.omitted)
    return replace(summarise_build(entries, summaries, outcomes, output), profile_failures=dict(read.profile_failures))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadInputs:
    """What became of the inputs: `failures` of those that became no document, `summaries` of the documents.

    `keys` are those of all inputs, and of all articles that were split off their pages, as they were read: what the
    ledger is checked against. `profile_failures` counts the documents to which the profile of their site could not be
    applied, by reason. `sites` has the robots.txt and tdmrep.json files among the inputs, `parts` the later pages of
    articles that a crawl found.
    """

    keys: list[str]
    failures: list[LedgerEntry]
    summaries: list[DocumentSummary]
    profile_failures: Counter[str]
    sites: SiteRights = field(default_factory=SiteRights)
    parts: Parts = field(default_factory=dict)

    def ledger_entries(self, outcomes: Mapping[int, Outcome]) -> list[LedgerEntry]:
        """Return the entries of the ledger; `outcomes` are by the number of the document."""
        return [*self.failures, *(_document_entry(summary, outcomes[summary.number]) for summary in self.summaries)]


def read_and_clean(
    inputs: Sequence[Path],
    rows: RowStore,
    settings: BuildSettings,
    report_progress: Progress,
    staging: Path,
    *,
    text_only: bool = False,
) -> ReadInputs:
    """Read and clean the inputs; the texts of each document are appended to `rows`.

    `staging` is a directory for temporary files. With `text_only`, where nothing is cleaned, plain texts have neither
    metadata nor a language. Raises what `build` raises while it reads.
    """
    read = ReadInputs(keys=[], failures=[], summaries=[], profile_failures=Counter())
    postprocess = partial(apply_options, keep=match_rule_ids(settings.keep), split_appended=settings.split_appended)

    def add(record: Record, clean: CleanDocument) -> None:
        fetched_at = record.page.fetched_at if record.page else None
        for part, document in enumerate(postprocess(clean, fetched_at=fetched_at)):  # part 0 is the page's own article
            rights = document_rights(document.document, record.page, read.sites, agent=settings.agent)
            row = to_row(document, dump=settings.dump, file_path=record.file_path, date=fetched_at, rights=rights)
            number = rows.append({**row, "original": document.document.text})
            own = replace(record, key=f"{record.key}+{part}") if part else record
            if part:
                read.keys.append(own.key)
            read.summaries.append(summarise_document(number, own, document, reservation=rights.reservation))

    if not settings.clean:
        _read_only(inputs, rows, settings, report_progress, read, text_only=text_only)
        return read
    with DocumentStore(staging / _DOCUMENTS) as store:
        _first_pass(inputs, settings, report_progress, read, store.append)
        pages = second_pass(store, staging / _PROFILES, settings, report_progress, read.profile_failures)
        for record, clean in join_pages(pages, read.parts, lambda part: read.failures.append(part.entry())):
            add(record, clean)
    return read


def _first_pass(
    inputs: Sequence[Path],
    settings: BuildSettings,
    report_progress: Progress,
    read: ReadInputs,
    add: Callable[[Record, CleanDocument], None],
) -> None:
    """Read and clean each input by itself: call `add` with its document, or append its failure to `read`."""
    pending: deque[Record] = deque()

    def pages() -> Iterator[Page]:
        for record, page in _readable_records(inputs, settings, read):
            pending.append(record)
            yield page

    results = clean_pages(
        pages(),
        workers=settings.workers,
        limits=settings.limits,
        clean=_clean_function(settings),
    )
    for done, result in enumerate(results, start=1):
        record = pending.popleft()
        if isinstance(result, Failure):
            read.failures.append(_failure_entry(record, result))
        else:
            add(record, result)
        report_progress("cleaning pages", done, None)


def _read_only(
    inputs: Sequence[Path],
    rows: RowStore,
    settings: BuildSettings,
    report_progress: Progress,
    read: ReadInputs,
    *,
    text_only: bool,
) -> None:
    """Read each input and clean nothing: append its document to `rows` and `read`, or its failure to `read`."""
    done = 0
    for batch, result in read_batches(_readable_inputs(inputs, settings, read), settings, text_only=text_only):
        if isinstance(result, Failure):
            failures = dict.fromkeys(range(len(batch.keys)), result)
        else:
            failures = result.failures
            first = rows.append_batch(result.rows)
            read.summaries.extend(summarise_batch(first, batch, result))
        read.failures.extend(
            _failed_entry(batch.keys[position], failure, batch.url(position)) for position, failure in failures.items()
        )
        done += len(batch.keys)
        report_progress("reading", done, None)


def _readable_inputs(
    inputs: Sequence[Path], settings: BuildSettings, read: ReadInputs
) -> Iterator[tuple[Record, Page] | RowBatch]:
    """Yield the inputs that can be read, rows of tables in batches; append the keys of all to `read`, and the failures
    of the others.
    """
    column, limit = settings.text_column, settings.body_limit
    for item in read_row_batches(inputs, text_column=column, body_limit=limit, rows_per_batch=ROWS_PER_BATCH):
        if isinstance(item, RowBatch):
            read.keys.extend(item.keys)
            yield item
        else:
            yield from _add_record(item, read)


def _readable_records(
    inputs: Sequence[Path], settings: BuildSettings, read: ReadInputs
) -> Iterator[tuple[Record, Page]]:
    """Yield the records that have a page, with it; append the keys of all to `read`, and the failures of the others."""
    for record in read_inputs(inputs, text_column=settings.text_column, body_limit=settings.body_limit):
        yield from _add_record(record, read)


def _add_record(record: Record, read: ReadInputs) -> Iterator[tuple[Record, Page]]:
    """Append the key of a record to `read`, and its failure; yield it where it has a page instead."""
    read.keys.append(record.key)
    note_part(read.parts, record)
    if record.rights_file is not None:
        read.sites.add(record.rights_file)
    if record.page is not None:
        yield record, record.page
    elif record.failure is not None:
        read.failures.append(_failure_entry(record, record.failure))


def _clean_function(settings: BuildSettings) -> CleanFunction:
    """Return the function of the first pass: clean, or clean by known templates where there are any."""
    if settings.fast and settings.profiles:
        return partial(clean_by_template, settings.profiles, body_limit=settings.body_limit)
    return partial(clean_page, body_limit=settings.body_limit)


def _failure_entry(record: Record, failure: Failure) -> LedgerEntry:
    return _failed_entry(record.key, failure, record.page.url if record.page else None)


def _failed_entry(key: str, failure: Failure, page_url: str | None) -> LedgerEntry:
    url = failure.url or page_url
    return LedgerEntry(key=key, url=url, site=site_of(url), state=failure.state, reason=failure.reason)


def _document_entry(summary: DocumentSummary, outcome: Outcome) -> LedgerEntry:
    """Return the ledger's entry for a document with its outcome."""
    return LedgerEntry(
        key=summary.key,
        url=summary.url,
        site=summary.site,
        state=outcome.state,
        reason=outcome.reason,
        language=summary.language,
        document_id=summary.id,
        duplicate_of=outcome.duplicate_of,
    )


def summarise_build(
    entries: Sequence[LedgerEntry],
    summaries: Sequence[DocumentSummary],
    outcomes: Mapping[int, Outcome],
    output: Path,
) -> BuildSummary:
    """Return the counts of a build; `outcomes` are by the number of the document, `output` is the corpus."""
    states = Counter(entry.state for entry in entries)
    kept = [summary for summary in summaries if outcomes[summary.number].state is State.KEPT]
    languages = Counter(summary.language for summary in kept)
    return BuildSummary(
        inputs=len(entries),
        documents=len(kept),
        duplicates=states[State.DUPLICATE],
        removed_share=sum(summary.removed for summary in kept) / max(sum(summary.characters for summary in kept), 1),
        languages=dict(sorted(languages.items(), key=lambda item: (-item[1], item[0]))),
        states={state.value: states[state] for state in State if states[state]},
        output=output,
    )
