"""The report of a corpus: `write_report` makes `report.html` and `report.json` from the tables in its directory."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from saaf.corpus.atomic_files import written_whole
from saaf.corpus.explain import kind, why
from saaf.corpus.ledger import State
from saaf.corpus.report import neighbours, repeated, samples
from saaf.corpus.report.charts import bar, similarity_bins, size_bins, state_parts
from saaf.corpus.report.document_view import passage
from saaf.corpus.report.html_report import render
from saaf.corpus.report.measure import measure
from saaf.corpus.report.text_diff import compare
from saaf.corpus.report.totals import MEANINGS, Group, StateTotal, Totals, add, count

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from saaf.corpus.report.measure import Measured

MOST_RATES = 12  # languages and hosts with their share of duplicates
MOST_ROWS = 25  # languages, hosts and rules in a table of the page; the rest is summed in one row
NOTHING_KEPT = StateTotal(name=State.KEPT, inputs=0, reasons=(), other_reasons=0)
TABLES = ("documents", "originals", "clusters", "pairs", "ledger")


def write_report(output: Path) -> Path:
    """Write `report.html` and `report.json` from the tables in `output`, and return the path of the page.

    The same tables give the same bytes. Raises FileNotFoundError where a table is missing.
    """
    for name in TABLES:
        if not (output / f"{name}.parquet").is_file():
            raise FileNotFoundError(f"{output} is not a corpus: it has no {name}.parquet; build one with `saaf build`")
    measured = measure(output)
    totals = count(output, measured)
    with written_whole(output / "report.json") as partial:
        partial.write_text(_as_json(totals, neighbours.promise(_manifest(output))), encoding="utf-8")
    path = output / "report.html"
    with written_whole(path) as partial:
        partial.write_text(render(_context(output, totals, measured)), encoding="utf-8")
    return path


def _as_json(totals: Totals, promise: neighbours.Promise | None) -> str:
    """Return the figures, and as `promise` what decides on near-duplicates, with the recall at three similarities."""
    said = promise and asdict(promise.settings) | {
        "bands": asdict(promise.settings.bands),
        "recall_by_jaccard": dict(promise.recall),
    }
    return json.dumps(asdict(totals) | {"promise": said}, ensure_ascii=False, indent=1) + "\n"


def _context(output: Path, totals: Totals, measured: Measured) -> dict[str, Any]:
    shown = totals.rules[:MOST_ROWS]
    families = sorted({kind(rule.rule) for rule in totals.rules})
    manifest = _manifest(output)
    threshold = _threshold(manifest)
    promise = neighbours.promise(manifest)
    rejected = neighbours.rejected(output, promise.settings) if promise else ()
    return {
        "totals": totals,
        "kept": next((state for state in totals.states if state.name is State.KEPT), NOTHING_KEPT),
        "state_parts": state_parts(totals.states),
        "size_bins": size_bins(totals.duplicates.sizes),
        "similarity_bins": similarity_bins(totals.duplicates.similarities, threshold),
        "threshold": threshold,
        "promise": promise,
        "rates": [("Language", _rates(totals.languages)), ("Host", _rates(totals.sites))],
        "accepted": [(pair, compare(pair.left.text, pair.right.text)) for pair in neighbours.accepted(output)],
        "rejected": [(pair, compare(pair.left.text, pair.right.text)) for pair in rejected],
        "paragraphs": repeated.most_repeated(output),
        "matches": repeated.matches(output),
        "meanings": MEANINGS,
        "languages": _top(totals.languages),
        "sites": _top(totals.sites),
        "rules": shown,
        "other_rules": totals.rules[MOST_ROWS:],
        "why": why,
        "examples": samples.examples(output, shown),
        "families": families,
        "passages": [passage(document) for document in samples.documents(output, measured)],
        "clusters": [(cluster, compare(cluster.left, cluster.right)) for cluster in samples.clusters(output)],
        "settings": [pair for pair in _flat(manifest, "") if not pair[0].startswith("files.")],
        "bar": bar,
    }


def _top(groups: Sequence[Group]) -> list[Group]:
    """Return the first groups, and one that is the sum of the others."""
    rest = groups[MOST_ROWS:]
    return [*groups[:MOST_ROWS], *([add(rest, f"{len(rest):,} others")] if rest else [])]


def _rates(groups: Sequence[Group]) -> list[Group]:
    """Return the groups with most duplicates."""
    having = [group for group in groups if group.duplicates]
    return sorted(having, key=lambda group: (-group.duplicates, group.name))[:MOST_RATES]


def _manifest(output: Path) -> dict[str, Any]:
    path = output / "manifest.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _threshold(manifest: dict[str, Any]) -> float | None:
    found = [value for name, value in _flat(manifest, "") if name.rpartition(".")[2] == "threshold"]
    return float(found[0]) if found else None


def _flat(value: object, name: str) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [pair for key in value for pair in _flat(value[key], f"{name}.{key}" if name else str(key))]
    if isinstance(value, list):
        return [(name, ", ".join(str(item) for item in value))]
    return [(name, str(value))]
