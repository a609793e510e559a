"""Readers: files of every supported format to records, one at a time; an input that cannot be read is a record too."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from saaf.atomic_files import PARTIAL
from saaf.cleaning.rights.sites import rights_file_path
from saaf.cleaning.types import Page
from saaf.corpus.byte_blocks import COMPRESSIONS, read_body
from saaf.corpus.crawl_frontier import FRONTIER, FRONTIER_FILES
from saaf.corpus.crawl_listing import LISTING, CrawlListing, crawl_listing, response_failure
from saaf.corpus.decompression import Problem
from saaf.corpus.file_names import DOCUMENTS, LEDGER
from saaf.corpus.input_files import ledger_name, list_files, unique_names
from saaf.corpus.json_lines import read_json_lines
from saaf.corpus.ledger import Failure, State
from saaf.corpus.limits import BODY_LIMIT, over_limit_reason
from saaf.corpus.records import Record, RowBatch
from saaf.corpus.row_pages import DATE_COLUMNS, no_column, no_text, repeated_column, row_page
from saaf.corpus.warc_reader import read_warc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from saaf.corpus.parquet_rows import OverLimit

_NO_FRONTIER = Failure(
    state=State.UNREADABLE, reason="the frontier of this crawl cannot be read: start the crawl again, or delete it"
)
_LISTINGS = (LISTING, FRONTIER)
_LONGEST_RUN = 10_000
"""Number of failures in a row that have an entry of the ledger each: 1 MB may unpack to 500 million lines of "x"."""


class InputError(Exception):
    """An input that cannot be read at all: it does not exist, is an empty directory, or is a corpus already."""


# What a reader yields: the number of the record from 1 (0: the file as a whole; of a batch of rows: its last).
_Item = tuple[int, Page | Failure | RowBatch]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    """What readers are told: the name of the text's column, and the limit of a body in bytes.

    `rows_per_batch` is the most rows of a Parquet file that are handed on as a `RowBatch`, 0 to make a page of each.
    """

    text_column: str
    body_limit: int
    rows_per_batch: int = 0


def read_inputs(paths: Sequence[Path], *, text_column: str = "text", body_limit: int = BODY_LIMIT) -> Iterator[Record]:
    """Yield every record of the files and directories in `paths`, in an order that depends on their names only.

    WARC and WET (.warc, .wet), HTML, text, Parquet and JSON lines are read; the last two by `text_column`, and columns
    "url" and "date" where they have them; a text column named "html" holds HTML. All but Parquet may be compressed
    (.gz, .zst). What is over `body_limit` bytes, unpacked, is a failure, and is never held whole. A crawl's
    urls.jsonl, beside its WARC, lists which records are documents; its frontier does where it was killed. Hidden
    files are not inputs.

    Raises `InputError`, before anything is read, where a path does not exist, or is a directory without files or with
    a corpus, whose tables all hold the same texts.
    """
    _check_inputs(paths)
    options = _Options(text_column=text_column, body_limit=body_limit)
    yield from (record for record in _read_all(paths, options) if isinstance(record, Record))


def read_row_batches(
    paths: Sequence[Path], *, text_column: str, body_limit: int, rows_per_batch: int
) -> Iterator[Record | RowBatch]:
    """Yield what `read_inputs` does, but rows of Parquet files, where all is well with them, in batches.

    The order is the same, and so is what it raises. A batch has up to `rows_per_batch` rows, at least 1.
    """
    _check_inputs(paths)
    yield from _read_all(paths, _Options(text_column=text_column, body_limit=body_limit, rows_per_batch=rows_per_batch))


def _check_inputs(paths: Sequence[Path]) -> None:
    """Raise `InputError` where a path does not exist, or is a directory that cannot be an input."""
    if not paths:
        raise InputError("there is no input: name at least one file or directory")
    if missing := [str(path) for path in paths if not _exists(path)]:
        raise InputError(f"no such file or directory: {', '.join(missing)}")
    for path in paths:
        if path.is_dir():
            _check_directory(path)


def _read_all(paths: Sequence[Path], options: _Options) -> Iterator[Record | RowBatch]:
    for name, path in unique_names(paths):
        if path.is_dir():
            yield from _read_directory(name, path, options)
        else:
            yield from _read_file(name, path, options, None)


def _exists(path: Path) -> bool:
    """Return whether a path exists. Raises `InputError` where that cannot be known: its directory is closed, say."""
    try:
        return path.exists()
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: {error.strerror if isinstance(error, OSError) else error}") from error


def _check_directory(directory: Path) -> None:
    """Raise `InputError` where a directory has no file, or a corpus, whose tables all hold the same texts."""
    files, unreadable = list_files(directory)
    if not files and not unreadable:
        raise InputError(f"{directory}: there is no file in this directory")
    for path in sorted(files):
        if path.name == LEDGER and (path.parent / DOCUMENTS).exists():
            raise InputError(
                f"{path.parent} is a corpus: name {path.parent / DOCUMENTS}, or the files that it was built from"
            )


def _read_directory(name: str, directory: Path, options: _Options) -> Iterator[Record | RowBatch]:
    """Yield the records of all files below a directory; a crawl's listing comes after what it lists."""
    listings: dict[Path, tuple[CrawlListing, str] | None] = {}
    files, unreadable = list_files(directory)
    reasons = {each.path: each.reason for each in unreadable}
    for path in sorted((*files, *reasons), key=lambda path: (path.parent, path.name in _LISTINGS, path.name)):
        key = f"{name}/{ledger_name(path.relative_to(directory).as_posix())}" if path != directory else name
        if path in reasons:
            yield Record(key=key, file_path=key, failure=Failure(state=State.UNREADABLE, reason=reasons[path]))
            continue
        if path.parent not in listings:
            listings[path.parent] = _crawl_listing(path.parent)
        listing, source = listings[path.parent] or (None, None)
        if listing is not None and path.name == source:
            for line, failure in listing.unmatched():
                part_of = listing.part_of(failure.url)
                yield Record(key=f"{key}#{line}", file_path=key, failure=failure, part_of=part_of)
        elif path.name == FRONTIER and listing is None:
            yield Record(key=key, file_path=key, failure=_NO_FRONTIER)
        elif path.name in FRONTIER_FILES or (listing is not None and path.name in _LISTINGS):
            continue  # part of a crawl, and no input: the listing is read, from the one file or the other
        else:
            yield from _read_file(key, path, options, listing)


def _crawl_listing(directory: Path) -> tuple[CrawlListing, str] | None:
    """Return the listing of a crawl, None where there is none or it cannot be read."""
    try:
        return crawl_listing(directory)
    except OSError:
        return None


def _read_file(name: str, path: Path, options: _Options, listing: CrawlListing | None) -> Iterator[Record | RowBatch]:
    """Yield the records of one file; whatever it raises while it is read ends it with a failure, and only it."""
    reader = _choose_reader(path)
    if listing is not None:  # it says of each page by itself whether it is a document
        options = replace(options, rows_per_batch=0)
    last = 0
    try:
        for number, item in _merge_runs(reader(path, options)):
            last = number
            if isinstance(item, RowBatch):
                yield replace(item, file_path=name)
                continue
            if listing is not None and isinstance(item, Failure) and listing.confirms(item):
                continue
            failure = _failure_of(item, listing)
            page = None if failure or isinstance(item, Failure) else item
            rights_file = item if isinstance(item, Page) and rights_file_path(item.url) else None
            key = f"{name}#{number}" if number else name
            part_of = listing.part_of(item.url) if listing is not None else None
            yield Record(key=key, file_path=name, page=page, failure=failure, rights_file=rights_file, part_of=part_of)
    except _read_errors() as error:
        after = f" after record {last}" if last else ""
        reason = f"the file cannot be read{after}: {_first_line(error)}; fetch or write it again"
        failure = Failure(state=State.UNREADABLE, reason=reason)
        yield Record(key=f"{name}#{last + 1}" if last else name, file_path=name, failure=failure)


def _failure_of(item: Page | Failure, listing: CrawlListing | None) -> Failure | None:
    """Return why an input is no document, None where it is one."""
    if listing is None:
        return item if isinstance(item, Failure) else response_failure(item)
    return listing.check_failure(item) if isinstance(item, Failure) else listing.check(item)


def _merge_runs(items: Iterator[_Item]) -> Iterator[_Item]:
    """Yield the items, with one failure for all of a run of failures without a URL beyond `_LONGEST_RUN`."""
    run, first, last = 0, 0, 0
    for number, item in items:
        run = run + 1 if isinstance(item, Failure) and item.url is None else 0
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
    return Failure(state=State.UNREADABLE, reason=reason)


def _read_errors() -> tuple[type[Exception], ...]:
    """Return the exceptions that a file which cannot be read raises; pyarrow's where it was loaded to read it."""
    pyarrow = sys.modules.get("pyarrow")
    return (OSError, EOFError, *((pyarrow.ArrowException,) if pyarrow else ()))


def _first_line(error: Exception) -> str:
    # Arrow's and the system's messages name the file by its path on this machine; a ledger must not.
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text.strip().partition("\n")[0][:200]


def _choose_reader(path: Path) -> Callable[[Path, _Options], Iterator[_Item]]:
    """Return the reader of a file by the ending of its name, the endings of a partial or compressed file left out."""
    suffixes = path.suffixes[::-1]
    if suffixes[:1] == [PARTIAL]:  # what a killed crawl leaves
        suffixes = suffixes[1:]
    if suffixes and suffixes[0].lower() in COMPRESSIONS:
        suffixes = suffixes[1:]
    return _READERS.get(suffixes[0].lower() if suffixes else "", _read_unknown)


def _read_unknown(_path: Path, _options: _Options) -> Iterator[_Item]:
    kinds = " ".join(sorted(_READERS))
    yield 0, Failure(state=State.NOT_CONTENT, reason=f"not a kind of file that is read; these are: {kinds}")


def _read_warc(path: Path, options: _Options) -> Iterator[_Item]:
    yield from enumerate(read_warc(path, body_limit=options.body_limit), start=1)


def _read_page(path: Path, content_type: str, body_limit: int) -> Iterator[_Item]:
    read = read_body(path, body_limit)
    if read.problem is Problem.OVER_LIMIT:
        size = None if path.suffix.lower() in COMPRESSIONS else path.stat().st_size
        yield 0, Failure(state=State.OVER_BUDGET, reason=over_limit_reason("the file", size, body_limit))
        return
    flags = (read.problem.value,) if read.problem else ()
    yield 0, Page(url=None, body=read.body, headers=(("Content-Type", content_type),), flags=flags)


def _read_html(path: Path, options: _Options) -> Iterator[_Item]:
    yield from _read_page(path, "text/html", options.body_limit)


def _read_text(path: Path, options: _Options) -> Iterator[_Item]:
    yield from _read_page(path, "text/plain", options.body_limit)


def _read_json_lines(path: Path, options: _Options) -> Iterator[_Item]:
    number = 0
    for number, row in read_json_lines(path, options.body_limit, options.text_column):
        yield number, row if isinstance(row, Failure) else row_page(row, options.text_column, options.body_limit)
    if not number:
        yield 0, Failure(state=State.EMPTY, reason="the file has no lines")


def _read_parquet(path: Path, options: _Options) -> Iterator[_Item]:
    from saaf.corpus import parquet_rows  # noqa: PLC0415  # loads pyarrow, which no other format needs

    schema = parquet_rows.read_schema(path)
    if options.text_column not in schema.names:
        yield 0, no_column(options.text_column, schema.names)
        return
    if schema.names.count(options.text_column) > 1:
        yield 0, repeated_column(options.text_column, "the table")
        return
    kind = schema.field(options.text_column).type
    if not parquet_rows.holds_text(kind):
        yield 0, no_text(options.text_column, parquet_rows.kind_in_words(kind))
        return
    wanted = [name for name in (options.text_column, "url", *DATE_COLUMNS) if parquet_rows.is_flat(schema, name)]
    number = 0
    for item in _parquet_items(path, wanted, options):
        if isinstance(item, RowBatch):
            number += item.rows.num_rows
            yield number, replace(item, first=number - item.rows.num_rows + 1)
        elif isinstance(item, parquet_rows.OverLimit):
            yield number + 1, _over_limit(item, number + 1)
            number += item.rows
        else:
            number += 1
            yield number, row_page(item, options.text_column, options.body_limit)
    if not number:
        yield 0, Failure(state=State.EMPTY, reason="the table has no rows")


def _parquet_items(
    path: Path, columns: Sequence[str], options: _Options
) -> Iterator[dict[str, object] | OverLimit | RowBatch]:
    """Yield the rows of a Parquet file, in batches where that was asked for and all is well with them."""
    from pyarrow import RecordBatch  # noqa: PLC0415  # as above

    from saaf.corpus import parquet_rows  # noqa: PLC0415

    if not options.rows_per_batch:
        yield from parquet_rows.rows(path, columns, options.body_limit)
        return
    for item in parquet_rows.row_batches(
        path, columns, options.body_limit, options.text_column, options.rows_per_batch
    ):
        yield RowBatch(file_path="", first=0, rows=item) if isinstance(item, RecordBatch) else item


def _over_limit(found: OverLimit, number: int) -> Failure:
    """Return the failure of a row, or of the rows that begin with this number, over a limit."""
    reason = over_limit_reason(found.what, found.size, found.limit)
    if found.rows > 1:
        reason = f"rows {number} to {number + found.rows - 1}: {reason}; or write the file with smaller pages"
    return Failure(state=State.OVER_BUDGET, reason=reason)


_READERS: dict[str, Callable[[Path, _Options], Iterator[_Item]]] = {
    ".htm": _read_html,
    ".html": _read_html,
    ".jsonl": _read_json_lines,
    ".ndjson": _read_json_lines,
    ".parquet": _read_parquet,
    ".text": _read_text,
    ".txt": _read_text,
    ".warc": _read_warc,
    ".wet": _read_warc,
    ".xhtml": _read_html,
}
