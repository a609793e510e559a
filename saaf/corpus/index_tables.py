"""The tables of an index: who its documents are, and what new ones were found to be like."""

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

NAMES = "documents.parquet"  # in the directory of each segment, a row for each document
"""The file of a segment that names its documents."""

INDEXED = pa.schema(
    [
        column("id", pa.string(), "id of the document"),
        column("crawl", pa.string(), "name of the crawl or collection it came with"),
        column("url", pa.string(), "address of the page; null where unknown", null=True),
        column("site", pa.string(), "host name; empty where there is no URL"),
        column("language", pa.string(), "ISO 639 code"),
        column("text_hash", pa.string(), "SHA-256 of the text, 64 hex digits"),
        column("quality", pa.list_(pa.float64()), "how good a copy it is, by the criteria of `saaf build`"),
        column("text", pa.string(), "the text; null where the index keeps none", null=True),
    ]
)
"""documents.parquet in each segment of an index: the documents that it compares new ones with."""

MATCHES = pa.schema(
    [
        column("document_id", pa.string(), "id of the new document"),
        column("url", pa.string(), "its address; null where unknown", null=True),
        column("matched_id", pa.string(), "id of the older document"),
        column("matched_url", pa.string(), "its address; null where unknown", null=True),
        column("matched_crawl", pa.string(), "the crawl the older document came with"),
        column("jaccard", pa.float64(), "Jaccard similarity of their shingles, in [0, 1]"),
        column("containment", pa.float64(), "share of the smaller one's shingles that are in the other, in [0, 1]"),
        column("verified", pa.bool_(), "false for an estimate by signature, where the index keeps no text"),
    ]
)
"""matches.parquet: new documents and the older ones they are like, most similar first; ten for each at most."""

_BATCH_ROWS = 1_000


def writer(rows: Iterable[Mapping[str, object]]) -> Callable[[Path], None]:
    """Return what writes `rows`, one for each document, into the directory of a new segment."""

    def write(directory: Path) -> None:
        write_table(directory / NAMES, rows, INDEXED)

    return write


def live_table(segment: Segment, columns: Sequence[str]) -> pa.Table:
    """Return columns of the documents of a segment that were not removed."""
    return pq.read_table(segment.directory / NAMES, columns=list(columns)).filter(pa.array(segment.live()))


def live_rows(segment: Segment) -> Iterator[Row]:
    """Yield the rows of the documents of a segment that were not removed, a few in memory at a time."""
    live = segment.live()
    start = 0
    with pq.ParquetFile(segment.directory / NAMES) as file:
        for batch in file.iter_batches(_BATCH_ROWS):
            yield from batch.filter(pa.array(live[start : start + len(batch)])).to_pylist()
            start += len(batch)


def rows_of(segment: Segment, rows: Sequence[int], columns: Sequence[str]) -> list[Row]:
    """Return some rows of a segment, which ascend, from the row groups that hold them."""
    found: list[Row] = []
    with pq.ParquetFile(segment.directory / NAMES) as file:
        start = 0
        for group in range(file.num_row_groups):
            end = start + file.metadata.row_group(group).num_rows
            here = [row - start for row in rows if start <= row < end]
            if here:
                found += file.read_row_group(group, columns=list(columns)).take(here).to_pylist()
            start = end
    return found


def texts_of(segment: Segment) -> Callable[[Sequence[int]], list[str | None]]:
    """Return what reads the texts of rows of a segment, None where it keeps none."""
    return lambda rows: [row["text"] for row in rows_of(segment, rows, ["text"])]


def live_texts(index: Index, order: Sequence[int]) -> Callable[[Sequence[int]], list[str | None]]:
    """Return what reads the texts of documents of an index that were not removed, numbered in an order of one's own."""
    places = [np.flatnonzero(segment.live()) for segment in index.segments]
    starts = np.cumsum([0, *(len(rows) for rows in places)])

    def read(numbers: Sequence[int]) -> list[str | None]:
        found: dict[int, str | None] = {}
        asked = sorted((order[number], number) for number in numbers)
        for segment, rows, start, end in zip(index.segments, places, starts[:-1], starts[1:], strict=True):
            here = [(int(rows[place - start]), number) for place, number in asked if start <= place < end]
            texts = texts_of(segment)([row for row, _ in here])
            found.update(zip((number for _, number in here), texts, strict=True))
        return [found[number] for number in numbers]

    return read
