"""An index of documents that lasts from crawl to crawl: `saaf.dedupe.index` with ids, URLs and texts for its rows.

A document is known by its crawl and its id, which is that of its URL or, without one, of its text. Added again with the
same text it is the same document; with another text it replaces the older one. It never matches itself. The same URL of
another crawl is another document: it is compared, matches where its text is similar, and is added beside the older.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from saaf.corpus.index_tables import (
    INDEXED,
    document_writer,
    live_rows,
    live_text_reader,
    read_live_batches,
    read_live_rows,
    read_rows,
    text_reader,
)
from saaf.dedupe.columns import Column
from saaf.dedupe.index import BusyIndexError, change
from saaf.dedupe.index_find import find_in_sketches, live_sketches, matches
from saaf.dedupe.index_merge import plan_merges
from saaf.dedupe.index_sketches import reorder, sketch

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from saaf.corpus.outcomes import DocumentSummary
    from saaf.dedupe.index import Change, Index, Segment
    from saaf.dedupe.index_find import Match
    from saaf.dedupe.index_sketches import Sketches
    from saaf.dedupe.settings import Settings

    Row = dict[str, Any]

MAX_MATCHES = 10
"""Older documents that are named for a new summary."""

_CLUSTERED = ("id", "crawl", "quality")
_NAMES = ("id", "url", "site", "language")
_BATCH_DOCUMENTS = 50_000  # documents whose signatures are made and written at a time: 50 MB of signatures


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedCounts:
    """Documents that an addition found new, replaced because their text changed, or found unchanged."""

    new: int
    replaced: int
    same: int

    def line(self) -> str:
        """Return the counts as a line for a terminal."""
        return f"{self.new} added, {self.replaced} replaced, {self.same} already there"


def find_matches(
    indexes: Sequence[Index],
    summaries: Sequence[DocumentSummary],
    texts: Sequence[str],
    crawl: str,
    *,
    among_themselves: bool = False,
) -> dict[int, list[Row]]:
    """Return rows of `MATCHES`, the most similar first, by position in `summaries`; `texts` are their texts.

    `crawl` names the crawl the new documents come with. A document matches no older capture of itself: none of the same
    crawl and id. Unless `among_themselves`, it matches no older capture of the others either: they are compared with
    each other elsewhere, and a run that is repeated has the same answer. The indexes have the same settings; a document
    that several of them hold is named once.
    """
    ids = set() if among_themselves else {summary.id for summary in summaries}
    own = [{segment.name: _own_rows(segment, ids, crawl)[0] for segment in index.segments} for index in indexes]
    found: dict[int, list[Row]] = {}
    for start in range(0, len(summaries), _BATCH_DOCUMENTS):
        batch = texts[start : start + _BATCH_DOCUMENTS]
        new = sketch(batch, indexes[0].settings)
        for index, ignored in zip(indexes, own, strict=True):
            for match, old in _named_matches(index, new, batch, ignored):
                summary = summaries[start + match.new]
                if (old["crawl"], old["id"]) != (crawl, summary.id):
                    found.setdefault(start + match.new, []).append(_match_row(match, summary, old))
    return {position: _best_matches(rows) for position, rows in sorted(found.items())}


def _named_matches(
    index: Index, new: Sketches, texts: Sequence[str], ignored: Mapping[str, NDArray[np.int64]]
) -> Iterator[tuple[Match, Row]]:
    """Yield the matches of new documents, whose `texts` these are, each with the id, URL and crawl of the older one."""
    found = matches(index, new, _sequence_reader(texts), text_reader, ignored)
    segments = {segment.name: segment for segment in index.segments}
    for name, group in groupby(found, key=lambda match: match.segment):
        here = list(group)
        numbers = sorted({match.old for match in here})
        older = dict(zip(numbers, read_rows(segments[name], numbers, ["id", "url", "crawl"]), strict=True))
        yield from ((match, older[match.old]) for match in here)


def _best_matches(rows: Sequence[Row]) -> list[Row]:
    """Return the `MAX_MATCHES` most similar older documents, each once."""
    best: dict[tuple[str, str], Row] = {}
    for row in sorted(rows, key=_most_similar_first):
        best.setdefault((row["matched_crawl"], row["matched_id"]), row)
    return list(best.values())[:MAX_MATCHES]


def count_indexed(index: Index, summaries: Sequence[DocumentSummary], crawl: str) -> int:
    """Return how many of some documents of a crawl the index holds, with whatever text."""
    ids = {summary.id for summary in summaries}
    return sum(len(_own_rows(segment, ids, crawl)[0]) for segment in index.segments)


def _own_rows(segment: Segment, ids: Collection[str], crawl: str) -> tuple[NDArray[np.int64], list[Row]]:
    """Return the rows of the live documents of a crawl with these ids, int64[k], and the id and text hash of each."""
    if not ids:
        return np.zeros(0, np.int64), []
    wanted = pa.array(sorted(ids), pa.string())
    rows, found = [np.zeros(0, np.int64)], []
    for numbers, batch in read_live_batches(segment, ["id", "crawl", "text_hash"], crawl):
        chosen = pc.and_(pc.is_in(batch["id"], wanted), pc.equal(batch["crawl"], crawl))
        rows.append(numbers[chosen.to_numpy(zero_copy_only=False)])
        found += batch.filter(chosen).select(["id", "text_hash"]).to_pylist()
    return np.concatenate(rows), found


def add_documents(
    change: Change, summaries: Sequence[DocumentSummary], texts: Sequence[str], *, crawl: str, keep_texts: bool = True
) -> AddedCounts:
    """Add documents to the index under `change`; with `keep_texts` False, later similarities are estimates."""
    hashes = [sha256(text.encode("utf-8", "surrogatepass")).hexdigest() for text in texts]
    hash_by_id = {summary.id: hashes[number] for number, summary in enumerate(summaries)}
    same: set[str] = set()
    replaced: set[str] = set()
    for segment in change.index.segments:
        rows, found = _own_rows(segment, hash_by_id, crawl)
        outdated = []
        for row, old in zip(rows.tolist(), found, strict=True):
            if old["text_hash"] == hash_by_id[old["id"]]:
                same.add(old["id"])
            else:
                replaced.add(old["id"])
                outdated.append(row)
        if outdated:
            change.remove(segment, outdated)
    new = [number for number, summary in enumerate(summaries) if summary.id not in same]
    for start in range(0, len(new), _BATCH_DOCUMENTS):
        batch = new[start : start + _BATCH_DOCUMENTS]
        chosen = texts.take(np.array(batch)) if isinstance(texts, Column) else [texts[number] for number in batch]
        sketches = sketch(chosen, change.index.settings)
        indexed = [_indexed_row(summaries[n], texts[n] if keep_texts else None, hashes[n], crawl) for n in batch]
        change.add(sketches, document_writer(indexed))
    return AddedCounts(new=len(new) - len(replaced), replaced=len(replaced), same=len(same))


def remove_documents(change: Change, names: Iterable[str], crawl: str | None = None) -> int:
    """Remove documents by id or URL, of one crawl or of all where None; return how many were removed."""
    wanted = pa.array(list(names), pa.string())
    count = 0
    for segment in change.index.segments:
        rows: list[int] = []
        for numbers, batch in read_live_batches(segment, ["id", "url", "crawl"]):
            matching = pc.or_(pc.is_in(batch["id"], wanted), pc.is_in(batch["url"], wanted))
            if crawl is not None:
                matching = pc.and_(matching, pc.equal(batch["crawl"], crawl))
            rows += numbers[matching.to_numpy(zero_copy_only=False)].tolist()
        if rows:
            change.remove(segment, rows)
        count += len(rows)
    return count


@contextmanager
def change_and_merge(path: Path, settings: Settings | None = None) -> Iterator[Change]:
    """Open a transaction as `saaf.dedupe.index.change` does; once it is committed, merge similar segments.

    The merge is a change of its own: killed or failed in it, the index has what was committed, and the next addition
    merges. It is left to the next addition too where another process changes the index or the disk is full.
    """
    with change(path, settings) as transaction:
        yield transaction
    with suppress(BusyIndexError, OSError), change(path) as transaction:
        for segments in plan_merges(transaction.index.segments):
            _merge(transaction, segments)


def merge_segments(change: Change) -> int:
    """Write all segments as one, without the removed documents, and return how many segments there were.

    A single segment without removed documents stays as it is.
    """
    segments = change.index.segments
    if len(segments) > 1 or any(segment.removed_documents for segment in segments):
        _merge(change, segments)
    return len(segments)


def _merge(change: Change, segments: Sequence[Segment]) -> None:
    rows = (row for segment in segments for row in read_live_rows(segment))
    change.merge(segments, document_writer(rows))


def cluster_rows(index: Index) -> Iterator[Row]:
    """Yield rows of `schema.CLUSTERS` by star linkage, the same in whatever order and batches documents were added.

    The signatures and texts of the documents stay in files; ids, crawls and quality are in memory.
    """
    if not index.documents:
        return
    batches = (batch for segment in index.segments for _, batch in read_live_batches(segment, _CLUSTERED))
    table = pa.Table.from_batches(batches, pa.schema([INDEXED.field(name) for name in _CLUSTERED]))
    order = pc.sort_indices(table, [("crawl", "ascending"), ("id", "ascending")]).to_numpy().astype(np.int64)
    column = table["quality"].take(order)
    parts = (column.slice(start, _BATCH_DOCUMENTS).to_pylist() for start in range(0, len(column), _BATCH_DOCUMENTS))
    quality = [tuple(values) for part in parts for values in part]
    del table, column
    with TemporaryDirectory() as directory:
        found = find_in_sketches(
            reorder(live_sketches(index, Path(directory)), order),
            live_text_reader(index, order.tolist()),
            settings=index.settings,
            quality=quality,
        )
    members = sorted({member for cluster in found.clusters for member in cluster.members})
    names = dict(zip(members, live_rows(index, order[members].tolist(), _NAMES), strict=True))
    for cluster in found.clusters:
        jaccard = {text: pair.jaccard for pair in cluster.pairs for text in (pair.left, pair.right)}
        jaccard[cluster.representative] = 1.0
        others = [member for member in cluster.members if member != cluster.representative]
        for member in (cluster.representative, *others):
            yield {
                "cluster_id": names[cluster.representative]["id"],
                "document_id": names[member]["id"],
                **{name: names[member][name] for name in ("url", "site", "language")},
                "representative": member == cluster.representative,
                "why": cluster.why,
                "jaccard": jaccard[member],
            }


def _sequence_reader(texts: Sequence[str]) -> Callable[[Sequence[int]], list[str | None]]:
    return lambda rows: [texts[row] for row in rows]


def _indexed_row(summary: DocumentSummary, text: str | None, text_hash: str, crawl: str) -> Row:
    return {
        "id": summary.id,
        "crawl": crawl,
        "url": summary.url,
        "site": summary.site,
        "language": summary.language,
        "text_hash": text_hash,
        "quality": list(summary.quality),
        "text": text,
    }


def _match_row(match: Match, summary: DocumentSummary, old: Mapping[str, Any]) -> Row:
    return {
        "document_id": summary.id,
        "url": summary.url,
        "matched_id": old["id"],
        "matched_url": old["url"],
        "matched_crawl": old["crawl"],
        "jaccard": match.jaccard,
        "containment": match.containment,
        "verified": match.verified,
    }


def _most_similar_first(row: Row) -> tuple[bool, float, str, str]:
    return (not row["verified"], -row["jaccard"], row["matched_crawl"], row["matched_id"])
