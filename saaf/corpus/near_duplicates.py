"""Near-duplicates among the documents that passed selection: their outcomes, and the rows of clusters and pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from saaf import dedupe
from saaf.corpus.ledger import State
from saaf.corpus.outcomes import DocumentSummary, Outcome
from saaf.corpus.selection import why_kept

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from saaf.corpus.row_store import RowStore
    from saaf.corpus.settings import Progress

Row = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class NearDuplicates:
    """The result of the search for near-duplicates.

    `outcomes` has one for each document, by number: kept or duplicate. `cluster_sizes` are by the id of the kept
    document, two or more. `clusters` and `pairs` are rows of the tables of these names.
    """

    outcomes: dict[int, Outcome]
    cluster_sizes: dict[str, int]
    clusters: list[Row]
    pairs: list[Row]


def find_near_duplicates(
    summaries: Sequence[DocumentSummary],
    rows: RowStore,
    settings: dedupe.Settings,
    report_progress: Progress,
    *,
    linkage: dedupe.Linkage = dedupe.Linkage.STAR,
) -> NearDuplicates:
    """Return the near-duplicates among some documents, whose texts are in `rows`; one of each cluster is kept."""
    summaries = sorted(summaries, key=lambda summary: summary.sort_key)
    report_progress("comparing documents", 0, len(summaries))
    texts = rows.texts([summary.number for summary in summaries])
    quality = [summary.quality for summary in summaries]
    duplicates = dedupe.find_duplicates(texts, quality=quality, settings=settings, linkage=linkage)
    report_progress("comparing documents", len(summaries), len(summaries))
    found = NearDuplicates(
        outcomes={summary.number: Outcome(state=State.KEPT) for summary in summaries},
        cluster_sizes={},
        clusters=[],
        pairs=[_pair_row(pair, summaries) for pair in duplicates.pairs],
    )
    for cluster in sorted(duplicates.clusters, key=lambda cluster: summaries[cluster.representative].sort_key):
        _add_cluster(found, cluster, summaries, _similarities(cluster, texts, settings))
    return found


def _similarities(cluster: dedupe.Cluster, texts: Sequence[str], settings: dedupe.Settings) -> dict[int, float]:
    """Return the Jaccard similarity of each member to the representative.

    A member joined by a chain may have no verified pair with the representative: its similarity is computed here.
    """
    kept = cluster.representative
    known = {pair.left + pair.right - kept: pair.jaccard for pair in cluster.pairs if kept in (pair.left, pair.right)}
    known[kept] = 1.0
    for member in cluster.members:
        if member not in known:
            known[member] = dedupe.jaccard(texts[kept], texts[member], settings=settings)
    return known


def _pair_row(pair: dedupe.Pair, summaries: Sequence[DocumentSummary]) -> Row:
    return {
        "left_id": summaries[pair.left].id,
        "right_id": summaries[pair.right].id,
        "jaccard": pair.jaccard,
        "containment": pair.containment,
    }


def _add_cluster(
    found: NearDuplicates,
    cluster: dedupe.Cluster,
    summaries: Sequence[DocumentSummary],
    jaccard: Mapping[int, float],
) -> None:
    """Add a cluster's size, its rows, the representative first, and the outcomes of its other members."""
    kept = summaries[cluster.representative]
    others = [index for index in cluster.members if index != cluster.representative]
    why = why_kept(kept, [summaries[index] for index in others])
    if cluster.chain_length > 1:
        lowest = cluster.least_similar.jaccard
        why += f"; joined by chains of up to {cluster.chain_length} links, the least similar at {lowest:.2f}"
    found.cluster_sizes[kept.id] = len(cluster.members)
    for index in (cluster.representative, *others):
        member = summaries[index]
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
            found.outcomes[member.number] = Outcome(state=State.DUPLICATE, reason=reason, duplicate_of=kept.id)
