"""The index of documents that lasts from crawl to crawl: what `saaf.dedupe.index` knows by number has names here.

A document is known by its crawl and its id. Added again with the same text it is the same document; with another text
it takes the place of the one before. It never matches itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from saaf.corpus.index_tables import NAMES, live_rows, live_table, live_texts, rows_of, texts_of, writer
from saaf.dedupe.index_find import find_in_sketches, live_sketches, matches
from saaf.dedupe.index_sketches import select_texts, sketch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from saaf.corpus.outcomes import DocumentSummary
    from saaf.dedupe.index import Change, Index
    from saaf.dedupe.index_find import Match

    Row = dict[str, Any]

MOST_MATCHES = 10
"""Older documents that are named for a new one."""

_AT_ONCE = 50_000  # documents sketched and written at a time: 50 MB of signatures


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What an addition came to: documents that are new, that took the place of an older text, that were there."""

    new: int
    replaced: int
    same: int

    def line(self) -> str:
        """Return the counts as a line for a terminal."""
        return f"{self.new} added, {self.replaced} replaced, {self.same} already there"


def find_matches(
    index: Index, drafts: Sequence[DocumentSummary], texts: Sequence[str], crawl: str
) -> dict[int, list[Row]]:
    """Return rows of `MATCHES`, the most similar first, by place in `drafts`; `texts` are those of the drafts.

    `crawl` names the crawl the new documents come with. What the index has of these very documents is no match: they
    are compared with each other elsewhere, and a run that is repeated has the same answer.
    """
    ours = {(crawl, one.id) for one in drafts}
    found: dict[int, list[Row]] = {}
    for start in range(0, len(drafts), _AT_ONCE):
        part = texts[start : start + _AT_ONCE]
        new = sketch(part, index.settings)
        by_segment: dict[str, list[Match]] = {segment.name: [] for segment in index.segments}
        for match in matches(index, new, _reader(part), texts_of):
            by_segment[match.segment].append(match)
        for segment in index.segments:
            rows = sorted({match.old for match in by_segment[segment.name]})
            known = dict(zip(rows, rows_of(segment, rows, ["id", "url", "crawl"]), strict=True))
            for match in by_segment[segment.name]:
                one, old = drafts[start + match.new], known[match.old]
                if (old["crawl"], old["id"]) not in ours:
                    found.setdefault(start + match.new, []).append(_row(match, one, old))
    return {number: sorted(rows, key=_likest)[:MOST_MATCHES] for number, rows in sorted(found.items())}


def add(
    change: Change, drafts: Sequence[DocumentSummary], texts: Sequence[str], *, crawl: str, keep_texts: bool = True
) -> Added:
    """Add documents to the index under `change`; one that keeps no texts estimates where it could verify."""
    hashes = [sha256(text.encode("utf-8", "surrogatepass")).hexdigest() for text in texts]
    given = {one.id: hashes[number] for number, one in enumerate(drafts)}
    same: set[str] = set()
    replaced: set[str] = set()
    for segment in change.index.segments:
        table = pq.read_table(segment.directory / NAMES, columns=["id", "crawl", "text_hash"])
        known = pc.and_(pc.is_in(table["id"], pa.array(list(given))), pc.equal(table["crawl"], crawl))
        rows = np.flatnonzero(known.to_numpy(zero_copy_only=False) & segment.live())
        stale = []
        for row, old in zip(rows.tolist(), table.take(rows).to_pylist(), strict=True):
            (same if old["text_hash"] == given[old["id"]] else replaced).add(old["id"])
            if old["id"] in replaced:
                stale.append(row)
        if stale:
            change.remove(segment, stale)
    new = [number for number, one in enumerate(drafts) if one.id not in same]
    for start in range(0, len(new), _AT_ONCE):
        part = new[start : start + _AT_ONCE]
        sketches = sketch([texts[number] for number in part], change.index.settings)
        rows_of_part = [_indexed(drafts[n], texts[n] if keep_texts else None, hashes[n], crawl) for n in part]
        change.add(sketches, writer(rows_of_part))
    return Added(new=len(new) - len(replaced), replaced=len(replaced), same=len(same))


def remove(change: Change, names: Iterable[str], crawl: str | None = None) -> int:
    """Remove documents by id or URL, of one crawl or of all where None; return how many there were."""
    wanted = pa.array(list(names), pa.string())
    count = 0
    for segment in change.index.segments:
        table = pq.read_table(segment.directory / NAMES, columns=["id", "url", "crawl"])
        asked = pc.or_(pc.is_in(table["id"], wanted), pc.is_in(table["url"], wanted))
        if crawl is not None:
            asked = pc.and_(asked, pc.equal(table["crawl"], crawl))
        rows = np.flatnonzero(asked.to_numpy(zero_copy_only=False) & segment.live()).tolist()
        if rows:
            change.remove(segment, rows)
        count += len(rows)
    return count


def merge(change: Change) -> int:
    """Write all segments as one, without what was removed; return how many there were. A whole one stays as it is."""
    index = change.index
    if len(index.segments) > 1 or any(segment.removed_documents for segment in index.segments):
        if index.documents:
            change.add(live_sketches(index), writer(row for segment in index.segments for row in live_rows(segment)))
        change.drop(index.segments)
    return len(index.segments)


def clusters(index: Index) -> Iterator[Row]:
    """Yield rows of `schema.CLUSTERS`, in stars: the same whatever order and batches the documents came in."""
    if not index.documents:
        return
    names = ["id", "crawl", "url", "site", "language", "quality"]
    table = pa.concat_tables([live_table(segment, names) for segment in index.segments])
    order = pc.sort_indices(table, [("crawl", "ascending"), ("id", "ascending")]).to_numpy().astype(np.int64)
    table = table.take(order)
    found = find_in_sketches(
        select_texts(live_sketches(index), order),
        live_texts(index, order.tolist()),
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


def _reader(texts: Sequence[str]) -> Callable[[Sequence[int]], list[str | None]]:
    return lambda rows: [texts[row] for row in rows]


def _indexed(one: DocumentSummary, text: str | None, text_hash: str, crawl: str) -> Row:
    return {
        "id": one.id,
        "crawl": crawl,
        "url": one.url,
        "site": one.site,
        "language": one.language,
        "text_hash": text_hash,
        "quality": list(one.quality),
        "text": text,
    }


def _row(match: Match, one: DocumentSummary, old: Mapping[str, Any]) -> Row:
    return {
        "document_id": one.id,
        "url": one.url,
        "matched_id": old["id"],
        "matched_url": old["url"],
        "matched_crawl": old["crawl"],
        "jaccard": match.jaccard,
        "containment": match.containment,
        "verified": match.verified,
    }


def _likest(row: Row) -> tuple[bool, float, str, str]:
    return (not row["verified"], -row["jaccard"], row["matched_crawl"], row["matched_id"])
