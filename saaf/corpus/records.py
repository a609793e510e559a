"""A record: one input of a build, which is a page or the failure to read one; and rows of a table, many at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from saaf.corpus.limits import BODY_LIMIT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pyarrow as pa

    from saaf.cleaning.types import Page
    from saaf.corpus.input_paths import InputPath
    from saaf.corpus.ledger import Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """The options of readers.

    `text_column`, `html_column`, `url_column` and `id_column` are names of columns in tables; None is what
    `saaf.corpus.columns` knows by its name. With `carry_columns`, the other columns are carried through;
    `corpus_columns` are the names that they must not have. `body_limit` is the most bytes of a body, unpacked.
    `rows_per_batch` is the most rows of a Parquet or Arrow file that are handed on as a `RowBatch`, 0 to make a page of
    each. `work` is a directory for indexes of crawl listings, which are made there once; None makes them in a temporary
    one each time.
    """

    text_column: str | None = None
    html_column: str | None = None
    url_column: str | None = None
    id_column: str | None = None
    carry_columns: bool = True
    corpus_columns: frozenset[str] = frozenset()
    body_limit: int = BODY_LIMIT
    rows_per_batch: int = 0
    work: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InputPart:
    """One file of an input, or a part of one.

    `name` is the file's name in the ledger. The part is half-open, `[start, end)`: bytes of WARC and JSON Lines, row
    groups of Parquet; `end` is None at the end of the file. `listing` is the directory of the crawl whose listing says
    what the records are, None where there is none. `failure` is set where the file cannot be read at all, and then it
    is never opened.
    """

    name: str
    path: InputPath
    start: int = 0
    end: int | None = None
    listing: Path | None = None
    failure: Failure | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the part is the whole file."""
        return self.start == 0 and self.end is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """The input of one task: a part of a large file, or several small files."""

    parts: tuple[InputPart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowColumns:
    """What a row of a table holds beside its text, URL and date.

    `id`, `dump`, `language`, `script` and `score`, in [0, 1], are as the row states them, None where it does not.
    `carried` are the other columns, by their names in the corpus; `schema` has their types where the table
    has types, None elsewhere.
    """

    id: str | None = None
    dump: str | None = None
    language: str | None = None
    script: str | None = None
    score: float | None = None
    carried: Mapping[str, object] = field(default_factory=dict)
    schema: pa.Schema | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a table: its page, or why it has none, and its other columns."""

    page: Page | Failure
    columns: RowColumns


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOf:
    """The place of a later page of an article: the URL of the article's first page, and the number, from 2."""

    first: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCrawl:
    """What a WARC records of the crawl that wrote it: the spider's name, None where it has none that can be used, and
    the product tokens (RFC 9309) by which the crawl may be addressed, with spaces between, "" where they are not known.
    """

    name: str | None = None
    agent: str = ""


NO_CRAWL: Final = RecordedCrawl()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One input: either `page` or `failure` is set.

    `file_path` is the ledger's name of the file it came from. `number` counts the records of its part from 1; 0 is the
    file as a whole. `article` numbers, from 1, the articles that were split off a page; 0 is the page's own.
    `rights_file` is the response where it is a robots.txt or tdmrep.json of a site, which other records may need.
    `row` has what else a row of a table holds, None where the record is of none. `captured` is the hash (`url_hash`) of
    the URL of a response in a crawl that has a listing, None elsewhere. `is_revisit` marks the failure of a record that
    only confirms an earlier one: it is no input where the crawl captured its URL. `part_of` is set where a crawl found
    that it is a later page of an article. `crawl` is what the WARC says of the crawl that it is of.
    """

    file_path: str
    number: int = 0
    article: int = 0
    page: Page | None = None
    failure: Failure | None = None
    rights_file: Page | None = None
    row: RowColumns | None = field(default=None, repr=False)
    captured: bytes | None = None
    is_revisit: bool = False
    part_of: PartOf | None = None
    crawl: RecordedCrawl = NO_CRAWL

    @property
    def columns(self) -> Mapping[str, object]:
        """The columns of a row that are carried through, by their names in the corpus; none for a page."""
        return self.row.carried if self.row else {}

    @property
    def key(self) -> str:
        """The record's name in the ledger, where its part is the whole file."""
        key = f"{self.file_path}#{self.number}" if self.number else self.file_path
        return f"{key}+{self.article}" if self.article else key

    @property
    def last_number(self) -> int:
        """The number of the last input that the record stands for: a failure may be of many rows."""
        return self.number + (self.failure.rows - 1 if self.failure and self.number else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowBatch:
    """Rows of a Parquet or Arrow file that follow each other: inputs that no process has made pages of yet.

    `first` is the number of the first row in its part, from 1. `rows` has under the names of a corpus what the file
    has under its own: "text" or "html", a string in every row that is within the limit of a body; and, where the file
    has them, "url", "fetched_at", "date", "id", "dump", "language", "language_script" and "language_score". `carried`
    has its other columns by their names in the corpus, as many rows, None where there are none.
    """

    file_path: str
    first: int
    rows: pa.RecordBatch
    carried: pa.RecordBatch | None = None

    @property
    def text_column(self) -> str:
        """The name of the text's column: "text" or "html"."""
        return "html" if "html" in self.rows.schema.names else "text"

    @property
    def keys(self) -> list[str]:
        """The keys of the rows in the ledger, in order, where their part is the whole file."""
        return [f"{self.file_path}#{number}" for number in range(self.first, self.first + self.rows.num_rows)]

    @property
    def last_number(self) -> int:
        """The number of the last row in its part."""
        return self.first + int(self.rows.num_rows) - 1


Item = tuple[int, "Page | Failure | Row | RowBatch"]
"""What a reader yields: the number of a record in its part, from 1, and what it is. 0 is the file as a whole; a batch
of rows has the number of its last."""
