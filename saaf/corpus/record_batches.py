"""Inputs read without cleaning, many at a time: a batch of them to a worker process, Arrow columns back.

A message for each document costs more than the search for its near-duplicates. What a batch cannot do, because one of
its pages hangs, needs too much memory or crashes the parser, is done page by page: that page fails alone.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from saaf.corpus.batch_reading import BatchTask, read_batch
from saaf.corpus.ledger import Failure
from saaf.corpus.outcomes import DocumentSummary
from saaf.corpus.records import RowBatch
from saaf.corpus.workers import CleanerPool

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Future

    from saaf.cleaning.types import Page
    from saaf.corpus.batch_reading import BatchRead
    from saaf.corpus.records import Record
    from saaf.corpus.settings import BuildSettings

ROWS_PER_BATCH = 1_000
"""The most inputs of a batch: half a second of work with metadata; twice as many gain nothing."""
_BYTES_PER_BATCH = 1 << 22  # of bodies: 40 web pages
_PENDING_PER_WORKER = 3  # batches


@dataclass(frozen=True, slots=True, kw_only=True)
class InputBatch:
    """The inputs of a batch: their keys and the paths of their files, n of each, and the task to read them."""

    keys: Sequence[str]
    file_paths: Sequence[str]
    task: BatchTask

    def url(self, position: int) -> str | None:
        """Return the URL of an input, None where it has none."""
        return self.task.url_at(position)

    def parts(self) -> Iterator[InputBatch]:
        """Yield a batch of each input by itself."""
        for key, path, task in zip(self.keys, self.file_paths, self.task.parts(), strict=True):
            yield InputBatch(keys=[key], file_paths=[path], task=task)


def read_batches(
    inputs: Iterable[tuple[Record, Page] | RowBatch], settings: BuildSettings, *, text_only: bool = False
) -> Iterator[tuple[InputBatch, BatchRead | Failure]]:
    """Yield the inputs in batches, with what became of them; a failure is that of one input.

    The order is that of `inputs`, which are read a few batches per worker ahead and no further. With `text_only`, rows
    have no more than id, URL, date, site and text where a page is plain text.
    """
    with CleanerPool(workers=settings.workers, limits=settings.limits) as pool:
        pending: deque[tuple[InputBatch, Future[BatchRead | Failure]]] = deque()
        for batch in _batches(inputs, settings, text_only=text_only):
            pending.append((batch, pool.call(read_batch, batch.task)))
            if len(pending) >= max(settings.workers, 1) * _PENDING_PER_WORKER:
                yield from _results(pool, *pending.popleft())
        while pending:
            yield from _results(pool, *pending.popleft())


def _results(
    pool: CleanerPool, batch: InputBatch, future: Future[BatchRead | Failure]
) -> Iterator[tuple[InputBatch, BatchRead | Failure]]:
    """Yield what became of a batch: of each input by itself where the batch as a whole failed."""
    result = future.result()
    if not isinstance(result, Failure) or len(batch.task) == 1:
        yield batch, result
        return
    for part in batch.parts():
        yield part, pool.call(read_batch, part.task).result()


def _batches(
    inputs: Iterable[tuple[Record, Page] | RowBatch], settings: BuildSettings, *, text_only: bool
) -> Iterator[InputBatch]:
    """Yield the inputs in batches, in order: rows as they came, pages up to a number and a size."""
    task = BatchTask(dump=settings.dump, body_limit=settings.body_limit, text_only=text_only)
    waiting: list[tuple[Record, Page]] = []
    size = 0
    for item in inputs:
        if isinstance(item, RowBatch):
            if waiting:
                yield _page_batch(waiting, task)
                waiting, size = [], 0
            keys = item.keys
            yield InputBatch(keys=keys, file_paths=[item.file_path] * len(keys), task=replace(task, rows=item))
            continue
        waiting.append(item)
        size += len(item[1].body)
        if len(waiting) == ROWS_PER_BATCH or size >= _BYTES_PER_BATCH:
            yield _page_batch(waiting, task)
            waiting, size = [], 0
    if waiting:
        yield _page_batch(waiting, task)


def _page_batch(records: Sequence[tuple[Record, Page]], task: BatchTask) -> InputBatch:
    return InputBatch(
        keys=[record.key for record, _ in records],
        file_paths=[record.file_path for record, _ in records],
        task=replace(task, pages=tuple((page, record.file_path) for record, page in records)),
    )


def summarise_batch(first: int, batch: InputBatch, read: BatchRead) -> Iterator[DocumentSummary]:
    """Yield the summaries of the documents of a batch; `first` is the row of the first in the `RowStore`."""
    names = ("id", "url", "site", "language", "language_script")
    columns = zip(*(read.rows[name].to_pylist() for name in names), strict=True)
    lengths = zip(read.positions, read.times, read.tokens, read.characters, read.qualities, strict=True)
    for row, (identity, (position, fetched_at, tokens, characters, quality)) in enumerate(
        zip(columns, lengths, strict=True)
    ):
        document_id, url, site, language, script = identity
        yield DocumentSummary(
            number=first + row,
            key=batch.keys[position],
            file_path=batch.file_paths[position],
            id=document_id,
            url=url,
            site=site,
            language=language,
            script=script,
            fetched_at=fetched_at,
            tokens=tokens,
            characters=characters,
            removed=0,
            quality=quality,
        )
