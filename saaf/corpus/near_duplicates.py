"""Near-duplicates among the documents that passed selection: their outcomes, and the rows of clusters and pairs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from saaf import dedupe
from saaf.corpus.ledger import LedgerError, State
from saaf.corpus.outcomes import Outcome
from saaf.corpus.selection import why_kept

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence

    from saaf.corpus.stages.partition_rows import Summaries

Row = dict[str, object]

_COLUMNS = ("number", "id", "url", "key", "site", "language", "quality")


@dataclass(frozen=True, slots=True, kw_only=True)
class NearDuplicates:
    """The result of the search for near-duplicates.

    `outcomes` has one for each document that is set aside, by number. `cluster_sizes` are by the number of the kept
    document, two or more. `clusters` and `pairs` are rows of the tables of these names; `cluster_places` has for each
    row of a cluster the position of the kept document and the row's place in the cluster, `pair_places` for each pair
    the positions of its documents. `omitted` says what was not compared.
    """

    outcomes: dict[int, Outcome]
    cluster_sizes: dict[int, int]
    clusters: list[Row]
    pairs: list[Row]
    omitted: dedupe.Omitted
    cluster_places: list[tuple[int, int]] = field(default_factory=list)
    pair_places: list[tuple[int, int]] = field(default_factory=list)


def describe_duplicates(
    duplicates: dedupe.Duplicates, summaries: Summaries, texts: Sequence[str], settings: dedupe.Settings
) -> NearDuplicates:
    """Return the near-duplicates among documents, sorted by URL, id and key, as outcomes and rows.

    One of each cluster is kept. `texts` are those of the documents.
    """
    pairs = _listed_pairs(duplicates)
    columns = {name: summaries.column(name) for name in _COLUMNS}
    ids = columns["id"]
    found = NearDuplicates(
        outcomes={},
        cluster_sizes={},
        clusters=[],
        pairs=[
            {
                "left_id": ids[pair.left],
                "right_id": ids[pair.right],
                "jaccard": pair.jaccard,
                "containment": pair.containment,
            }
            for pair in pairs
        ],
        omitted=duplicates.omitted,
        pair_places=[(pair.left, pair.right) for pair in pairs],
    )
    for cluster in sorted(duplicates.clusters, key=lambda cluster: cluster.representative):
        _add_cluster(found, cluster, columns, _similarities(cluster, texts, settings))
    return found


def check_near_duplicates(duplicates: NearDuplicates, summaries: Summaries) -> None:
    """Raise `LedgerError` unless each document that is set aside has a kept one, in a cluster of its own."""
    aside = {summaries.id_of(number): outcome for number, outcome in duplicates.outcomes.items()}
    check_kept_pairs(aside, duplicates.pairs, summaries.name_of)
    members = {str(row["document_id"]): str(row["cluster_id"]) for row in duplicates.clusters}
    for document_id, outcome in aside.items():
        if outcome.duplicate_of in aside or outcome.duplicate_of is None:
            raise LedgerError(f"{document_id} is set aside for {outcome.duplicate_of}, which is not kept")
        if outcome.state is State.DUPLICATE and members.get(document_id) != outcome.duplicate_of:
            raise LedgerError(f"{document_id}: a duplicate of {outcome.duplicate_of} in no cluster of it")


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


def _add_cluster(
    found: NearDuplicates, cluster: dedupe.Cluster, columns: Mapping[str, list[Any]], jaccard: Mapping[int, float]
) -> None:
    """Add a cluster's size, its rows, the representative first, and the outcomes of its other members."""
    kept = cluster.representative
    others = [index for index in cluster.members if index != kept]
    quality = columns["quality"]
    why = why_kept(quality[kept], [quality[index] for index in others])
    if cluster.chain_length > 1:
        lowest = cluster.least_similar.jaccard
        why += f"; joined by chains of up to {cluster.chain_length} links, the least similar at {lowest:.2f}"
    found.cluster_sizes[columns["number"][kept]] = len(cluster.members)
    name = columns["url"][kept] or columns["key"][kept]
    for place, index in enumerate((kept, *others)):
        found.cluster_places.append((kept, place))
        found.clusters.append(
            {
                "cluster_id": columns["id"][kept],
                "document_id": columns["id"][index],
                "url": columns["url"][index],
                "site": columns["site"][index],
                "language": columns["language"][index],
                "representative": index == kept,
                "why": why,
                "jaccard": jaccard[index],
            }
        )
        if index != kept:
            reason = f"near-duplicate (Jaccard {jaccard[index]:.2f}) of {name}, kept for: {why}"
            outcome = Outcome(state=State.DUPLICATE, reason=reason, duplicate_of=columns["id"][kept])
            found.outcomes[columns["number"][index]] = outcome
