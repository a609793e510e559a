"""Bounds of what rows of a Parquet file take in memory, by its page headers: how many of them a batch may have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

import pyarrow as pa

from saaf.corpus.parquet_pages import PageSize, page_sizes

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow.parquet as pq

SMALL_DICTIONARY: Final = 1 << 22
"""Bytes of a dictionary that may be held several times; writers make them of 1 MB."""
_CODECS: Final = {"SNAPPY": "snappy", "ZSTD": "zstd", "GZIP": "gzip", "BROTLI": "brotli", "LZ4": "lz4_raw"}
_MOST_STRINGS: Final = 250_000  # of a dictionary that are looked at one by one: 50 ms, and 1 MB has no more


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnPages:
    """The pages of a column chunk: those with rows, and what its dictionary holds, 0 bytes where it has none.

    `longest` is a bound of the longest string of the dictionary in bytes: its own size where that is not known.
    """

    data: tuple[PageSize, ...]
    dictionary: int
    longest: int

    @property
    def largest(self) -> int:
        """The bytes of the largest page."""
        return max((self.dictionary, *(page.unpacked for page in self.data)))

    @property
    def has_spelled_rows(self) -> bool:
        """Whether some strings are not in a dictionary: a writer gives one up that becomes too large."""
        return any(page.is_spelled for page in self.data)


def pages_of(group: pq.RowGroupMetaData, names: Sequence[str], stream: BinaryIO) -> dict[str, list[ColumnPages]]:
    """Return the pages of each column, by its name, those within a nested one too.

    Raises `PageHeaderError` where a header cannot be read.
    """
    found: dict[str, list[ColumnPages]] = {name: [] for name in names}
    for index in range(group.num_columns):
        chunk = group.column(index)
        path = chunk.path_in_schema
        name = path if path in found else path.partition(".")[0]
        if name in found:
            found[name].append(_pages(chunk, stream))
    return found


def _pages(chunk: pq.ColumnChunkMetaData, stream: BinaryIO) -> ColumnPages:
    start = chunk.data_page_offset
    if chunk.has_dictionary_page and 0 < chunk.dictionary_page_offset < start:
        start = chunk.dictionary_page_offset
    pages = list(page_sizes(stream, start, chunk.total_compressed_size))
    dictionaries = [page for page in pages if not page.values]
    size = sum(page.unpacked for page in dictionaries)
    longest = size
    if len(dictionaries) == 1 and chunk.physical_type == "BYTE_ARRAY":
        longest = _longest_string(dictionaries[0], chunk.compression, stream)
    return ColumnPages(data=tuple(page for page in pages if page.values), dictionary=size, longest=longest)


def _longest_string(page: PageSize, compression: str, stream: BinaryIO) -> int:
    """Return a bound of the longest string of a dictionary, with its length of four bytes."""
    if max(page.unpacked, page.packed) > SMALL_DICTIONARY:
        return page.unpacked
    stream.seek(page.start)
    content = stream.read(page.packed)
    if compression in _CODECS:
        try:
            content = pa.decompress(content, page.unpacked, _CODECS[compression], asbytes=True)
        except (pa.ArrowException, OSError):  # damage, which is said where the rows are read
            return page.unpacked
    elif compression != "UNCOMPRESSED":
        return page.unpacked
    longest = place = 0
    for _ in range(_MOST_STRINGS):
        if place + 4 > len(content):
            break
        size = 4 + int.from_bytes(content[place : place + 4], "little")
        longest, place = max(longest, size), place + size
    return longest if place == len(content) == page.unpacked else page.unpacked


def batch_rows(columns: Sequence[ColumnPages], dictionaries: Sequence[ColumnPages], limit: int, most: int) -> int:
    """Return the number of rows of a batch: the most, halved from `most`, of which no batch can have more than `limit`
    bytes; 1 where each may. Each has the `dictionaries` once.
    """
    size = most
    while size > 1 and limit < sum(
        (*(_largest_window(pages, size) + pages.longest * size for pages in columns),
         *(_largest_window(pages, size) + pages.dictionary for pages in dictionaries))
    ):  # fmt: skip
        size //= 2
    return size


def _largest_window(pages: ColumnPages, rows: int) -> int:
    """Return the most bytes of the data pages in which so many rows in a row can lie."""
    largest = start = held = within = 0
    for end, page in enumerate(pages.data):
        held += page.unpacked
        within += page.values
        # Rows that begin with the last of page `start` and end with the first of page `end` are the fewest in both.
        while start < end and within - pages.data[start].values - page.values + 2 > rows:
            held -= pages.data[start].unpacked
            within -= pages.data[start].values
            start += 1
        largest = max(largest, held)
    return largest
