"""Readers: files of every supported format to records, one at a time; an input that cannot be read is a record too."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from decimal import Decimal
from io import BufferedReader
from typing import TYPE_CHECKING

from saaf.atomic_files import PARTIAL
from saaf.cleaning.types import Page
from saaf.corpus.crawl_listing import LISTING, CrawlListing, read_listing, response_failure
from saaf.corpus.file_names import DOCUMENTS, LEDGER
from saaf.corpus.input_files import ledger_name, list_files, unique_names
from saaf.corpus.ledger import Failure, State
from saaf.corpus.page_tasks import BODY_LIMIT
from saaf.corpus.records import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

_DATE_COLUMNS = ("fetched_at", "date")  # of our tables, and of FineWeb
_HTML_COLUMN = "html"
_COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}


class InputError(Exception):
    """An input that cannot be read at all: it does not exist, is an empty directory, or is a corpus already."""


_Item = tuple[int, Page | Failure]  # what a reader yields: the number of the record from 1 (0: the file as a whole)


def read_inputs(paths: Sequence[Path], *, text_column: str = "text") -> Iterator[Record]:
    """Yield every record of the files and directories in `paths`, in an order that depends on their names only.

    WARC and WET (.warc, .wet), HTML, text, Parquet and JSON lines are read; the last two by `text_column`, and columns
    "url" and "date" where they have them; a text column named "html" holds HTML. All but Parquet may be compressed
    (.gz, .zst). A crawl's urls.jsonl, beside its WARC, lists which records are documents. Hidden files are not inputs.
    Raises `InputError`, before anything is read, where a path does not exist, or is a directory without files or with
    a corpus, whose tables all hold the same texts.
    """
    if not paths:
        raise InputError("there is no input: name at least one file or directory")
    if missing := [str(path) for path in paths if not _exists(path)]:
        raise InputError(f"no such file or directory: {', '.join(missing)}")
    for path in paths:
        if path.is_dir():
            _check_directory(path)
    for name, path in unique_names(paths):
        if path.is_dir():
            yield from _read_directory(name, path, text_column)
        else:
            yield from _read_file(name, path, text_column, None)


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


def _read_directory(name: str, directory: Path, text_column: str) -> Iterator[Record]:
    """Yield the records of all files below a directory; a crawl's listing comes after what it lists."""
    listings: dict[Path, CrawlListing | None] = {}
    files, unreadable = list_files(directory)
    reasons = {each.path: each.reason for each in unreadable}
    for path in sorted((*files, *reasons), key=lambda path: (path.parent, path.name == LISTING, path.name)):
        key = f"{name}/{ledger_name(path.relative_to(directory).as_posix())}" if path != directory else name
        if path in reasons:
            yield Record(key=key, file_path=key, failure=Failure(state=State.UNREADABLE, reason=reasons[path]))
            continue
        listing_path = path.with_name(LISTING)
        if path.parent not in listings:
            listings[path.parent] = _read_listing(listing_path)
        listing = listings[path.parent]
        if path == listing_path and listing is not None:
            for line, failure in listing.unmatched():
                yield Record(key=f"{key}#{line}", file_path=key, failure=failure)
        else:
            yield from _read_file(key, path, text_column, listing)


def _read_listing(path: Path) -> CrawlListing | None:
    """Return the listing of a crawl, None where there is none or it cannot be read."""
    try:
        return read_listing(path) if path.is_file() else None
    except OSError:
        return None


def _read_file(name: str, path: Path, text_column: str, listing: CrawlListing | None) -> Iterator[Record]:
    """Yield the records of one file; whatever it raises while it is read ends it with a failure, and only it."""
    reader = _choose_reader(path)
    last = 0
    try:
        for number, item in reader(path, text_column):
            last = number
            failure = item if isinstance(item, Failure) else listing.check(item) if listing else response_failure(item)
            page = None if failure or isinstance(item, Failure) else item
            yield Record(key=f"{name}#{number}" if number else name, file_path=name, page=page, failure=failure)
    except _read_errors() as error:
        after = f" after record {last}" if last else ""
        reason = f"the file cannot be read{after}: {_first_line(error)}; fetch or write it again"
        failure = Failure(state=State.UNREADABLE, reason=reason)
        yield Record(key=f"{name}#{last + 1}" if last else name, file_path=name, failure=failure)


def _read_errors() -> tuple[type[Exception], ...]:
    """Return the exceptions that a file which cannot be read raises; pyarrow's where it was loaded to read it."""
    pyarrow = sys.modules.get("pyarrow")
    return (OSError, EOFError, *((pyarrow.ArrowException,) if pyarrow else ()))


def _first_line(error: Exception) -> str:
    # Arrow's and the system's messages name the file by its path on this machine; a ledger must not.
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text.strip().partition("\n")[0][:200]


def _choose_reader(path: Path) -> Callable[[Path, str], Iterator[_Item]]:
    """Return the reader of a file by the ending of its name, the endings of a partial or compressed file left out."""
    suffixes = path.suffixes[::-1]
    if suffixes[:1] == [PARTIAL]:  # what a killed crawl leaves
        suffixes = suffixes[1:]
    if suffixes and suffixes[0].lower() in _COMPRESSIONS:
        suffixes = suffixes[1:]
    return _READERS.get(suffixes[0].lower() if suffixes else "", _read_unknown)


def _read_unknown(_path: Path, _text_column: str) -> Iterator[_Item]:
    kinds = " ".join(sorted(_READERS))
    yield 0, Failure(state=State.NOT_CONTENT, reason=f"not a kind of file that is read; these are: {kinds}")


def _read_warc(path: Path, _text_column: str) -> Iterator[_Item]:
    from saaf.corpus.warc import read_warc  # noqa: PLC0415  # loads fastwarc, which no other format needs

    yield from enumerate(read_warc(path), start=1)


def _read_page(path: Path, content_type: str) -> Iterator[_Item]:
    with _open(path) as stream:
        body = stream.read(BODY_LIMIT + 1)  # one more than the limit, so that a body over the limit is recognised
    yield 0, Page(url=None, body=body, headers=(("Content-Type", content_type),))


def _read_html(path: Path, _text_column: str) -> Iterator[_Item]:
    yield from _read_page(path, "text/html")


def _read_text(path: Path, _text_column: str) -> Iterator[_Item]:
    yield from _read_page(path, "text/plain")


def _read_json_lines(path: Path, text_column: str) -> Iterator[_Item]:
    with _open(path) as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                yield number, _json_page(line, text_column)


def _json_page(line: bytes, text_column: str) -> Page | Failure:
    try:
        row = json.loads(line)
    except RecursionError:
        return Failure(state=State.UNREADABLE, reason="the line is JSON that is nested too deeply")
    except ValueError as error:  # of JSON, and of UTF-8
        return Failure(state=State.UNREADABLE, reason=f"the line is not JSON: {error}")
    if not isinstance(row, dict):
        return Failure(state=State.UNREADABLE, reason="the line is JSON, but not an object with columns")
    if text_column not in row:
        return _no_column(text_column, row)
    return _row_page(row, text_column)


def _read_parquet(path: Path, text_column: str) -> Iterator[_Item]:
    from saaf.corpus import parquet_rows  # noqa: PLC0415  # loads pyarrow, which no other format needs

    columns = parquet_rows.column_names(path)
    if text_column not in columns:
        yield 0, _no_column(text_column, columns)
        return
    wanted = [name for name in (text_column, "url", *_DATE_COLUMNS) if name in columns]
    for number, row in enumerate(parquet_rows.rows(path, wanted), start=1):
        yield number, _row_page(row, text_column)


def _no_column(text_column: str, columns: Sequence[str] | Mapping[str, object]) -> Failure:
    reason = f"no column {text_column!r}; there are: {', '.join(columns) or 'none'}; name the text's (--text-column)"
    return Failure(state=State.UNREADABLE, reason=reason)


def _row_page(row: Mapping[str, object], text_column: str) -> Page | Failure:
    """Return the page of a row, or why its text is none."""
    text, url = row[text_column], row.get("url")
    url = url if isinstance(url, str) and url else None
    if text is None:
        return Failure(state=State.EMPTY, reason=f"column {text_column!r} is null", url=url)
    if not isinstance(text, str | bytes):
        reason = f"column {text_column!r} holds {_kind_of_value(text)}, not text; name the text's (--text-column)"
        return Failure(state=State.UNREADABLE, reason=reason, url=url)
    kind = "text/html" if text_column == _HTML_COLUMN else "text/plain"
    if isinstance(text, str):
        kind += "; charset=utf-8"
        text = text.encode("utf-8", "replace")  # JSON can spell half a surrogate pair, which no text can hold
    date = next((row[name] for name in _DATE_COLUMNS if row.get(name)), None)
    return Page(url=url, body=text, headers=(("Content-Type", kind),), fetched_at=_parse_date(date))


def _kind_of_value(value: object) -> str:
    """Return what a value of JSON or Parquet is, in plain words."""
    kinds = {bool: "true or false", int: "a number", float: "a number", Decimal: "a number", list: "a list"}
    return kinds.get(type(value), "an object" if isinstance(value, dict) else "a value of another type")


def _parse_date(value: object) -> datetime | None:
    """Return a date column's value as a date and time, in UTC where it names no zone; None where it is no date."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _open(path: Path) -> BufferedReader:
    """Open a file to read bytes, unpacked where its name says that it is compressed."""
    compression = _COMPRESSIONS.get(path.suffix.lower())
    if compression is None:
        return path.open("rb")
    import pyarrow  # noqa: PLC0415  # only what is compressed needs it

    # As bytes: pyarrow refuses a path of type str that is not UTF-8.
    return BufferedReader(pyarrow.CompressedInputStream(pyarrow.OSFile(os.fsencode(path)), compression))


_READERS: dict[str, Callable[[Path, str], Iterator[_Item]]] = {
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
