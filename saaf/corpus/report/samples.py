"""The documents, clusters and examples of rules that the report shows: few, and the same in every run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from saaf.cleaning import apply_removals
from saaf.corpus.corpus_tables import find_rows, take_rows
from saaf.corpus.documents import EXPLANATION_COLUMNS, compared_rows, reasons_of, removals_of, to_explanation
from saaf.corpus.file_names import CLUSTERS, ORIGINALS
from saaf.corpus.schema import CLUSTERS as CLUSTERS_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from saaf.corpus.explain import Explanation
    from saaf.corpus.report.measure import RuleTotal

MAX_DOCUMENTS = 60
MAX_MEMBERS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A document of a cluster; `jaccard` is its similarity to the representative, in [0, 1].

    `key` is that of the input, "" where it is unknown.
    """

    id: str
    key: str
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


def sample_documents(corpus: Path, candidates: Sequence[int]) -> tuple[Explanation, ...]:
    """Return the documents to show of the candidate rows of originals/, at most sixty, those that show most first."""
    chosen = _greedy_cover(_attributes(corpus, candidates), MAX_DOCUMENTS)
    numbers = sorted(chosen)
    rows = dict(zip(numbers, take_rows(corpus, ORIGINALS, numbers, EXPLANATION_COLUMNS), strict=True))
    reasons = reasons_of(corpus, [row["key"] for row in rows.values()])
    return tuple(to_explanation(rows[number], reasons.get(rows[number]["key"], "")) for number in chosen)


def rule_examples(corpus: Path, rules: Sequence[RuleTotal]) -> dict[str, str]:
    """Return the first text that each of `rules` removed, by rule id, cut at 160 characters."""
    numbers = sorted({rule.first for rule in rules})
    texts = dict(zip(numbers, take_rows(corpus, ORIGINALS, numbers, ["text", "removals"]), strict=True))
    found = {}
    for rule in rules:
        row = texts[rule.first]
        span = next(span for span in row["removals"] if span["rule"] == rule.rule)
        removed = " ".join(row["text"][span["start"] : span["end"]].split())
        found[rule.rule] = removed if len(removed) <= 160 else removed[:159] + "…"
    return found


def sample_clusters(corpus: Path, chosen: Sequence[str]) -> tuple[ClusterSample, ...]:
    """Return the clusters with these ids, in their order."""
    rows_of: dict[str, list[dict[str, Any]]] = {cluster: [] for cluster in chosen}
    sizes = dict.fromkeys(chosen, 0)
    for row in find_rows(corpus, CLUSTERS, "cluster_id", chosen, CLUSTERS_SCHEMA.names):
        rows = rows_of[row["cluster_id"]]
        rows.append(row)
        sizes[row["cluster_id"]] += 1
        if len(rows) > 16 * MAX_MEMBERS:
            rows[:] = _ordered(rows)[:MAX_MEMBERS]
    ordered = {cluster: _ordered(rows)[:MAX_MEMBERS] for cluster, rows in rows_of.items()}
    keys = compared_rows(corpus, [row["document_id"] for rows in ordered.values() for row in rows], ["key"])
    members = {cluster: [_member(row, keys) for row in rows] for cluster, rows in ordered.items()}
    shown = [member.id for group in members.values() for member in group[:2]]
    found = compared_rows(corpus, shown, ["text", "removals"])
    return tuple(
        ClusterSample(
            id=cluster,
            size=sizes[cluster],
            members=tuple(group),
            left=_clean_text(found.get(group[0].id)),
            right=_clean_text(found.get(group[1].id)) if len(group) > 1 else "",
        )
        for cluster, group in members.items()
    )


def _clean_text(row: dict[str, Any] | None) -> str:
    return apply_removals(row["text"], removals_of(row)) if row else ""


def _ordered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of a cluster: the representative, then the others from the least similar up."""
    return sorted(rows, key=lambda row: (not row["representative"], row["jaccard"], row["document_id"]))


def _member(row: dict[str, Any], keys: dict[str, dict[str, Any]]) -> Member:
    return Member(
        id=row["document_id"],
        key=keys.get(row["document_id"], {}).get("key", ""),
        url=row["url"],
        site=row["site"] or "",
        language=row["language"] or "",
        jaccard=row["jaccard"],
        representative=row["representative"],
        why=row["why"] or "",
    )


def _attributes(corpus: Path, candidates: Sequence[int]) -> dict[int, set[tuple[str, str]]]:
    """Return the candidate rows, each with the rules, the language, the host and the state that it would show."""
    rows = take_rows(corpus, ORIGINALS, candidates, ["language", "site", "state", "removals"])
    return {
        number: {
            ("language", row["language"]),
            ("site", row["site"]),
            ("state", row["state"]),
            *(("rule", span["rule"]) for span in row["removals"] or ()),
        }
        for number, row in zip(candidates, rows, strict=True)
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
