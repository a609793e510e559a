"""Inputs read without cleaning, many at a time: a batch of records to a worker process, Arrow columns back.

A message for each document costs more than the search for its near-duplicates. What a batch cannot do, because one of
its pages hangs, needs too much memory or crashes the parser, is done page by page: that page fails alone.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from saaf.corpus.ledger import Failure
from saaf.corpus.outcomes import DocumentSummary
from saaf.corpus.page_tasks import attempt, read_page
from saaf.corpus.process_limits import OUT_OF_MEMORY
from saaf.corpus.rights import document_rights
from saaf.corpus.row_store import record_batch
from saaf.corpus.schema import to_row
from saaf.corpus.selection import quality
from saaf.corpus.workers import CleanerPool
from saaf.dedupe.tokenizer import token_hashes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Future

    import pyarrow as pa

    from saaf.cleaning.types import CleanDocument, Page
    from saaf.corpus.records import Record
    from saaf.corpus.settings import BuildSettings

_RECORDS_PER_BATCH = 1_000  # half a second of work; twice as many gain nothing
_BYTES_PER_BATCH = 1 << 22  # of bodies: 40 web pages
_PENDING_PER_WORKER = 3  # batches


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchTask:
    """Pages to read, each with the path of its file, and what their rows and limits are told.

    `text_only` is as in `saaf.cleaning.read`.
    """

    pages: tuple[tuple[Page, str], ...]
    dump: str
    body_limit: int
    text_only: bool

    @property
    def url(self) -> str | None:
        """URL for the ledger: the page's, where it is one page."""
        return self.pages[0][0].url if len(self.pages) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRead:
    """What became of the records of a batch.

    `rows` are those of the n documents, in order, for the `RowStore`. `positions` are the places of their records in
    the batch, `tokens` and `characters` the lengths of their texts, `qualities` as `selection.quality` has them: n of
    each. `failures` are those of the other records, by place.
    """

    rows: pa.RecordBatch
    positions: list[int]
    tokens: list[int]
    characters: list[int]
    qualities: list[tuple[float, ...]]
    failures: dict[int, Failure]


def read_batches(
    records: Iterable[tuple[Record, Page]], settings: BuildSettings, *, text_only: bool = False
) -> Iterator[tuple[Sequence[Record], BatchRead | Failure]]:
    """Yield the records in batches, with what became of their pages; a failure is that of one record.

    The order is that of `records`, which is read a few batches per worker ahead and no further. With `text_only`, rows
    have no more than id, URL, site and text where a page is plain text.
    """
    with CleanerPool(workers=settings.workers, limits=settings.limits) as pool:
        pending: deque[tuple[list[Record], BatchTask, Future[BatchRead | Failure]]] = deque()
        for batch in _batches(records):
            pages = tuple((page, record.file_path) for record, page in batch)
            task = BatchTask(pages=pages, dump=settings.dump, body_limit=settings.body_limit, text_only=text_only)
            pending.append(([record for record, _ in batch], task, pool.call(read_batch, task)))
            if len(pending) >= max(settings.workers, 1) * _PENDING_PER_WORKER:
                yield from _results(pool, *pending.popleft())
        while pending:
            yield from _results(pool, *pending.popleft())


def _results(
    pool: CleanerPool, records: Sequence[Record], task: BatchTask, future: Future[BatchRead | Failure]
) -> Iterator[tuple[Sequence[Record], BatchRead | Failure]]:
    """Yield what became of a batch: of each record by itself where the batch as a whole failed."""
    result = future.result()
    if not isinstance(result, Failure) or len(records) == 1:
        yield records, result
        return
    for record, page in zip(records, task.pages, strict=True):
        yield [record], pool.call(read_batch, replace(task, pages=(page,))).result()


def _batches(records: Iterable[tuple[Record, Page]]) -> Iterator[list[tuple[Record, Page]]]:
    batch: list[tuple[Record, Page]] = []
    size = 0
    for record, page in records:
        batch.append((record, page))
        size += len(page.body)
        if len(batch) == _RECORDS_PER_BATCH or size >= _BYTES_PER_BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def read_batch(task: BatchTask) -> BatchRead | Failure:
    """Return the documents of a batch, or the failure of the batch as a whole, after which each goes by itself."""
    return attempt(lambda: _read(task), task.url)


def _read(task: BatchTask) -> BatchRead | Failure:
    documents: list[tuple[int, CleanDocument]] = []
    failures: dict[int, Failure] = {}
    for position, (page, _) in enumerate(task.pages):
        result = read_page(page, body_limit=task.body_limit, text_only=task.text_only)
        if not isinstance(result, Failure):
            documents.append((position, result))
        elif result.reason == OUT_OF_MEMORY:  # by itself it may have more than what the others of its batch have left
            return result
        else:
            failures[position] = result
    texts = [document.document.text for _, document in documents]
    return BatchRead(
        rows=record_batch([_row(document, *task.pages[position], task.dump) for position, document in documents]),
        positions=[position for position, _ in documents],
        tokens=np.diff(token_hashes(texts).offsets).tolist(),
        characters=list(map(len, texts)),
        qualities=[quality(document) for _, document in documents],
        failures=failures,
    )


def summarise_batch(first: int, records: Sequence[Record], read: BatchRead) -> Iterator[DocumentSummary]:
    """Yield the summaries of the documents of a batch; `first` is the row of the first in the `RowStore`."""
    names = ("id", "url", "site", "language", "language_script")
    columns = zip(*(read.rows[name].to_pylist() for name in names), strict=True)
    lengths = zip(read.positions, read.tokens, read.characters, read.qualities, strict=True)
    for row, (identity, (position, tokens, characters, own_quality)) in enumerate(zip(columns, lengths, strict=True)):
        document_id, url, site, language, script = identity
        record = records[position]
        yield DocumentSummary(
            number=first + row,
            key=record.key,
            file_path=record.file_path,
            id=document_id,
            url=url,
            site=site,
            language=language,
            script=script,
            fetched_at=record.page.fetched_at if record.page else None,
            tokens=tokens,
            characters=characters,
            removed=0,
            quality=own_quality,
        )


def _row(document: CleanDocument, page: Page, file_path: str, dump: str) -> dict[str, object]:
    rights = document_rights(document.document, page)
    row = to_row(document, dump=dump, file_path=file_path, date=page.fetched_at, rights=rights)
    return {**row, "original": None}
