"""Documents that stand inside longer ones: their rows, and by choice their outcomes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from saaf import dedupe
from saaf.corpus.ledger import State
from saaf.corpus.outcomes import DocumentSummary, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from saaf.corpus.near_duplicates import NearDuplicates
    from saaf.corpus.stages.partition_rows import PartitionRows, Summaries

Row = dict[str, object]
_Found = dict[int, list[dedupe.Containment]]  # by the position of the contained document, the highest share first


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainmentOptions:
    """Whether documents that stand inside longer ones are looked for, and set aside.

    `share` is the share of a document's shingles, over 0 and up to 1, that the longer one has; None looks for none.
    `remove` sets the contained ones aside. Raises ValueError where the two do not fit.
    """

    share: float | None = None
    remove: bool = False

    def __post_init__(self) -> None:
        if self.remove and self.share is None:
            raise ValueError("contained documents cannot be removed unless they are looked for: give --containment 0.8")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainedDocuments:
    """The documents that stand inside longer ones.

    `rows` are those of the table `schema.CONTAINED`, of so many `documents`. `duplicates` are the near-duplicates less
    the clusters of which all documents are set aside as contained. `omitted` says what was not compared.
    """

    rows: list[Row]
    documents: int
    duplicates: NearDuplicates
    omitted: dedupe.Omitted


def find_contained_documents(
    summaries: Summaries,
    rows: PartitionRows,
    duplicates: NearDuplicates,
    options: ContainmentOptions,
    settings: dedupe.Settings,
) -> ContainedDocuments:
    """Return those of the documents, whose near-duplicates are known, that stand inside longer ones.

    Near-duplicates that are set aside are not looked at. With `options.remove` each contained document is set aside for
    a kept one that it stands in. One that represents a cluster is so only where the whole cluster stands in that one.
    """
    if options.share is None:
        raise ValueError("no share of a document is given from which it is contained")
    kept = summaries.without(duplicates.outcomes)
    texts = rows.texts(kept.numbers)
    result = dedupe.find_contained(texts, threshold=options.share, settings=settings)
    found: _Found = defaultdict(list)
    for one in sorted(result.found, key=lambda one: (-one.share, one.containing)):
        found[one.contained].append(one)
    # Members of the clusters of contained documents come after the kept ones, with positions of their own.
    members = _cluster_members(summaries, duplicates, {kept[position].id for position in found})
    compared = [*kept, *(member for cluster in members.values() for member in cluster)] if found else []
    positions = {summary.number: position for position, summary in enumerate(compared)}
    aside: dict[int, dedupe.Containment] = {}
    if options.remove:
        texts = rows.texts([summary.number for summary in compared])
        clusters = {at: [positions[each.number] for each in members.get(kept[at].id, ())] for at in found}
        aside = _set_aside(found, clusters, texts, options.share, settings)
    pairs = {(one.contained, one.containing): one for one in (*result.found, *aside.values())}
    return ContainedDocuments(
        rows=_rows(pairs.values(), compared, aside),
        documents=len({contained for contained, _ in pairs}),
        duplicates=_without(duplicates, aside, compared),
        omitted=result.omitted,
    )


def _cluster_members(
    summaries: Summaries, duplicates: NearDuplicates, representatives: set[str]
) -> dict[str, list[DocumentSummary]]:
    """Return the documents that are set aside as near-duplicates of some kept ones, by the id of the kept one."""
    members = defaultdict(list)
    aside = {number for number, outcome in duplicates.outcomes.items() if outcome.duplicate_of in representatives}
    for summary in summaries.only(aside):
        members[str(duplicates.outcomes[summary.number].duplicate_of)].append(summary)
    return members


def _set_aside(
    found: _Found,
    clusters: Mapping[int, Sequence[int]],
    texts: Sequence[str],
    threshold: float,
    settings: dedupe.Settings,
) -> dict[int, dedupe.Containment]:
    """Return the containment for which each document that is set aside is so, by its position.

    Longer documents are decided first, so that each is set aside for one that is kept.
    """
    aside: dict[int, dedupe.Containment] = {}
    order = TopologicalSorter({contained: [one.containing for one in ones] for contained, ones in found.items()})
    for position in order.static_order():
        for one in found.get(position, ()):
            if one.containing in aside:
                continue
            pairs = [(member, one.containing) for member in clusters[position]]
            verified = dedupe.verify_containments(texts, pairs, threshold=threshold, settings=settings)
            if len(verified) == len(pairs):
                aside |= {each.contained: each for each in (one, *verified)}
                break
    return aside


def _rows(
    pairs: Iterable[dedupe.Containment], documents: Sequence[DocumentSummary], aside: Mapping[int, dedupe.Containment]
) -> list[Row]:
    made: list[Row] = [
        {
            "document_id": documents[one.contained].id,
            "containing_id": documents[one.containing].id,
            "share": one.share,
            "start": one.start,
            "end": one.end,
            "removed": aside.get(one.contained) == one,
        }
        for one in pairs
    ]
    return sorted(made, key=lambda row: (str(row["document_id"]), str(row["containing_id"])))


def _without(
    duplicates: NearDuplicates, aside: Mapping[int, dedupe.Containment], documents: Sequence[DocumentSummary]
) -> NearDuplicates:
    """Return the near-duplicates with contained documents set aside, and without the clusters of these."""
    outcomes = {}
    for position, one in aside.items():
        containing = documents[one.containing]
        reason = (
            f"contained: {one.share:.0%} of it stands in {containing.url or containing.key}, "
            f"characters {one.start} to {one.end}"
        )
        outcomes[documents[position].number] = Outcome(state=State.CONTAINED, reason=reason, duplicate_of=containing.id)
    gone = {documents[position].id for position in aside}
    return replace(
        duplicates,
        outcomes=duplicates.outcomes | outcomes,
        cluster_sizes={kept: size for kept, size in duplicates.cluster_sizes.items() if kept not in outcomes},
        clusters=[row for row in duplicates.clusters if row["cluster_id"] not in gone],
    )
