"""Near-duplicates among the documents that passed selection: their outcomes, and the rows of clusters and pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from saaf import dedupe
from saaf.corpus.ledger import LedgerError, State
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
    document, two or more. `clusters` and `pairs` are rows of the tables of these names. `omitted` says what was not
    compared.
    """

    outcomes: dict[int, Outcome]
    cluster_sizes: dict[str, int]
    clusters: list[Row]
    pairs: list[Row]
    omitted: dedupe.Omitted


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
        outcomes=dict.fromkeys((summary.number for summary in summaries), Outcome(state=State.KEPT)),
        cluster_sizes={},
        clusters=[],
        pairs=[_pair_row(pair, summaries) for pair in _listed_pairs(duplicates)],
        omitted=duplicates.omitted,
    )
    for cluster in sorted(duplicates.clusters, key=lambda cluster: summaries[cluster.representative].sort_key):
        _add_cluster(found, cluster, summaries, _similarities(cluster, texts, settings))
    return found


def check_kept_pairs(
    summaries: Sequence[DocumentSummary], outcomes: Mapping[int, Outcome], pairs: Sequence[Row]
) -> None:
    """Raise `LedgerError` where two documents of one of the `pairs` are both kept; `outcomes` are by number."""
    kept = {summary.id: summary for summary in summaries if outcomes[summary.number].state is State.KEPT}
    for pair in pairs:
        left, right = kept.get(str(pair["left_id"])), kept.get(str(pair["right_id"]))
        if left is not None and right is not None:
            raise LedgerError(
                f"{left.url or left.key} and {right.url or right.key} are both kept, and are near-duplicates (Jaccard "
                f"{pair['jaccard']:.2f}): one of them should have been set aside"
            )


def _listed_pairs(duplicates: dedupe.Duplicates) -> list[dedupe.Pair]:
    """Return the pairs that were found, and those of each member of a cluster that follow from them, sorted."""
    pairs = {(pair.left, pair.right): pair for cluster in duplicates.clusters for pair in cluster.pairs}
    pairs |= {(pair.left, pair.right): pair for pair in duplicates.pairs}
    return [pairs[texts] for texts in sorted(pairs)]


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
