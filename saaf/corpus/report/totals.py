"""The totals of a corpus, counted from its tables; the names of the fields are the keys of report.json."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from saaf.corpus.ledger import State
from saaf.corpus.report.dedupe_tables import RepeatedTotals, count_repeated
from saaf.corpus.report.measure import count_characters
from saaf.corpus.report.rights_totals import SiteRightsTotal, count_rights

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from saaf.corpus.report.measure import Measurements, RuleTotal

MAX_REASONS = 3
STATE_MEANINGS = {
    State.KEPT: "in the corpus",
    State.DUPLICATE: "near-duplicate of a kept document",
    State.CONTAINED: "stands inside a longer kept document",
    State.JOINED: "a later page of an article, joined to its first",
    State.REPEATED: "another capture of the same URL was taken",
    State.TOO_SHORT: "too little text was left",
    State.WRONG_LANGUAGE: "in a language that was not asked for",
    State.EMPTY: "no text at all",
    State.UNREADABLE: "could not be read",
    State.OVER_BUDGET: "took too long, or was too large",
    State.PENDING: "not fetched yet: the crawl ended first, or still runs",
    State.NOT_CONTENT: "taken for another purpose: robots.txt, sitemaps, feeds, listing pages",
    State.BLOCKED_BY_ROBOTS: "robots.txt asks not to fetch it",
    State.OFFSITE: "on a host outside the crawl",
    State.OUTSIDE_WINDOW: "dated outside the time that was asked for",
    State.ALTERNATE: "another address of a document that is crawled",
    State.REFUSED: "an address, port or scheme that the crawl may not request",
    State.RIGHTS_RESERVED: "its publisher reserves it from training",
    State.CHALLENGE: "the site asked to prove that the reader is human",
    State.TRAP: "one of endlessly many addresses that brought no new text",
    State.FETCH_FAILED: "the network gave no answer",
    State.HTTP_ERROR: "the server answered with an error",
    State.UNLISTED: "a fixture that its manifest does not name, or the reverse",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StateTotal:
    """How many inputs ended in a state, the three most frequent reasons given, and how many other reasons there are."""

    name: State
    inputs: int
    reasons: tuple[tuple[str, int], ...]
    other_reasons: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The totals of a language or a host. Characters are code points: read = removed + dropped + kept.

    `removed` are the characters that rules removed; `dropped` those that were left, but whose document is not in the
    corpus, for instance as a duplicate or as too short.
    """

    name: str
    documents: int
    kept_documents: int
    duplicates: int
    read: int
    removed: int
    dropped: int

    @property
    def kept(self) -> int:
        """Characters that are in the corpus."""
        return self.read - self.removed - self.dropped


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A check that two counts from two tables are equal; `what` describes it."""

    what: str
    left: int
    right: int

    @property
    def holds(self) -> bool:
        """Whether the counts are equal."""
        return self.left == self.right


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """All totals of a corpus; groups are sorted by characters read, largest first, then by name.

    `flags` counts the kept documents with each flag, by the flag's name without an id. `rights` counts by host what
    publishers state.
    """

    inputs: int
    states: tuple[StateTotal, ...]
    all: Group
    languages: tuple[Group, ...]
    sites: tuple[Group, ...]
    rules: tuple[RuleTotal, ...]
    flags: dict[str, int]
    checks: tuple[Check, ...]
    duplicates: DuplicateTotals
    repeated: RepeatedTotals
    rights: tuple[SiteRightsTotal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateTotals:
    """Clusters by size and verified pairs by similarity.

    `sizes` are (documents in the cluster, clusters) pairs; `similarities` are (lower bound, pairs) pairs of bins that
    are 0.025 wide, from 0.5 to 1.0; a pair below 0.5 counts in the first bin.
    """

    clusters: int
    members: int
    pairs: int
    sizes: tuple[tuple[int, int], ...]
    similarities: tuple[tuple[float, int], ...]


def count_totals(output: Path, measurements: Measurements) -> Totals:
    """Return the totals of the corpus in `output`, which has these measurements."""
    ledger = pq.read_table(output / "ledger.parquet", columns=["state", "reason"])
    states = _states(ledger)
    documents = measurements.documents
    inputs_of = {state.name: state.inputs for state in states}
    duplicates = _duplicates(output)
    repeated = count_repeated(output)
    kept_rows = pq.read_metadata(output / "documents.parquet").num_rows
    languages = _groups(documents, "language")
    total = sum_groups(languages, "all")
    return Totals(
        inputs=ledger.num_rows,
        states=states,
        all=total,
        languages=languages,
        sites=_groups(documents, "site"),
        rules=measurements.rules,
        flags=_count_flags(output),
        checks=(
            Check(what="inputs = sum of the states", left=ledger.num_rows, right=sum(inputs_of.values())),
            Check(what="state “kept” = rows of documents.parquet", left=inputs_of.get(State.KEPT, 0), right=kept_rows),
            Check(
                what="state “duplicate” = cluster members less representatives"
                + (" + copies of older documents" if repeated.matched else ""),
                left=inputs_of.get(State.DUPLICATE, 0),
                right=duplicates.members - duplicates.clusters + repeated.matched,
            ),
            Check(
                what="characters read less those removed and dropped = characters of documents.parquet",
                left=total.kept,
                right=count_characters(output / "documents.parquet"),
            ),
        ),
        duplicates=duplicates,
        repeated=repeated,
        rights=count_rights(output),
    )


def _count_flags(output: Path) -> dict[str, int]:
    """Return how many kept documents have each flag, sorted by name; "appended:ID" counts as "appended"."""
    flags = pq.read_table(output / "documents.parquet", columns=["flags"])["flags"].to_pylist()
    counts = Counter(name for row in flags for name in {flag.partition(":")[0] for flag in row or ()})
    return dict(sorted(counts.items()))


def _states(ledger: Any) -> tuple[StateTotal, ...]:
    counted = ledger.group_by(["state", "reason"]).aggregate([([], "count_all")]).to_pylist()
    by_state: dict[State, list[tuple[str, int]]] = {}
    for row in counted:
        by_state.setdefault(State(row["state"]), []).append((row["reason"] or "", row["count_all"]))
    states = [_state(state, reasons) for state, reasons in by_state.items()]
    return tuple(sorted(states, key=lambda total: (total.name is not State.KEPT, -total.inputs, total.name)))


def _state(state: State, reasons: list[tuple[str, int]]) -> StateTotal:
    # The reason of a copy names the one document it is a copy of: there are as many reasons as copies.
    counted = (
        [] if state in {State.DUPLICATE, State.CONTAINED, State.REPEATED} else [item for item in reasons if item[0]]
    )
    given = sorted(counted, key=lambda item: (-item[1], item[0]))
    return StateTotal(
        name=state,
        inputs=sum(inputs for _, inputs in reasons),
        reasons=tuple(given[:MAX_REASONS]),
        other_reasons=len(given[MAX_REASONS:]),
    )


def _groups(documents: Any, column: str) -> tuple[Group, ...]:
    """Return the totals for each value of `column`."""
    kept = pc.equal(documents["state"], State.KEPT.value)
    left = pc.subtract(documents["read"], documents["removed"])
    table = pa.table(
        {
            "name": documents[column],
            "kept": pc.cast(kept, pa.int64()),
            "duplicate": pc.cast(pc.equal(documents["state"], State.DUPLICATE.value), pa.int64()),
            "read": documents["read"],
            "removed": documents["removed"],
            "dropped": pc.if_else(kept, pa.scalar(0, left.type), left),
        }
    )
    sums = [(name, "sum") for name in table.column_names[1:]]
    rows = table.group_by("name").aggregate([*sums, ([], "count_all")]).to_pylist()
    groups = [
        Group(
            name=row["name"],
            documents=row["count_all"],
            kept_documents=row["kept_sum"],
            duplicates=row["duplicate_sum"],
            read=row["read_sum"],
            removed=row["removed_sum"],
            dropped=row["dropped_sum"],
        )
        for row in rows
    ]
    return tuple(sorted(groups, key=lambda group: (-group.read, group.name)))


def _duplicates(output: Path) -> DuplicateTotals:
    members = pq.read_table(output / "clusters.parquet", columns=["cluster_id"])
    sizes = members.group_by("cluster_id").aggregate([([], "count_all")])["count_all"]
    by_size = {row["values"]: row["counts"] for row in pc.value_counts(sizes).to_pylist()}
    jaccard = pq.read_table(output / "pairs.parquet", columns=["jaccard"])["jaccard"].to_numpy()
    # The 1e-9 keeps 0.7, which is 27.999… bins of 0.025 in binary, out of the bin below it.
    bins = np.clip(np.floor(np.asarray(jaccard, dtype=np.float64) / 0.025 + 1e-9).astype(np.int64), 20, 39)
    counts = np.bincount(bins, minlength=40)[20:]
    return DuplicateTotals(
        clusters=len(sizes),
        members=members.num_rows,
        pairs=len(jaccard),
        sizes=tuple(sorted(by_size.items())),
        similarities=tuple((round(0.5 + 0.025 * index, 3), int(pairs)) for index, pairs in enumerate(counts)),
    )


def sum_groups(groups: Sequence[Group], name: str) -> Group:
    """Return the sum of `groups` under one name."""
    return Group(
        name=name,
        documents=sum(group.documents for group in groups),
        kept_documents=sum(group.kept_documents for group in groups),
        duplicates=sum(group.duplicates for group in groups),
        read=sum(group.read for group in groups),
        removed=sum(group.removed for group in groups),
        dropped=sum(group.dropped for group in groups),
    )
