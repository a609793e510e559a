"""The stage that finds the pages of articles of several pages, and the joins that rows of a partition are made by.

A crawl marks the later pages of an article. Which of them are joined is known once all are cleaned, so each partition
that has a page of an article cleans all of them and joins them: it writes its own pages alone.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from saaf.corpus.crawl_listing import CrawlListing
from saaf.corpus.joined_pages import article_key, join_site
from saaf.corpus.parquet import write_row_groups
from saaf.corpus.stages.frames import read_body
from saaf.corpus.stages.read import FRAMES, INDEX

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from saaf.cleaning.types import CleanDocument
    from saaf.corpus.joined_pages import JoinedPart
    from saaf.corpus.records import Record
    from saaf.corpus.stages.guard import PageGuard
    from saaf.corpus.stages.tasks import Result, Task, TaskFiles

JOINS = "joins.parquet"
_SCHEMA = pa.schema(
    [
        ("article", pa.string()),
        ("partition", pa.int32()),
        ("offset", pa.int64()),
        ("key", pa.string()),
        ("known", pa.list_(pa.int32())),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinArguments:
    """The arguments of the stage: the read tasks with the bases of their numbers, the crawls, and where indexes are."""

    reads: tuple[TaskFiles, ...]
    bases: tuple[Mapping[str, int], ...]
    crawls: tuple[Path, ...]
    work: Path


def join_task(task: Task, _guard: PageGuard) -> Result:
    """Write the place of each page of an article of several pages; `known` are the numbers that a crawl knew of."""
    arguments: JoinArguments = task.arguments
    known: dict[str, set[int]] = defaultdict(set)
    for crawl in arguments.crawls:
        with CrawlListing(crawl, arguments.work) as listing:
            for part in listing.parts():
                known[article_key(part.first)].add(part.number)
    tables = []
    for number, (read, bases) in enumerate(zip(arguments.reads, arguments.bases, strict=True) if known else ()):
        index = pq.read_table(read.path(INDEX), columns=["article", "offset", "file_path", "number"])
        rows = index.filter(pc.is_in(index["article"], pa.array(sorted(known), pa.string()))).to_pylist()
        tables.append(pa.Table.from_pylist([_place(row, number, bases, known) for row in rows], schema=_SCHEMA))
    places = pa.concat_tables(tables or [_SCHEMA.empty_table()])
    order = [(name, "ascending") for name in ("article", "partition", "offset")]
    write_row_groups(task.path(JOINS), [places.sort_by(order)], _SCHEMA)
    return {"pages": places.num_rows}


def _place(
    row: dict[str, Any], partition: int, bases: Mapping[str, int], known: Mapping[str, set[int]]
) -> dict[str, Any]:
    number = bases.get(row["file_path"], 0) + row["number"]
    return {
        "article": row["article"],
        "partition": partition,
        "offset": row["offset"],
        "key": f"{row['file_path']}#{number}" if row["number"] else row["file_path"],
        "known": sorted(known[row["article"]]),
    }


@dataclass(slots=True, kw_only=True)
class PartitionJoins:
    """The articles of several pages that a partition has pages of.

    `articles` has the places of all pages of an article, by article, `own` the article of each page of the partition,
    by its offset. `load` returns the record and the document of a page, cleaned with its site's profile.
    """

    partition: int
    articles: Mapping[str, list[dict[str, Any]]]
    own: Mapping[int, str]
    load: Callable[[int, int], tuple[Record, CleanDocument]]
    _done: dict[str, dict[tuple[int, int], CleanDocument | JoinedPart]] = field(default_factory=dict)

    def result(self, offset: int) -> CleanDocument | JoinedPart | None:
        """Return what becomes of a page of the partition: its document, or its place where it became a part of another;
        None for a page of no article of several pages.
        """
        article = self.own.get(offset)
        if article is None:
            return None
        if article not in self._done:
            self._done[article] = self._join(article)
        return self._done[article][(self.partition, offset)]

    def _join(self, article: str) -> dict[tuple[int, int], CleanDocument | JoinedPart]:
        places = self.articles[article]
        members = []
        for number, place in enumerate(places):
            record, clean = self.load(place["partition"], place["offset"])
            # Named by its place, because two parts of a file that was cut number their records alike.
            members.append((replace(record, file_path=place["key"], number=0, article=number + 1), clean))
        documents, parts = join_site(members, {article: set(places[0]["known"])})
        found: dict[str, CleanDocument | JoinedPart] = {record.key: clean for record, clean in documents}
        found |= {part.record.key: part for part in parts}
        return {
            (place["partition"], place["offset"]): found[record.key]
            for place, (record, _) in zip(places, members, strict=True)
        }


def load_joins(
    task: TaskFiles,
    reads: tuple[TaskFiles, ...],
    partition: int,
    clean_again: Callable[[int, int, CleanDocument], CleanDocument],
) -> PartitionJoins:
    """Return the articles that a partition has pages of; `clean_again` takes partition, offset and document."""
    places = pq.read_table(task.path(JOINS)).to_pylist()
    own = {place["offset"]: place["article"] for place in places if place["partition"] == partition}
    wanted = set(own.values())
    articles: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for place in places:
        if place["article"] in wanted:
            articles[place["article"]].append(place)

    def load(number: int, offset: int) -> tuple[Record, CleanDocument]:
        with reads[number].path(FRAMES).open("rb") as stream:
            record, clean = read_body(stream, offset)
        return record, clean_again(number, offset, clean)

    return PartitionJoins(partition=partition, articles=articles, own=own, load=load)
