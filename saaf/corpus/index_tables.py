"""The Parquet tables of an index: its documents, and the matches that new documents have among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from saaf.corpus.parquet import write_table
from saaf.corpus.schema import column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from saaf.dedupe.index import Index, Segment

    Row = dict[str, Any]

INDEXED_FILE = "documents.parquet"
"""The file in the directory of each segment that has a row (`INDEXED`) for each of its documents."""

INDEXED = pa.schema(
    [
        column("id", pa.string(), "id of the document"),
        column("crawl", pa.string(), "name of the crawl or collection it came with"),
        column("url", pa.string(), "address of the page; null where unknown", nullable=True),
        column("site", pa.string(), "host name; empty where there is no URL"),
        column("language", pa.string(), "ISO 639 code"),
        column("text_hash", pa.string(), "SHA-256 of the text, 64 hex digits"),
        column("quality", pa.list_(pa.float64()), "how good a copy it is, by the criteria of `saaf build`"),
        column("text", pa.string(), "the text; null where the index keeps none", nullable=True),
    ]
)
"""documents.parquet in each segment of an index: the documents that it compares new ones with."""

MATCHES = pa.schema(
    [
        column("document_id", pa.string(), "id of the new document"),
        column("url", pa.string(), "its address; null where unknown", nullable=True),
        column("matched_id", pa.string(), "id of the older document"),
        column("matched_url", pa.string(), "its address; null where unknown", nullable=True),
        column("matched_crawl", pa.string(), "the crawl the older document came with"),
        column("jaccard", pa.float64(), "Jaccard similarity of their shingles, in [0, 1]"),
        column("containment", pa.float64(), "share of the smaller one's shingles that are in the other, in [0, 1]"),
        column("verified", pa.bool_(), "false for an estimate by signature, where the index keeps no text"),
    ]
)
"""matches.parquet: new documents and the older ones they are like, most similar first; ten for each at most."""

_BATCH_ROWS = 1_000


def document_writer(rows: Iterable[Mapping[str, object]]) -> Callable[[Path], None]:
    """Return a function that writes `rows` of `INDEXED`, one for each document, into the directory of a new segment."""

    def write(directory: Path) -> None:
        write_table(directory / INDEXED_FILE, rows, INDEXED)

    return write


def read_live_table(segment: Segment, columns: Sequence[str]) -> pa.Table:
    """Return columns of the live documents of a segment: those that were not removed."""
    return pq.read_table(segment.directory / INDEXED_FILE, columns=list(columns)).filter(pa.array(segment.live()))


def read_live_rows(segment: Segment) -> Iterator[Row]:
    """Yield the rows of the live documents of a segment, 1,000 in memory at a time."""
    live = segment.live()
    start = 0
    with pq.ParquetFile(segment.directory / INDEXED_FILE) as file:
        for batch in file.iter_batches(_BATCH_ROWS):
            yield from batch.filter(pa.array(live[start : start + len(batch)])).to_pylist()
            start += len(batch)


def read_rows(segment: Segment, rows: Sequence[int], columns: Sequence[str]) -> list[Row]:
    """Return the rows of a segment whose numbers are `rows` (ascending), reading only the row groups that hold them."""
    found: list[Row] = []
    with pq.ParquetFile(segment.directory / INDEXED_FILE) as file:
        start = 0
        for group in range(file.num_row_groups):
            end = start + file.metadata.row_group(group).num_rows
            here = [row - start for row in rows if start <= row < end]
            if here:
                found += file.read_row_group(group, columns=list(columns)).take(here).to_pylist()
            start = end
    return found


def text_reader(segment: Segment) -> Callable[[Sequence[int]], list[str | None]]:
    """Return a function from row numbers (ascending) of a segment to their texts, None where it keeps none."""
    return lambda rows: [row["text"] for row in read_rows(segment, rows, ["text"])]


def live_text_reader(index: Index, order: Sequence[int]) -> Callable[[Sequence[int]], list[str | None]]:
    """Return a function from document numbers to texts, None where the index keeps none.

    Number n is the live document `order[n]`, live documents counted from 0 over all segments.
    """
    live = [np.flatnonzero(segment.live()) for segment in index.segments]
    starts = np.cumsum([0, *(len(rows) for rows in live)])

    def read(numbers: Sequence[int]) -> list[str | None]:
        found: dict[int, str | None] = {}
        wanted = sorted((order[number], number) for number in numbers)
        for segment, rows, start, end in zip(index.segments, live, starts[:-1], starts[1:], strict=True):
            here = [(int(rows[position - start]), number) for position, number in wanted if start <= position < end]
            texts = text_reader(segment)([row for row, _ in here])
            found.update(zip((number for _, number in here), texts, strict=True))
        return [found[number] for number in numbers]

    return read
