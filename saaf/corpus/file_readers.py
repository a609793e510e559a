"""Readers of each format: a part of a file to pages, failures and batches of rows, one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from saaf.atomic_files import PARTIAL
from saaf.cleaning.types import Page
from saaf.corpus.byte_blocks import COMPRESSIONS, read_body
from saaf.corpus.decompression import Problem
from saaf.corpus.json_lines import read_json_lines
from saaf.corpus.ledger import Failure, State
from saaf.corpus.limits import over_limit_reason
from saaf.corpus.row_pages import row_page
from saaf.corpus.warc_reader import read_warc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from saaf.corpus.records import InputPart, Item, ReadOptions


def choose_reader(path: Path) -> Callable[[InputPart, ReadOptions], Iterator[Item]]:
    """Return the reader of a file by the ending of its name, the endings of a partial or compressed file left out."""
    return _READERS.get(file_ending(path), _read_unknown)


def file_ending(path: Path) -> str:
    """Return the ending of a name that says what the file is: ".jsonl" of "a.JSONL.gz.partial"; "" for none."""
    suffixes = path.suffixes[::-1]
    if suffixes[:1] == [PARTIAL]:  # what a killed crawl leaves
        suffixes = suffixes[1:]
    if suffixes and suffixes[0].lower() in COMPRESSIONS:
        suffixes = suffixes[1:]
    return suffixes[0].lower() if suffixes else ""


def _read_unknown(_part: InputPart, _options: ReadOptions) -> Iterator[Item]:
    kinds = " ".join(sorted(_READERS))
    yield 0, Failure(state=State.NOT_CONTENT, reason=f"not a kind of file that is read; these are: {kinds}")


def _read_warc(part: InputPart, options: ReadOptions) -> Iterator[Item]:
    items = read_warc(part.path, body_limit=options.body_limit, start=part.start, end=part.end)
    yield from enumerate(items, start=1)


def _read_page(path: Path, content_type: str, body_limit: int) -> Iterator[Item]:
    read = read_body(path, body_limit)
    if read.problem is Problem.OVER_LIMIT:
        size = None if path.suffix.lower() in COMPRESSIONS else path.stat().st_size
        yield 0, Failure(state=State.OVER_BUDGET, reason=over_limit_reason("the file", size, body_limit))
        return
    flags = (read.problem.value,) if read.problem else ()
    yield 0, Page(url=None, body=read.body, headers=(("Content-Type", content_type),), flags=flags)


def _read_html(part: InputPart, options: ReadOptions) -> Iterator[Item]:
    yield from _read_page(part.path, "text/html", options.body_limit)


def _read_text(part: InputPart, options: ReadOptions) -> Iterator[Item]:
    yield from _read_page(part.path, "text/plain", options.body_limit)


def _read_json_lines(part: InputPart, options: ReadOptions) -> Iterator[Item]:
    number = 0
    rows = read_json_lines(part.path, options.body_limit, options.text_column, start=part.start, end=part.end)
    for number, row in rows:
        yield number, row if isinstance(row, Failure) else row_page(row, options.text_column, options.body_limit)
    if not number and part.is_whole:
        yield 0, Failure(state=State.EMPTY, reason="the file has no lines")


def _read_parquet(part: InputPart, options: ReadOptions) -> Iterator[Item]:
    from saaf.corpus.parquet_reader import read_parquet  # noqa: PLC0415  # loads pyarrow, which no other format needs

    yield from read_parquet(part, options)


_READERS: dict[str, Callable[[InputPart, ReadOptions], Iterator[Item]]] = {
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
