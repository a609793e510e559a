"""Near-duplicates among the documents that passed selection: their outcomes, and the rows of clusters and pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from saaf import dedupe
from saaf.corpus.ledger import LedgerError, State
from saaf.corpus.outcomes import DocumentSummary, Outcome
from saaf.corpus.selection import why_kept

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence

Row = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class NearDuplicates:
    """The result of the search for near-duplicates.

    `outcomes` has one for each document that is set aside, by number. `cluster_sizes` are by the number of the kept
    document, two or more. `clusters` and `pairs` are rows of the tables of these names. `omitted` says what was not
    compared.
    """

    outcomes: dict[int, Outcome]
    cluster_sizes: dict[int, int]
    clusters: list[Row]
    pairs: list[Row]
    omitted: dedupe.Omitted


def find_near_duplicates(
    summaries: Sequence[DocumentSummary],
    texts: Sequence[str],
    quality: Sequence[tuple[float, ...]],
    settings: dedupe.Settings,
    *,
    linkage: dedupe.Linkage = dedupe.Linkage.STAR,
) -> NearDuplicates:
    """Return the near-duplicates among documents, sorted by URL, id and key; one of each cluster is kept.

    `texts` and `quality` are those of the documents.
    """
    duplicates = dedupe.find_duplicates(texts, quality=quality, settings=settings, linkage=linkage)
    found = NearDuplicates(
        outcomes={},
        cluster_sizes={},
        clusters=[],
        pairs=[_pair_row(pair, summaries) for pair in _listed_pairs(duplicates)],
        omitted=duplicates.omitted,
    )
    for cluster in sorted(duplicates.clusters, key=lambda cluster: cluster.representative):
        _add_cluster(found, cluster, summaries, _similarities(cluster, texts, settings))
    return found


def check_kept_pairs(aside: Container[str], pairs: Iterable[Row], name: Callable[[str], str]) -> None:
    """Raise `LedgerError` where neither document of one of the `pairs` is among the ids that are set `aside`.

    `name` returns what a document is called by its id: its URL, or its key where it has none.
    """
    for pair in pairs:
        if pair["left_id"] not in aside and pair["right_id"] not in aside:
            raise LedgerError(
                f"{name(str(pair['left_id']))} and {name(str(pair['right_id']))} are both kept, and are "
                f"near-duplicates (Jaccard {pair['jaccard']:.2f}): one of them should have been set aside"
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
    found.cluster_sizes[kept.number] = len(cluster.members)
    for index in (cluster.representative, *others):
        member = summaries[index]
        found.clusters.append(
            {
                "cluster_id": kept.id,
                "document_id": member.id,
                "url": member.url,
                "site": member.site,
                "language": member.language,
                "representative": index == cluster.representative,
                "why": why,
                "jaccard": jaccard[index],
            }
        )
        if index != cluster.representative:
            reason = f"near-duplicate (Jaccard {jaccard[index]:.2f}) of {kept.url or kept.key}, kept for: {why}"
            found.outcomes[member.number] = Outcome(state=State.DUPLICATE, reason=reason, duplicate_of=kept.id)
