"""The report of a corpus: `write_report` makes `report.html` and `report.json` from the tables in its directory."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from saaf.atomic_files import atomic_write
from saaf.cleaning.spans import rule_reason
from saaf.cleaning.types import FLAGS
from saaf.corpus.explain import rule_kind
from saaf.corpus.ledger import State
from saaf.corpus.report import dedupe_tables, samples, threshold_pairs
from saaf.corpus.report.charts import bar, similarity_bins, size_bins, state_parts
from saaf.corpus.report.document_view import document_view
from saaf.corpus.report.html_report import render
from saaf.corpus.report.measure import measure
from saaf.corpus.report.text_diff import diff_texts
from saaf.corpus.report.totals import STATE_MEANINGS, Group, StateTotal, Totals, count_totals, sum_groups

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from saaf.corpus.report.measure import Measurements

MAX_RATES = 12  # languages and hosts with their share of duplicates
MAX_ROWS = 25  # languages, hosts and rules in a table of the report; the rest is summed in one row
NOTHING_KEPT = StateTotal(name=State.KEPT, inputs=0, reasons=(), other_reasons=0)
TABLES = ("documents", "originals", "clusters", "pairs", "ledger")


def write_report(output: Path) -> Path:
    """Write `report.html` and `report.json` from the tables in `output`, and return the path of the page.

    The same tables give the same bytes. Raises FileNotFoundError where a table is missing.
    """
    for name in TABLES:
        if not (output / f"{name}.parquet").is_file():
            raise FileNotFoundError(f"{output} is not a corpus: it has no {name}.parquet; build one with `saaf build`")
    measurements = measure(output)
    totals = count_totals(output, measurements)
    with atomic_write(output / "report.json") as partial:
        partial.write_text(_to_json(totals, threshold_pairs.band_recall(_manifest(output))), encoding="utf-8")
    path = output / "report.html"
    with atomic_write(path) as partial:
        partial.write_text(render(_context(output, totals, measurements)), encoding="utf-8")
    return path


def _to_json(totals: Totals, recall: threshold_pairs.BandRecall | None) -> str:
    """Return the totals as JSON, and as "promise" the settings of near-duplicates with the recall of their bands."""
    promise = recall and asdict(recall.settings) | {
        "bands": asdict(recall.settings.bands),
        "recall_by_jaccard": dict(recall.recall),
    }
    return json.dumps(asdict(totals) | {"promise": promise}, ensure_ascii=False, indent=1) + "\n"


def _context(output: Path, totals: Totals, measurements: Measurements) -> dict[str, Any]:
    shown = totals.rules[:MAX_ROWS]
    families = sorted({rule_kind(rule.rule) for rule in totals.rules})
    manifest = _manifest(output)
    threshold = _threshold(manifest)
    recall = threshold_pairs.band_recall(manifest)
    rejected = threshold_pairs.rejected_pairs(output, recall.settings) if recall else ()
    accepted = threshold_pairs.accepted_pairs(output)
    return {
        "totals": totals,
        "kept": next((state for state in totals.states if state.name is State.KEPT), NOTHING_KEPT),
        "state_parts": state_parts(totals.states),
        "size_bins": size_bins(totals.duplicates.sizes),
        "similarity_bins": similarity_bins(totals.duplicates.similarities, threshold),
        "threshold": threshold,
        "band_recall": recall,
        "omitted": manifest.get("near_duplicates_omitted"),
        "rates": [("Language", _rates(totals.languages)), ("Host", _rates(totals.sites))],
        "accepted": [(pair, diff_texts(pair.left.text, pair.right.text)) for pair in accepted],
        "rejected": [(pair, diff_texts(pair.left.text, pair.right.text)) for pair in rejected],
        "paragraphs": dedupe_tables.top_paragraphs(output),
        "matches": dedupe_tables.sample_matches(output),
        "meanings": STATE_MEANINGS,
        "flag_meanings": {name.partition(":")[0]: meaning for name, meaning in FLAGS.items()},
        "languages": _top(totals.languages),
        "sites": _top(totals.sites),
        "rights": totals.rights[:MAX_ROWS],
        "rules": shown,
        "other_rules": totals.rules[MAX_ROWS:],
        "why": rule_reason,
        "examples": samples.rule_examples(output, shown),
        "families": families,
        "documents": [document_view(document) for document in samples.sample_documents(output, measurements)],
        "clusters": [(cluster, diff_texts(cluster.left, cluster.right)) for cluster in samples.sample_clusters(output)],
        "settings": [pair for pair in _flatten(manifest, "") if not pair[0].startswith(("files.", "near_"))],
        "bar": bar,
    }


def _top(groups: Sequence[Group]) -> list[Group]:
    """Return the first groups, and one that is the sum of the others."""
    rest = groups[MAX_ROWS:]
    return [*groups[:MAX_ROWS], *([sum_groups(rest, f"{len(rest):,} others")] if rest else [])]


def _rates(groups: Sequence[Group]) -> list[Group]:
    """Return the groups with most duplicates."""
    with_duplicates = [group for group in groups if group.duplicates]
    return sorted(with_duplicates, key=lambda group: (-group.duplicates, group.name))[:MAX_RATES]


def _manifest(output: Path) -> dict[str, Any]:
    path = output / "manifest.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _threshold(manifest: dict[str, Any]) -> float | None:
    found = [value for name, value in _flatten(manifest, "") if name.rpartition(".")[2] == "threshold"]
    return float(found[0]) if found else None


def _flatten(value: object, name: str) -> list[tuple[str, str]]:
    """Return nested settings as (dotted name, value) pairs; `name` is that of `value`, "" for the outermost."""
    if isinstance(value, dict):
        return [pair for key in value for pair in _flatten(value[key], f"{name}.{key}" if name else str(key))]
    if isinstance(value, list):
        return [(name, ", ".join(str(item) for item in value))]
    return [(name, str(value))]
