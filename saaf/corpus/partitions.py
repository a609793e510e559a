"""Partitions: the inputs of a build cut into tasks, large files into parts and small files together.

What a partition holds depends on the inputs alone, never on the number of workers: docs/decisions/0029.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from saaf.corpus.byte_blocks import is_plain_text
from saaf.corpus.formats import Format, recognise
from saaf.corpus.input_paths import RemotePath
from saaf.corpus.input_walk import CrawlDirectory, check_inputs, walk_inputs
from saaf.corpus.limits import MEGABYTE
from saaf.corpus.readers import read_errors, read_part
from saaf.corpus.records import InputPart, Partition, ReadOptions, Record, RowBatch
from saaf.corpus.warc_splits import warc_splits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from saaf.corpus.input_paths import InputPath

__all__ = (
    "CrawlDirectory", "InputPart", "InputPlan", "Partition", "ReadOptions",
    "plan_inputs", "plan_partitions", "read_part", "read_partition",
)  # fmt: skip

_TASKS = 64  # that a build has at least, where its input is large enough: for as many workers
_LEAST_BYTES, _MOST_BYTES = MEGABYTE, 64 * MEGABYTE  # of a part: half a minute to half an hour of cleaning
_FILE_BYTES = 1 << 12  # what opening a file costs, as bytes of reading


@dataclass(frozen=True, slots=True, kw_only=True)
class InputPlan:
    """The partitions of the inputs, and the directories of crawls with a listing among them."""

    partitions: tuple[Partition, ...]
    crawls: tuple[CrawlDirectory, ...]


def plan_partitions(paths: Sequence[InputPath | str], options: ReadOptions) -> list[Partition]:
    """Return the partitions of the files and directories in `paths`; see `plan_inputs`."""
    return list(plan_inputs(paths, options).partitions)


def plan_inputs(paths: Sequence[InputPath | str], _options: ReadOptions) -> InputPlan:
    """Return how the files and directories in `paths` are read: the same in whatever order they are named.

    A part has about 1/64 of all bytes, but 1 to 64 MB as stored. WARC files with one gzip member for each record and
    plain ones, Parquet files, and JSON Lines that are not compressed are cut into parts; files that are smaller are put
    together. Raises `InputError` as `read_inputs` does.
    """
    ordered = sorted(check_inputs(paths), key=_order)
    files: list[tuple[InputPart, int]] = []
    crawls: list[CrawlDirectory] = []
    for part in walk_inputs(ordered):
        if isinstance(part, CrawlDirectory):
            crawls.append(part)
        else:
            files.append((part, 0 if part.failure else _size(part.path)))
    target = min(max(sum(size for _, size in files) // _TASKS, _LEAST_BYTES), _MOST_BYTES)
    return InputPlan(partitions=tuple(_partitions(files, target)), crawls=tuple(crawls))


def _order(path: InputPath) -> tuple[str, str]:
    absolute = path if isinstance(path, RemotePath) else path.resolve()
    return absolute.name, str(absolute)


def read_partition(partition: Partition, options: ReadOptions) -> Iterator[Record | RowBatch]:
    """Yield the records of a partition, in order, as `read_part` does those of each part."""
    for part in partition.parts:
        yield from read_part(part, options)


def _size(path: InputPath) -> int:
    try:
        return path.stat().st_size
    except OSError:  # the task that reads it says so
        return 0


def _partitions(files: Sequence[tuple[InputPart, int]], target: int) -> Iterator[Partition]:
    """Yield the partitions: parts of files of more than `target` bytes, other files together up to that."""
    together: list[InputPart] = []
    held = 0
    for file, size in files:
        parts = _cut(file, size, target) if size > target else [file]
        if len(parts) > 1:
            if together:
                yield Partition(parts=tuple(together))
                together, held = [], 0
            yield from (Partition(parts=(part,)) for part in parts)
            continue
        if together and held + size > target:
            yield Partition(parts=tuple(together))
            together, held = [], 0
        together.append(file)
        held += size + _FILE_BYTES
    if together:
        yield Partition(parts=tuple(together))


def _cut(file: InputPart, size: int, target: int) -> list[InputPart]:
    """Return the parts of a file, itself where it cannot be cut or not be read."""
    try:
        cuts = _cuts(file.path, size, target)
    except read_errors():
        cuts = []  # the task that reads it says what is wrong
    ends: list[int | None] = [*cuts, None]
    return [replace(file, start=start, end=end) for start, end in zip([0, *cuts], ends, strict=True)]


def _cuts(path: InputPath, size: int, target: int) -> list[int]:
    found = recognise(path)
    if found is Format.WARC:
        return warc_splits(path, target)
    if found is Format.JSON_LINES:
        count = max(round(size / target), 1) if is_plain_text(path) else 1
        return [size * number // count for number in range(1, count)]
    if found is Format.PARQUET:
        from saaf.corpus.parquet_rows import row_group_cuts  # noqa: PLC0415  # loads pyarrow

        return row_group_cuts(path, target)
    return []
