"""What a worker process does with a batch of inputs that are not cleaned: pages or rows to the columns of documents."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import repeat
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from saaf import cleaning
from saaf.cleaning.rights.signals import AGENT
from saaf.cleaning.text.language import UNKNOWN
from saaf.cleaning.text.urls import document_id, site_of
from saaf.cleaning.types import Track
from saaf.corpus.crawl_listing import response_failure
from saaf.corpus.ledger import Failure
from saaf.corpus.page_tasks import attempt, read_page
from saaf.corpus.parquet_rows import OverLimit, rows_of
from saaf.corpus.plain_texts import plain_rows
from saaf.corpus.process_limits import OUT_OF_MEMORY
from saaf.corpus.rights import document_rights
from saaf.corpus.row_pages import DATE_COLUMNS, row_page, row_time
from saaf.corpus.row_tables import UNMEASURED_ROWS, record_batch
from saaf.corpus.schema import iso_timestamp, to_row
from saaf.corpus.selection import quality, quality_of_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from saaf.cleaning.types import CleanDocument, Page
    from saaf.corpus.records import RowBatch

MEASURES = pa.schema(
    [("fetched_at", pa.timestamp("us", "UTC")), ("characters", pa.int64()), ("quality", pa.list_(pa.float64()))]
)
"""When a document was fetched, null where unknown; its length in code points; its `selection.quality`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPage:
    """A page of a batch: the path of its file, the name of its collection, and the product tokens of its crawler."""

    page: Page
    file_path: str
    dump: str
    agent: str = AGENT


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchTask:
    """Inputs to read, with what their rows and limits depend on: `pages`, or `rows`, whose collection is `dump`.

    The other one is empty or None. `text_only` is as in `saaf.cleaning.read`.
    """

    pages: tuple[BatchPage, ...] = ()
    rows: RowBatch | None = None
    dump: str
    body_limit: int
    text_only: bool

    @property
    def url(self) -> str | None:
        """URL for the ledger: the input's, where it is one."""
        return self.url_at(0) if len(self) == 1 else None

    def __len__(self) -> int:
        return self.rows.rows.num_rows if self.rows else len(self.pages)

    def url_at(self, position: int) -> str | None:
        """Return the URL of the input at a position, None where it has none."""
        if self.rows is None:
            return self.pages[position].page.url
        column = self.rows.rows.schema.get_field_index("url")
        return (self.rows.rows.column(column)[position].as_py() or None) if column >= 0 else None

    def parts(self) -> Iterator[BatchTask]:
        """Yield a task for each input by itself."""
        if self.rows is None:
            yield from (replace(self, pages=(page,)) for page in self.pages)
            return
        for row in range(len(self)):
            one = replace(self.rows, first=self.rows.first + row, rows=self.rows.rows.slice(row, 1))
            yield replace(self, rows=one)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRead:
    """What became of the inputs of a batch.

    `rows` are those of the n documents, in order, of the columns `ROWS`, and `measures` what else a build decides by,
    of the columns `MEASURES`. `positions` int64[n] are the places of their inputs in the batch, ascending. `failures`
    are those of the other inputs, by place.
    """

    rows: pa.RecordBatch
    measures: pa.RecordBatch
    positions: NDArray[np.int64]
    failures: dict[int, Failure]


def read_batch(task: BatchTask) -> BatchRead | Failure:
    """Return the documents of a batch, or the failure of the batch as a whole, after which each goes by itself."""
    return attempt(lambda: _read(task), task.url)


def _read(task: BatchTask) -> BatchRead | Failure:
    """Read the texts that stay as they are at once, where that is all that is wanted, and the others one by one."""
    if task.rows is None or not task.text_only:
        return _read_pages(task, range(len(task)))
    rows = task.rows.rows
    texts = rows[task.rows.text_column].cast(pa.string())
    at_once = np.logical_and(plain_rows(texts, task.body_limit), ~_may_be_no_document(rows))
    if not at_once.any():
        return _read_pages(task, range(len(task)))
    plain = _read_texts(task, texts, np.flatnonzero(at_once))
    if at_once.all():
        return plain
    read = _read_pages(task, np.flatnonzero(~at_once).tolist())
    return read if isinstance(read, Failure) else _merge(plain, read)


def _may_be_no_document(rows: pa.RecordBatch) -> NDArray[np.bool_]:
    """Return for each row whether its URL needs a look: the address of a robots.txt is of no document."""
    if "url" not in rows.schema.names:
        return np.zeros(rows.num_rows, np.bool_)
    found = pc.match_substring(rows["url"].cast(pa.string()), "/robots.txt").fill_null(fill_value=False)
    return np.asarray(found.to_numpy(zero_copy_only=False), np.bool_)


def _read_pages(task: BatchTask, positions: Sequence[int]) -> BatchRead | Failure:
    """Read the inputs at some positions, each by itself."""
    documents: list[tuple[int, CleanDocument]] = []
    rows: list[dict[str, object]] = []
    times: list[datetime | None] = []
    failures: dict[int, Failure] = {}
    for position, own in _pages(task, positions):
        if isinstance(own, Failure):
            failures[position] = own
            continue
        page = own.page
        result = read_page(page, body_limit=task.body_limit, text_only=task.text_only)
        if not isinstance(result, Failure):
            documents.append((position, result))
            rights = document_rights(result.document, page, agent=own.agent)
            row = to_row(result, dump=own.dump, file_path=own.file_path, date=page.fetched_at, rights=rights)
            rows.append({**row, "original": None})
            times.append(page.fetched_at)
        elif result.reason == OUT_OF_MEMORY:  # by itself it may have more than what the others of its batch have left
            return result
        else:
            failures[position] = result
    measures = {
        "fetched_at": times,
        "characters": [len(document.document.text) for _, document in documents],
        "quality": [quality(document) for _, document in documents],
    }
    return BatchRead(
        rows=record_batch(rows, UNMEASURED_ROWS),
        measures=pa.RecordBatch.from_pydict(measures, schema=MEASURES),
        positions=np.array([position for position, _ in documents], np.int64),
        failures=failures,
    )


def _pages(task: BatchTask, positions: Sequence[int]) -> Iterator[tuple[int, BatchPage | Failure]]:
    """Yield position and page of inputs; a failure where an input has no page."""
    if task.rows is None:
        yield from ((position, task.pages[position]) for position in positions)
        return
    for position in positions:
        (row,) = rows_of(task.rows.rows.slice(position, 1), task.body_limit)
        assert not isinstance(row, OverLimit)  # noqa: S101  # the reader has checked it
        page = row_page(row, task.rows.text_column, task.body_limit)
        if isinstance(page, Failure):
            yield position, page
        else:
            own = BatchPage(page=page, file_path=task.rows.file_path, dump=task.dump)
            yield position, response_failure(page) or own


def _read_texts(task: BatchTask, texts: pa.StringArray, positions: NDArray[np.int64]) -> BatchRead:
    """Return the documents of texts that reading leaves as they are; what no text tells is null."""
    assert task.rows is not None  # noqa: S101
    rows = task.rows.rows
    if len(positions) < len(texts):  # a batch of plain texts alone is not copied
        wanted = pa.array(positions)
        texts, rows = texts.take(wanted), rows.take(wanted)
    urls = _urls(rows)
    times, dates = _times(rows)
    characters = pc.cast(pc.utf8_length(texts), pa.int64())
    constants = {
        "dump": task.dump,
        "file_path": task.rows.file_path,
        "language": UNKNOWN.code,
        "language_script": UNKNOWN.script,
        "language_score": UNKNOWN.score,
        "minhash_cluster_size": 1,
        "tags": [],
        "track": Track.TEXT.value,
        "flags": [],
        "removals": [],
        "rights_signals": [],
        "extractor": cleaning.extractor(),
        "rules_version": cleaning.rules_version(),
    }
    columns = {
        "text": texts,
        "id": _ids(urls, texts),
        "url": urls,
        "date": dates,
        "site": _sites(urls),
    }
    measures = [times, characters, _qualities(characters)]
    return BatchRead(
        rows=pa.RecordBatch.from_arrays(
            [_array(field, columns, constants, len(texts)) for field in UNMEASURED_ROWS], schema=UNMEASURED_ROWS
        ),
        measures=pa.RecordBatch.from_arrays(measures, schema=MEASURES),
        positions=positions,
        failures={},
    )


def _urls(rows: pa.RecordBatch) -> pa.StringArray:
    """Return the URL of each row, null where it has none."""
    if "url" not in rows.schema.names:
        return pa.nulls(rows.num_rows, pa.string())
    urls = rows["url"].cast(pa.string())
    return pc.if_else(pc.equal(urls, ""), pa.scalar(None, pa.string()), urls)


def _ids(urls: pa.StringArray, texts: pa.StringArray) -> list[str]:
    """Return the id of each document: of its URL, or of its text where it has none."""
    contents = texts.to_pylist() if urls.null_count else repeat("")
    return [document_id(url, content) for url, content in zip(urls.to_pylist(), contents, strict=False)]


def _sites(urls: pa.StringArray) -> pa.StringArray:
    """Return the site of each URL; that of URLs with one scheme and host is worked out once."""
    prefixes = pc.struct_field(pc.extract_regex(urls, r"^(?P<prefix>[A-Za-z][A-Za-z0-9+.-]*://[^/?#\\\s]+/)"), "prefix")
    found = pc.dictionary_encode(pc.coalesce(prefixes, urls))
    sites = pa.array([site_of(prefix) for prefix in found.dictionary.to_pylist()], pa.string())
    return pc.fill_null(sites.take(found.indices), "")


def _times(rows: pa.RecordBatch) -> tuple[pa.Array, pa.Array]:
    """Return when each row was fetched, as a timestamp and as ISO 8601, null where no column of dates says."""
    times: list[pa.Array] = []
    dates: list[pa.Array] = []
    for name in DATE_COLUMNS:
        if name in rows.schema.names:
            found = pc.dictionary_encode(rows[name]) if not pa.types.is_null(rows[name].type) else None
            if found is not None:
                known = [row_time({name: value}) for value in found.dictionary.to_pylist()]
                times.append(pa.array(known, MEASURES.field("fetched_at").type).take(found.indices))
                dates.append(pa.array([iso_timestamp(time) for time in known], pa.string()).take(found.indices))
    if not times:
        return pa.nulls(rows.num_rows, MEASURES.field("fetched_at").type), pa.nulls(rows.num_rows, pa.string())
    return pc.coalesce(*times), pc.coalesce(*dates)


def _qualities(characters: pa.Int64Array) -> pa.ListArray:
    """Return the `quality_of_text` of texts of these lengths; that of one length is worked out once."""
    found = pc.dictionary_encode(characters)
    values = [quality_of_text(length) for length in found.dictionary.to_pylist()]
    return pa.array(values, MEASURES.field("quality").type).take(found.indices)


def _array(field: pa.Field, columns: Mapping[str, object], constants: Mapping[str, object], length: int) -> pa.Array:
    """Return the column of a field: as given, of one value throughout, or null."""
    if field.name in columns:
        values = columns[field.name]
        return values if isinstance(values, pa.Array) else pa.array(values, field.type)
    if constants.get(field.name) is None:
        return pa.nulls(length, field.type)
    return pa.repeat(pa.scalar(constants[field.name], field.type), length)


def _merge(first: BatchRead, second: BatchRead) -> BatchRead:
    """Return two parts of a batch as one, in the order of the inputs."""
    positions = np.concatenate([first.positions, second.positions])
    order = pa.array(np.argsort(positions))
    return BatchRead(
        rows=pa.concat_batches([first.rows, second.rows]).take(order),
        measures=pa.concat_batches([first.measures, second.measures]).take(order),
        positions=np.sort(positions),
        failures=second.failures,
    )
