"""Near-duplicates among the documents that are left: which are set aside, and the rows that say so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from saaf import dedupe
from saaf.corpus.ledger import State
from saaf.corpus.outcomes import DocumentSummary, Outcome
from saaf.corpus.selection import why_kept
from saaf.corpus.spool import Spool, Texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from saaf.corpus.settings import Progress

Row = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A verdict (kept or duplicate) for each document, by number; cluster sizes by id of the kept one; table rows."""

    verdicts: dict[int, Outcome]
    sizes: dict[str, int]
    clusters: list[Row]
    pairs: list[Row]


def find_near_duplicates(
    drafts: Sequence[DocumentSummary],
    spool: Spool,
    settings: dedupe.Settings,
    tell: Progress,
    *,
    linkage: dedupe.Linkage = dedupe.Linkage.STAR,
) -> Found:
    """Return what becomes of documents that are good enough to keep: one of each cluster is kept."""
    drafts = sorted(drafts, key=lambda one: one.order)
    tell("comparing documents", 0, len(drafts))
    texts = Texts(spool, [one.number for one in drafts])
    quality = [one.quality for one in drafts]
    duplicates = dedupe.find_duplicates(texts, quality=quality, settings=settings, linkage=linkage)
    tell("comparing documents", len(drafts), len(drafts))
    found = Found(
        verdicts={one.number: Outcome(state=State.KEPT) for one in drafts},
        sizes={},
        clusters=[],
        pairs=[_pair(pair, drafts) for pair in duplicates.pairs],
    )
    for cluster in sorted(duplicates.clusters, key=lambda cluster: drafts[cluster.representative].order):
        _add_cluster(found, cluster, drafts, _similarities(cluster, texts, settings))
    return found


def _similarities(cluster: dedupe.Cluster, texts: Sequence[str], settings: dedupe.Settings) -> dict[int, float]:
    """Return the similarity of each member to the representative; a chain's far members are compared with it here."""
    kept = cluster.representative
    known = {pair.left + pair.right - kept: pair.jaccard for pair in cluster.pairs if kept in (pair.left, pair.right)}
    known[kept] = 1.0
    for member in cluster.members:
        if member not in known:
            known[member] = dedupe.jaccard(texts[kept], texts[member], settings=settings)
    return known


def _pair(pair: dedupe.Pair, drafts: Sequence[DocumentSummary]) -> Row:
    return {
        "left_id": drafts[pair.left].id,
        "right_id": drafts[pair.right].id,
        "jaccard": pair.jaccard,
        "containment": pair.containment,
    }


def _add_cluster(
    found: Found, cluster: dedupe.Cluster, drafts: Sequence[DocumentSummary], jaccard: Mapping[int, float]
) -> None:
    kept = drafts[cluster.representative]
    others = [index for index in cluster.members if index != cluster.representative]
    why = why_kept(kept, [drafts[index] for index in others])
    if cluster.chain_length > 1:
        lowest = cluster.least_similar.jaccard
        why += f"; joined by chains of up to {cluster.chain_length} links, the least similar at {lowest:.2f}"
    found.sizes[kept.id] = len(cluster.members)
    for index in (cluster.representative, *others):
        member = drafts[index]
        found.clusters.append(
            {
                "cluster_id": kept.id,
                "document_id": member.id,
                "url": member.url,
                "site": member.site,
                "language": member.language,
                "representative": member is kept,
                "why": why,
                "jaccard": jaccard[index],
            }
        )
        if member is not kept:
            reason = f"near-duplicate (Jaccard {jaccard[index]:.2f}) of {kept.url or kept.key}, kept for: {why}"
            found.verdicts[member.number] = Outcome(state=State.DUPLICATE, reason=reason, duplicate_of=kept.id)
