"""The stage that reads: a partition of the inputs to frames, each record decoded, parsed and cleaned once by itself."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from saaf.cleaning.site.profile_json import ProfileError
from saaf.cleaning.text.urls import site_of
from saaf.corpus.batch_reading import BatchPage, BatchTask, read_batch
from saaf.corpus.capture_settings import document_agent, document_dump
from saaf.corpus.joined_pages import article_key
from saaf.corpus.ledger import Failure, State
from saaf.corpus.limits import BODY_LIMIT
from saaf.corpus.page_tasks import clean_page
from saaf.corpus.parquet import write_row_groups
from saaf.corpus.partitions import read_partition
from saaf.corpus.profile_files import find_profile, read_profile
from saaf.corpus.records import Record, RowBatch
from saaf.corpus.stages.batch_columns import columns_of_records, columns_of_rows
from saaf.corpus.stages.frames import FrameWriter, read_frames
from saaf.corpus.stages.ids import Ids, write_ids

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from saaf.cleaning.types import CleanDocument, Page
    from saaf.corpus.batch_reading import BatchRead
    from saaf.corpus.page_tasks import CleanFunction
    from saaf.corpus.records import Partition, PartOf, ReadOptions
    from saaf.corpus.settings import BuildSettings
    from saaf.corpus.stages.batch_columns import BatchColumns
    from saaf.corpus.stages.guard import PageGuard
    from saaf.corpus.stages.tasks import Result, Task

Places = tuple[tuple[str, int], ...]
"""Of each input of a batch the file, and its number within the part of the file."""

ROWS_PER_BATCH = 1_000
"""The most inputs of a batch that is not cleaned: half a second of work with metadata; twice as many gain nothing."""
_BYTES_PER_BATCH = 1 << 22  # of bodies: 40 web pages
FRAMES, INDEX, CAPTURED, READABLE, UNREADABLE = "frames", "index.parquet", "captured", "readable", "unreadable"
"""Files of the stage; the last three have the hashes (`url_hash`) of the URLs that a crawl captured, of those whose
capture is a page that could be read, and of those whose page could not.
"""
_INDEX_SCHEMA = pa.schema(
    [
        ("site", pa.string()),
        ("id", pa.string()),
        ("offset", pa.int64()),
        ("file_path", pa.string()),
        ("number", pa.int64()),
        ("article", pa.string()),  # of a page of a crawl: `article_key` of its URL, or of the first page's
        ("part", pa.int32()),  # null for a first page
    ]
)
_NUMBERS_PER_BATCH = 1 << 12  # more than a batch has inputs: each that is read by itself has a number


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadArguments:
    """The arguments of the stage. With `text_only`, plain texts have neither metadata nor a language."""

    partition: Partition
    options: ReadOptions
    settings: BuildSettings
    text_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordHeader:
    """The header of the frame of a record: its place, and its failure or the id and site of its document.

    `number` is the record's within its part of the file `file_path`, 0 for a file as a whole; `last_number`,
    `captured`, `is_revisit` and `part_of` are as in `Record`. `is_page` says that the failure is that of a page, which
    was read from its file. The body of the frame is the pair of the record, without
    the body of its page, and its clean document; None for a failure.
    """

    file_path: str
    number: int
    failure: Failure | None = None
    is_page: bool = False
    id: str = ""
    site: str = ""
    url: str | None = None
    last_number: int = 0
    captured: bytes | None = None
    is_revisit: bool = False
    part_of: PartOf | None = None
    rights_file: Page | None = None
    ids: Ids | None = None

    @property
    def is_unreadable_page(self) -> bool:
        """Whether it is a page that was there and could not be read."""
        return self.is_page and self.failure is not None and self.failure.state is State.UNREADABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchHeader:
    """The header of the frame of a batch that is not cleaned; its body is a list of pairs of `BatchRead` and
    `BatchColumns`.

    `places` has file and number of each input, `failures` those of inputs, by position.
    """

    places: Places
    failures: dict[int, Failure] = field(default_factory=dict)
    ids: Ids | None = None


def read_task(task: Task, guard: PageGuard) -> Result:
    """Read a partition; go on after the frames that are there already."""
    arguments: ReadArguments = task.arguments
    clean = arguments.settings.clean
    frames = _record_frames(arguments, guard) if clean else _batch_frames(arguments, guard)
    path = task.path(FRAMES)
    with FrameWriter(path) as writer:
        for position, make_frame in enumerate(frames):
            if position >= writer.count:
                writer.append(*make_frame())
    return _write_index(task, arguments.partition)


def _record_frames(arguments: ReadArguments, guard: PageGuard) -> Iterator[Any]:
    """Yield for each record a function that returns its frame."""
    function = _clean_function(arguments.settings)
    records = read_partition(arguments.partition, arguments.options)
    for number, record in enumerate((each for each in records if isinstance(each, Record)), start=1):
        yield partial(_record_frame, record, number, function, guard)


def _clean_function(settings: BuildSettings) -> CleanFunction:
    """Return the function of the first pass: clean, or clean by known templates where there are any."""
    if settings.fast and settings.profiles:
        return partial(
            clean_by_template, settings.profiles, body_limit=settings.body_limit, structure=settings.markdown
        )
    return partial(clean_page, body_limit=settings.body_limit, structure=settings.markdown)


def clean_by_template(
    profiles: Path, page: Page, *, body_limit: int = BODY_LIMIT, structure: bool = False
) -> CleanDocument | Failure:
    """Return a page read and cleaned, by its site's profile in `profiles` alone where that knows the template.

    Where the profile cannot be read, the page is cleaned without it; the second pass says so. `body_limit` is in bytes.
    With `structure` the document has its structure.
    """
    site = site_of(page.url)
    path = find_profile(profiles, site)
    try:
        profile = read_profile(path, site) if path else None
    except ProfileError:
        profile = None
    return clean_page(page, profile=profile, body_limit=body_limit, structure=structure)


def _record_frame(
    record: Record, number: int, function: CleanFunction, guard: PageGuard
) -> tuple[RecordHeader, tuple[Record, CleanDocument] | None]:
    header = RecordHeader(
        file_path=record.file_path,
        number=record.number,
        last_number=record.last_number,
        captured=record.captured,
        is_revisit=record.is_revisit,
        part_of=record.part_of,
        rights_file=record.rights_file,
    )
    page = record.page
    if page is None:
        return replace(header, failure=record.failure), None
    result = guard.call(number, partial(function, page), page.url)
    if isinstance(result, Failure):
        return replace(header, failure=result if result.url else replace(result, url=page.url), is_page=True), None
    lean = replace(record, page=replace(page, body=b""))
    document = result.document
    ids = Ids.of([document.id], [record.row.id if record.row else None])
    return replace(header, id=document.id, site=document.site, url=document.url, ids=ids), (lean, result)


def _batch_frames(arguments: ReadArguments, guard: PageGuard) -> Iterator[Any]:
    """Yield for each batch, and for each record that is no page, a function that returns its frame."""
    for position, item in enumerate(_batches(arguments)):
        number = position * _NUMBERS_PER_BATCH + 1
        if isinstance(item, Record):
            yield partial(_record_frame, item, number, clean_page, guard)
        else:
            yield partial(_batch_frame, *item, number, guard)


def _batches(arguments: ReadArguments) -> Iterator[Record | tuple[Places, BatchTask, BatchColumns]]:
    """Yield the inputs in batches, rows as they come, pages up to a number and a size; and records without a page."""
    settings = arguments.settings
    task = BatchTask(
        dump=settings.dump,
        body_limit=settings.body_limit,
        text_only=arguments.text_only,
    )
    waiting: list[tuple[Record, Page]] = []
    size = 0
    for item in read_partition(arguments.partition, arguments.options):
        if isinstance(item, RowBatch):
            places = tuple((item.file_path, item.first + row) for row in range(item.rows.num_rows))
            # The task that reads the texts needs no other columns.
            yield places, replace(task, rows=replace(item, carried=None)), columns_of_rows(item)
        elif item.page is None:
            yield item
        else:
            waiting.append((item, item.page))
            size += len(item.page.body)
        if len(waiting) == ROWS_PER_BATCH or size >= _BYTES_PER_BATCH:
            yield _page_batch(waiting, task, settings)
            waiting, size = [], 0
    if waiting:
        yield _page_batch(waiting, task, settings)


def _page_batch(
    records: Sequence[tuple[Record, Page]], task: BatchTask, settings: BuildSettings
) -> tuple[Places, BatchTask, BatchColumns]:
    places = tuple((record.file_path, record.number) for record, _ in records)
    pages = tuple(
        BatchPage(
            page=page,
            file_path=record.file_path,
            dump=document_dump(settings, record.crawl),
            agent=document_agent(settings.agent, record.crawl),
        )
        for record, page in records
    )
    return places, replace(task, pages=pages), columns_of_records([record for record, _ in records])


def _batch_frame(
    places: Places, task: BatchTask, columns: BatchColumns, number: int, guard: PageGuard
) -> tuple[BatchHeader, list[tuple[BatchRead, BatchColumns]]]:
    """Read a batch: at once, and where that fails each input by itself."""
    reads: list[tuple[BatchRead, BatchColumns]] = []
    failures: dict[int, Failure] = {}
    result = guard.call(number, partial(read_batch, task), task.url)
    parts = task.parts() if isinstance(result, Failure) and len(task) > 1 else ()
    results = (
        [(0, result)]
        if not parts
        else [
            (place, guard.call(number + 1 + place, partial(read_batch, part), part.url))
            for place, part in enumerate(parts)
        ]
    )
    for first, one in results:
        if isinstance(one, Failure):
            failures[first] = one
            continue
        failures |= {first + place: failure for place, failure in one.failures.items()}
        reads.append((replace(one, positions=one.positions + first, failures={}), columns.take(one.positions + first)))
    named = {place: replace(one, url=one.url or task.url_at(place)) for place, one in failures.items()}
    ids = Ids.sum(Ids.of(read.rows["id"].to_pylist(), _stated_ids(own)) for read, own in reads)
    return BatchHeader(places=places, failures=named, ids=ids), reads


def _stated_ids(columns: BatchColumns) -> Sequence[str | None]:
    """Return the ids that inputs state, () where none does."""
    ids: list[str | None] = columns.stated["id"].to_pylist() if "id" in columns.stated else []
    return ids


def _index_row(header: RecordHeader, offset: int) -> dict[str, object]:
    first = header.part_of.first if header.part_of else header.url
    return {
        "site": header.site,
        "id": header.id,
        "offset": offset,
        "file_path": header.file_path,
        "number": header.number,
        "article": article_key(first) if first and header.captured is not None else None,
        "part": header.part_of.number if header.part_of else None,
    }


def _write_index(task: Task, partition: Partition) -> Result:
    """Write where the documents with a site are, and return what the partition holds.

    "numbers" has the last number of each part of a file that was cut, by file.
    """
    cut = {part.name for part in partition.parts if not part.is_whole}
    numbers = dict.fromkeys(sorted(cut), 0)
    inputs, documents, rights_files = 0, 0, 0
    ids: list[Ids] = []
    columns: dict[str, list[Any]] = {name: [] for name in _INDEX_SCHEMA.names}
    captured, readable, unreadable = [], [], []
    for header, offset in read_frames(task.path(FRAMES)):
        places = header.places if isinstance(header, BatchHeader) else ((header.file_path, header.last_number),)
        for file_path, number in places:
            if file_path in cut:
                numbers[file_path] = max(numbers[file_path], number)
        inputs += len(places)
        if header.ids is not None:
            ids.append(header.ids)
        if isinstance(header, BatchHeader):
            documents += len(header.places) - len(header.failures)
            continue
        documents += header.failure is None
        rights_files += header.rights_file is not None
        if header.captured is not None and not header.is_revisit:
            captured.append(header.captured)
            if header.failure is None:
                readable.append(header.captured)
            elif header.is_unreadable_page:
                unreadable.append(header.captured)
        if header.site:
            for name, value in _index_row(header, offset).items():
                columns[name].append(value)
    write_row_groups(task.path(INDEX), [pa.table(columns, schema=_INDEX_SCHEMA)], _INDEX_SCHEMA)
    if captured:
        task.path(CAPTURED).write_bytes(b"".join(captured))
    task.path(READABLE).write_bytes(b"".join(readable))
    task.path(UNREADABLE).write_bytes(b"".join(unreadable))
    return {
        "numbers": numbers,
        "inputs": inputs,
        "documents": documents,
        "rights_files": rights_files,
        "stated_ids": write_ids(task, ids),
    }
