"""An index of documents that lasts from crawl to crawl: `saaf.dedupe.index` with ids, URLs and texts for its rows.

A document is known by its crawl and its id. Added again with the same text it is the same document; with another text
it replaces the older summary. It never matches itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from saaf.corpus.index_tables import (
    INDEXED_FILE,
    document_writer,
    live_text_reader,
    read_live_rows,
    read_live_table,
    read_rows,
    text_reader,
)
from saaf.dedupe.columns import Column
from saaf.dedupe.index_find import find_in_sketches, live_sketches, matches
from saaf.dedupe.index_sketches import select_texts, sketch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from saaf.corpus.outcomes import DocumentSummary
    from saaf.dedupe.index import Change, Index
    from saaf.dedupe.index_find import Match

    Row = dict[str, Any]

MAX_MATCHES = 10
"""Older documents that are named for a new summary."""

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
    index: Index, summaries: Sequence[DocumentSummary], texts: Sequence[str], crawl: str
) -> dict[int, list[Row]]:
    """Return rows of `MATCHES`, the most similar first, by position in `summaries`; `texts` are their texts.

    `crawl` names the crawl the new documents come with. What the index has of these very documents is no match: they
    are compared with each other elsewhere, and a run that is repeated has the same answer.
    """
    own = {(crawl, summary.id) for summary in summaries}
    found: dict[int, list[Row]] = {}
    for start in range(0, len(summaries), _BATCH_DOCUMENTS):
        batch = texts[start : start + _BATCH_DOCUMENTS]
        new = sketch(batch, index.settings)
        by_segment: dict[str, list[Match]] = {segment.name: [] for segment in index.segments}
        for match in matches(index, new, _sequence_reader(batch), text_reader):
            by_segment[match.segment].append(match)
        for segment in index.segments:
            numbers = sorted({match.old for match in by_segment[segment.name]})
            older = dict(zip(numbers, read_rows(segment, numbers, ["id", "url", "crawl"]), strict=True))
            for match in by_segment[segment.name]:
                summary, old = summaries[start + match.new], older[match.old]
                if (old["crawl"], old["id"]) not in own:
                    found.setdefault(start + match.new, []).append(_match_row(match, summary, old))
    return {position: sorted(rows, key=_most_similar_first)[:MAX_MATCHES] for position, rows in sorted(found.items())}


def add_documents(
    change: Change, summaries: Sequence[DocumentSummary], texts: Sequence[str], *, crawl: str, keep_texts: bool = True
) -> AddedCounts:
    """Add documents to the index under `change`; with `keep_texts` False, later similarities are estimates."""
    hashes = [sha256(text.encode("utf-8", "surrogatepass")).hexdigest() for text in texts]
    hash_by_id = {summary.id: hashes[number] for number, summary in enumerate(summaries)}
    same: set[str] = set()
    replaced: set[str] = set()
    for segment in change.index.segments:
        table = pq.read_table(segment.directory / INDEXED_FILE, columns=["id", "crawl", "text_hash"])
        known = pc.and_(pc.is_in(table["id"], pa.array(list(hash_by_id))), pc.equal(table["crawl"], crawl))
        rows = np.flatnonzero(known.to_numpy(zero_copy_only=False) & segment.live())
        outdated = []
        for row, old in zip(rows.tolist(), table.take(rows).to_pylist(), strict=True):
            (same if old["text_hash"] == hash_by_id[old["id"]] else replaced).add(old["id"])
            if old["id"] in replaced:
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
        table = pq.read_table(segment.directory / INDEXED_FILE, columns=["id", "url", "crawl"])
        matching = pc.or_(pc.is_in(table["id"], wanted), pc.is_in(table["url"], wanted))
        if crawl is not None:
            matching = pc.and_(matching, pc.equal(table["crawl"], crawl))
        rows = np.flatnonzero(matching.to_numpy(zero_copy_only=False) & segment.live()).tolist()
        if rows:
            change.remove(segment, rows)
        count += len(rows)
    return count


def merge_segments(change: Change) -> int:
    """Write all segments as one, without the removed documents, and return how many segments there were.

    A single segment without removed documents stays as it is.
    """
    index = change.index
    if len(index.segments) > 1 or any(segment.removed_documents for segment in index.segments):
        if index.documents:
            rows = (row for segment in index.segments for row in read_live_rows(segment))
            change.add(live_sketches(index), document_writer(rows))
        change.drop(index.segments)
    return len(index.segments)


def cluster_rows(index: Index) -> Iterator[Row]:
    """Yield rows of `schema.CLUSTERS` by star linkage, the same in whatever order and batches documents were added."""
    if not index.documents:
        return
    names = ["id", "crawl", "url", "site", "language", "quality"]
    table = pa.concat_tables([read_live_table(segment, names) for segment in index.segments])
    order = pc.sort_indices(table, [("crawl", "ascending"), ("id", "ascending")]).to_numpy().astype(np.int64)
    table = table.take(order)
    found = find_in_sketches(
        select_texts(live_sketches(index), order),
        live_text_reader(index, order.tolist()),
        settings=index.settings,
        quality=[tuple(values) for values in table["quality"].to_pylist()],
    )
    for cluster in found.clusters:
        jaccard = {text: pair.jaccard for pair in cluster.pairs for text in (pair.left, pair.right)}
        jaccard[cluster.representative] = 1.0
        others = [member for member in cluster.members if member != cluster.representative]
        rows = table.take([cluster.representative, *others]).to_pylist()
        for member, row in zip((cluster.representative, *others), rows, strict=True):
            yield {
                "cluster_id": rows[0]["id"],
                "document_id": row["id"],
                **{name: row[name] for name in ("url", "site", "language")},
                "representative": row is rows[0],
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
