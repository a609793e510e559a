"""A record: one input of a build, which is a page or the failure to read one; and rows of a table, many at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from saaf.cleaning.types import Page
    from saaf.corpus.ledger import Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOf:
    """The place of a later page of an article: the URL of the article's first page, and the number, from 2."""

    first: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One input: either `page` or `failure` is set.

    `key` names it in the ledger; `file_path` is the file it came from, relative to the input that was named.
    `rights_file` is the response where it is a robots.txt or tdmrep.json of a site, which other records may need.
    `part_of` is set where a crawl found that it is a later page of an article.
    """

    key: str
    file_path: str
    page: Page | None = None
    failure: Failure | None = None
    rights_file: Page | None = None
    part_of: PartOf | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowBatch:
    """Rows of a Parquet file that follow each other: inputs that no process has made pages of yet.

    `first` is the number of the first row in the file, from 1. `rows` has the text's column, a string in every row that
    is within the limit of a body, and the columns "url", "date" and "fetched_at" that the file has.
    """

    file_path: str
    first: int
    rows: pa.RecordBatch

    @property
    def keys(self) -> list[str]:
        """The keys of the rows in the ledger, in order."""
        return [f"{self.file_path}#{number}" for number in range(self.first, self.first + self.rows.num_rows)]
