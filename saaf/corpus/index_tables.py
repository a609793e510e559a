"""The Parquet tables of an index: its documents, and the matches that new documents have among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from saaf.corpus.parquet import write_table
from saaf.corpus.table_fields import column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

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

_BATCH_ROWS, _BATCH_ROWS_WITHOUT_TEXT = 1_000, 20_000  # in memory at a time: 5 MB of news text, 5 MB of ids


def document_writer(rows: Iterable[Mapping[str, object]]) -> Callable[[Path], None]:
    """Return a function that writes `rows` of `INDEXED`, one for each document, into the directory of a new segment."""

    def write(directory: Path) -> None:
        write_table(directory / INDEXED_FILE, rows, INDEXED)

    return write


def read_live_batches(
    segment: Segment, columns: Sequence[str], crawl: str | None = None
) -> Iterator[tuple[NDArray[np.int64], pa.RecordBatch]]:
    """Yield (row numbers, columns) of the live documents of a segment, some thousand rows in memory at a time.

    Row groups that have no document of `crawl`, where given, are not read.
    """
    live = segment.live()
    size = _BATCH_ROWS if "text" in columns else _BATCH_ROWS_WITHOUT_TEXT
    end = 0
    with pq.ParquetFile(segment.directory / INDEXED_FILE) as file:
        for group in range(file.num_row_groups):
            start, end = end, end + file.metadata.row_group(group).num_rows
            if crawl is not None and not _may_have_crawl(file.metadata.row_group(group), crawl):
                continue
            for batch in file.iter_batches(size, row_groups=[group], columns=list(columns)):
                mask = live[start : start + len(batch)]
                yield np.flatnonzero(mask) + start, batch.filter(pa.array(mask))
                start += len(batch)


def _may_have_crawl(group: pq.RowGroupMetaData, crawl: str) -> bool:
    """Return False where the least and the greatest crawl of a row group say that it has no document of `crawl`."""
    statistics = group.column(INDEXED.get_field_index("crawl")).statistics
    if statistics is None or not statistics.has_min_max:
        return True
    return bool(statistics.min.encode() <= crawl.encode() <= statistics.max.encode())


def read_live_rows(segment: Segment) -> Iterator[Row]:
    """Yield the rows of the live documents of a segment."""
    for _, batch in read_live_batches(segment, INDEXED.names):
        yield from batch.to_pylist()


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
    return lambda numbers: [row["text"] for row in live_rows(index, [order[number] for number in numbers], ["text"])]


def live_rows(index: Index, documents: Sequence[int], columns: Sequence[str]) -> list[Row]:
    """Return columns of the documents whose numbers are `documents`, live documents counted from 0 over all segments.

    A number may come once.
    """
    found: dict[int, Row] = {}
    wanted = np.sort(np.array(documents, np.int64))
    start = 0
    for segment in index.segments:
        end = start + segment.live_documents
        here = wanted[(wanted >= start) & (wanted < end)]
        if len(here):
            rows = np.flatnonzero(segment.live())[here - start].tolist()
            found.update(zip(here.tolist(), read_rows(segment, rows, columns), strict=True))
        start = end
    return [found[document] for document in documents]
