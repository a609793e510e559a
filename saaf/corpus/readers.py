"""Reading of inputs: parts of files of every supported format to records; one that cannot be read is a record too."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from saaf.cleaning.rights.sites import rights_file_path
from saaf.corpus.crawl_listing import CrawlListing, response_failure, url_hash
from saaf.corpus.file_readers import read_file
from saaf.corpus.input_walk import CrawlDirectory, check_inputs, walk_inputs
from saaf.corpus.input_walk import InputError as InputError
from saaf.corpus.ledger import Failure, State
from saaf.corpus.limits import BODY_LIMIT
from saaf.corpus.recorded_crawls import recorded_crawl
from saaf.corpus.records import NO_CRAWL, Item, ReadOptions, Record, Row, RowBatch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from saaf.cleaning.types import Page
    from saaf.corpus.input_paths import InputPath
    from saaf.corpus.records import InputPart

_LONGEST_RUN = 10_000
"""Number of failures in a row that have an entry of the ledger each: 1 MB may unpack to 500 million lines of "x"."""


def read_inputs(
    paths: Sequence[InputPath | str],
    *,
    text_column: str | None = None,
    body_limit: int = BODY_LIMIT,
    options: ReadOptions | None = None,
) -> Iterator[Record]:
    """Yield every record of the files and directories in `paths`, in an order that depends on their names only.

    WARC, WET, ARC, WACZ, HTML, text, JSON, JSON Lines, CSV, TSV, Parquet and Arrow are read, by the ending of a name,
    or by content where that says nothing. Tables are read by `text_column`; None is what data sets name so
    (`saaf.corpus.columns`), as are URL, id and date. All but Parquet, Arrow and WACZ may be compressed (gzip, lz4,
    zstd). What is over `body_limit` bytes, unpacked, is a failure, and is never held whole. A crawl's
    urls.jsonl, beside its WARC, lists which records are documents; its frontier does where it was killed. Hidden
    files are not inputs. `options`, where given, take the place of the other two.

    Raises `InputError`, before anything is read, where a path does not exist, or is a directory without files or with
    a corpus, whose tables all hold the same texts.
    """
    parsed = check_inputs(paths)
    options = options or ReadOptions(text_column=text_column, body_limit=body_limit)
    yield from (record for record in _read_all(parsed, options) if isinstance(record, Record))


def _read_all(paths: Sequence[InputPath], options: ReadOptions) -> Iterator[Record | RowBatch]:
    """Yield the records of all inputs, each listing of a crawl after what it lists, with what it lists beside that."""
    captured: dict[Path, set[bytes]] = {}
    with ExitStack() as stack:

        @cache
        def work() -> Path:
            return options.work or Path(stack.enter_context(TemporaryDirectory(prefix="saaf-")))

        for part in walk_inputs(paths):
            if isinstance(part, CrawlDirectory):
                with CrawlListing(part.path, work()) as listing:
                    for line, failure in listing.unmatched(captured.pop(part.path, set())):
                        part_of = listing.part_of(failure.url)
                        yield Record(file_path=part.name, number=line, failure=failure, part_of=part_of)
                continue
            own = replace(options, work=work()) if part.listing is not None else options
            seen = captured.setdefault(part.listing, set()) if part.listing else set()
            for item in read_part(part, own):
                if isinstance(item, Record) and item.captured:
                    seen.add(item.captured)
                if isinstance(item, RowBatch) or not (item.is_revisit and _failed_url(item) in seen):
                    yield item
                    if isinstance(item, Record) and item.is_revisit:  # its line and it are one input
                        seen.add(_failed_url(item))


def _failed_url(record: Record) -> bytes:
    return url_hash((record.failure.url if record.failure else None) or "")


def read_part(part: InputPart, options: ReadOptions) -> Iterator[Record | RowBatch]:
    """Yield the records of a part of a file; whatever it raises while it is read ends it with a failure, and only it.

    A revisit record of a crawl with a listing is yielded, with `is_revisit`: whoever joins the parts leaves it out
    where the crawl captured its URL.
    """
    if part.failure is not None:
        yield Record(file_path=part.name, failure=part.failure)
        return
    if part.listing is not None:  # it says of each page by itself whether it is a document
        options = replace(options, rows_per_batch=0)
    last = 0
    try:
        with ExitStack() as stack:
            listing, crawl = None, recorded_crawl(part.path)
            if part.listing is not None:
                work = options.work or Path(stack.enter_context(TemporaryDirectory(prefix="saaf-")))
                listing = stack.enter_context(CrawlListing(part.listing, work))
            for number, item in _merge_runs(read_file(part, options)):
                if isinstance(item, RowBatch):
                    last = number
                    yield replace(item, file_path=part.name)
                    continue
                record = _record(part.name, number, item, listing)
                last = record.last_number
                yield record if crawl is NO_CRAWL else replace(record, crawl=crawl)
    except read_errors() as error:
        after = f" after record {last}" if last else ""
        reason = f"the file cannot be read{after}: {_first_line(error)}; fetch or write it again"
        failure = Failure(state=State.UNREADABLE, reason=reason)
        yield Record(file_path=part.name, number=last + 1 if last else 0, failure=failure)


def _record(name: str, number: int, item: Page | Failure | Row, listing: CrawlListing | None) -> Record:
    """Return the record of a page, row or failure: a page that is no document is a failure."""
    if isinstance(item, Row):
        return replace(_record(name, number, item.page, listing), row=item.columns)
    if isinstance(item, Failure):
        is_revisit = listing is not None and item.state is State.REPEATED
        listed = listing.check_failure(item) if listing else None
        return Record(
            file_path=name,
            number=number,
            failure=listed or item,
            is_revisit=is_revisit,
            captured=url_hash(item.url or "") if listed and not is_revisit else None,
            part_of=listing.part_of(item.url) if listing else None,
        )
    failure = listing.check(item) if listing else response_failure(item)
    return Record(
        file_path=name,
        number=number,
        page=None if failure else item,
        failure=failure,
        rights_file=item if rights_file_path(item.url) else None,
        captured=url_hash(item.url or "") if listing else None,
        part_of=listing.part_of(item.url) if listing else None,
    )


def _merge_runs(items: Iterator[Item]) -> Iterator[Item]:
    """Yield the items, with one failure for all of a run of failures without a URL beyond `_LONGEST_RUN`."""
    run, first, last = 0, 0, 0
    for number, item in items:
        found = item.page if isinstance(item, Row) else item
        run = run + 1 if isinstance(found, Failure) and found.url is None else 0
        if run > _LONGEST_RUN:
            first, last = first or number, number
            continue
        if first:
            yield first, _run_failure(first, last)
            first = 0
        yield number, item
    if first:
        yield first, _run_failure(first, last)


def _run_failure(first: int, last: int) -> Failure:
    reason = f"records {first} to {last} cannot be read either, like the {_LONGEST_RUN} before them: is it this format?"
    return Failure(state=State.UNREADABLE, reason=reason, rows=last - first + 1)


def read_errors() -> tuple[type[Exception], ...]:
    """Return the exceptions that a file which cannot be read raises; pyarrow's where it was loaded to read it."""
    pyarrow = sys.modules.get("pyarrow")
    return (OSError, EOFError, *((pyarrow.ArrowException,) if pyarrow else ()))


def _first_line(error: Exception) -> str:
    # Arrow's and the system's messages name the file by its path on this machine; a ledger must not.
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text.strip().partition("\n")[0][:200]
