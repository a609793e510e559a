"""The documents, clusters and examples of rules that the report shows: few, and the same in every run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from saaf.cleaning import Removal, apply_removals
from saaf.corpus.explain import Explanation
from saaf.corpus.ledger import PASSED, State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from saaf.corpus.report.measure import Measurements, RuleTotal

EXPLANATION_COLUMNS = ["key", "id", "url", "title", "language", "state", "text", "removals"]
MAX_DOCUMENTS = 12
MAX_CLUSTERS = 8
MAX_MEMBERS = 8
MAX_CANDIDATES = 400  # sites or rules; those beyond are in the tables, but can hardly be among a dozen samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A document of a cluster; `jaccard` is its similarity to the representative, in [0, 1]."""

    id: str
    url: str | None
    site: str
    language: str
    jaccard: float
    representative: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSample:
    """A cluster, its representative first and then its members from the least similar up, eight at most.

    `left` and `right` are the clean texts of the representative and of the least similar member.
    """

    id: str
    size: int
    members: tuple[Member, ...]
    left: str = field(repr=False)
    right: str = field(repr=False)


def sample_documents(output: Path, measurements: Measurements) -> tuple[Explanation, ...]:
    """Return the documents to show, at most twelve, in the order of the table."""
    chosen = sorted(_greedy_cover(_candidates(output, measurements), MAX_DOCUMENTS))
    rows = _read_rows(output / "originals.parquet", chosen, EXPLANATION_COLUMNS)
    ledger = rows_by_key(output / "ledger.parquet", "key", [row["key"] for row in rows], ["reason"])
    return tuple(to_explanation(row, ledger[row["key"]]["reason"]) for row in rows)


def rule_examples(output: Path, rules: Sequence[RuleTotal]) -> dict[str, str]:
    """Return the first text that each of `rules` removed, by rule id, cut at 160 characters."""
    rows = sorted({rule.first for rule in rules})
    texts = dict(zip(rows, _read_rows(output / "originals.parquet", rows, ["text", "removals"]), strict=True))
    found = {}
    for rule in rules:
        row = texts[rule.first]
        span = next(span for span in row["removals"] if span["rule"] == rule.rule)
        removed = " ".join(row["text"][span["start"] : span["end"]].split())
        found[rule.rule] = removed if len(removed) <= 160 else removed[:159] + "…"
    return found


def sample_clusters(output: Path) -> tuple[ClusterSample, ...]:
    """Return the clusters to show, at most eight: the largest and the least similar."""
    table = pq.read_table(output / "clusters.parquet")
    summary = table.group_by("cluster_id").aggregate([([], "count_all"), ("jaccard", "min")])
    summary = summary.rename_columns(["cluster_id", "size", "jaccard"])
    largest = _first_clusters(summary, [("size", "descending"), ("jaccard", "ascending"), ("cluster_id", "ascending")])
    least_similar = _first_clusters(
        summary, [("jaccard", "ascending"), ("size", "descending"), ("cluster_id", "ascending")]
    )
    half = MAX_CLUSTERS // 2
    chosen = list(dict.fromkeys([*largest[:half], *least_similar, *largest]))[:MAX_CLUSTERS]
    chosen_rows = table.filter(pc.is_in(table["cluster_id"], pa.array(chosen, table.schema.field("cluster_id").type)))
    by_cluster: dict[object, list[dict[str, Any]]] = {cluster: [] for cluster in chosen}
    for row in chosen_rows.to_pylist():
        by_cluster[row["cluster_id"]].append(row)
    members = {cluster: _members(rows) for cluster, rows in by_cluster.items()}
    shown = [member.id for group in members.values() for member in group[:2]]
    rows = rows_by_key(output / "originals.parquet", "id", shown, ["text", "removals"])
    texts = {document: apply_removals(row["text"], removals_of(row)) for document, row in rows.items()}
    return tuple(
        ClusterSample(
            id=str(cluster),
            size=len(by_cluster[cluster]),
            members=group[:MAX_MEMBERS],
            left=texts.get(group[0].id, ""),
            right=texts.get(group[1].id, ""),
        )
        for cluster, group in members.items()
    )


def _members(rows: list[dict[str, Any]]) -> tuple[Member, ...]:
    ordered = sorted(rows, key=lambda row: (not row["representative"], row["jaccard"], row["document_id"]))
    return tuple(
        Member(
            id=row["document_id"],
            url=row["url"],
            site=row["site"] or "",
            language=row["language"] or "",
            jaccard=row["jaccard"],
            representative=row["representative"],
            why=row["why"] or "",
        )
        for row in ordered
    )


def _first_clusters(summary: Any, order: list[tuple[str, str]]) -> list[object]:
    if not summary.num_rows:  # pyarrow before 26 selects nothing from nothing with an error
        return []
    rows = pc.select_k_unstable(summary, min(MAX_CLUSTERS, summary.num_rows), sort_keys=order)
    return summary["cluster_id"].take(rows).to_pylist()  # type: ignore[no-any-return]  # a list of ids


def _candidates(output: Path, measurements: Measurements) -> dict[int, set[tuple[str, str]]]:
    """Return candidate rows, each with the rules, the language and the host that it would show."""
    table = measurements.documents
    # Documents that became too short show less than those that were kept.
    good = table.filter(pc.is_in(table["state"], pa.array([state.value for state in PASSED])))
    table = good if good.num_rows else table
    first = {rule.first for rule in measurements.rules[:MAX_CANDIDATES]} & set(table["row"].to_pylist())
    for column in ("language", "site"):
        rows = table.group_by(column).aggregate([("row", "min")])["row_min"]
        first.update(sorted(rows.to_pylist())[:MAX_CANDIDATES])
    chosen = sorted(first)
    attributes = measurements.documents.select(["language", "site"]).take(pa.array(chosen, pa.int64())).to_pylist()
    spans = _read_rows(output / "originals.parquet", chosen, ["removals"])
    return {
        row: {*values.items(), *(("rule", span["rule"]) for span in read["removals"] or ())}
        for row, values, read in zip(chosen, attributes, spans, strict=True)
    }


def _greedy_cover(candidates: dict[int, set[tuple[str, str]]], most: int) -> list[int]:
    """Return at most `most` rows by greedy set cover: each adds most that is not covered yet, the first of equals."""
    left = dict(candidates)
    covered: set[tuple[str, str]] = set()
    chosen: list[int] = []
    while left and len(chosen) < most:
        best = min(left, key=lambda row: (-len(left[row] - covered), row))
        covered |= left.pop(best)
        chosen.append(best)
    return chosen


def _read_rows(path: Path, rows: Sequence[int], columns: list[str]) -> list[dict[str, Any]]:
    """Return the given rows (sorted), reading only the row groups that hold them."""
    found: list[dict[str, Any]] = []
    with pq.ParquetFile(path) as file:
        start = 0
        for group in range(file.num_row_groups):
            end = start + file.metadata.row_group(group).num_rows
            here = [row - start for row in rows if start <= row < end]
            if here:
                found += file.read_row_group(group, columns=columns).take(here).to_pylist()
            start = end
    return found


def rows_by_key(path: Path, key: str, ids: list[str], columns: list[str]) -> dict[str, dict[str, Any]]:
    """Return the rows whose column `key` is among `ids`, the first of each, by that column."""
    found: dict[str, dict[str, Any]] = {}
    for row in pq.read_table(path, columns=[key, *columns], filters=[(key, "in", ids)]).to_pylist() if ids else ():
        found.setdefault(row[key], row)
    return found


def removals_of(row: dict[str, Any]) -> tuple[Removal, ...]:
    """Return the removals of a row of `documents` or `originals`."""
    return tuple(Removal(**span) for span in row["removals"] or ())


def to_explanation(row: dict[str, Any], reason: str) -> Explanation:
    """Return a row of `originals` (its `EXPLANATION_COLUMNS`) as an explanation; `reason` is that of the ledger."""
    return Explanation(
        id=row["id"],
        key=row["key"],
        url=row["url"],
        title=row["title"],
        language=row["language"],
        text=row["text"],
        removals=removals_of(row),
        state=row["state"],
        reason=reason,
    )


def find_document(output: Path, name: str) -> Explanation | None:
    """Return the document with that id or URL, the kept one where there are several; None where there is none."""
    rows = [
        row
        for column in ("id", "url")
        for row in pq.read_table(
            output / "originals.parquet", columns=EXPLANATION_COLUMNS, filters=[(column, "=", name)]
        ).to_pylist()
    ]
    if not rows:
        return None
    row = min(rows, key=lambda row: (row["state"] != State.KEPT, row["key"]))
    return to_explanation(
        row, rows_by_key(output / "ledger.parquet", "key", [row["key"]], ["reason"])[row["key"]]["reason"]
    )
