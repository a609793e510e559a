"""The report of a corpus: `write_report` makes `report.html` and `report.json` from the tables of the corpus."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from saaf.atomic_files import atomic_write
from saaf.cleaning.spans import rule_reason
from saaf.cleaning.types import FLAGS
from saaf.corpus.corpus_tables import opened_corpus
from saaf.corpus.explain import rule_kind
from saaf.corpus.file_names import REPORT, REPORTS
from saaf.corpus.ledger import State
from saaf.corpus.quality_filter import unfiltered_notes
from saaf.corpus.report import dedupe_tables, samples, threshold_pairs
from saaf.corpus.report.charts import bar, similarity_bins, size_bins, state_parts
from saaf.corpus.report.document_view import document_view
from saaf.corpus.report.funnel import STEPS, StateTotal
from saaf.corpus.report.groups import sum_groups
from saaf.corpus.report.html_report import render
from saaf.corpus.report.text_diff import diff_texts
from saaf.corpus.report.totals import STATE_MEANINGS, count_totals

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from saaf.corpus.report.groups import Group, Groups
    from saaf.corpus.report.totals import Choices, Totals

FORMAT = 2
"""The version of report.json; the files of version 1 have no number."""
MAX_ROWS = 25  # languages, hosts and rules in a table of the report; the rest is summed in one row
NOTHING_KEPT = StateTotal(name=State.KEPT, inputs=0, reasons=(), other_reasons=0)
_PAGE, _FIGURES = (PurePath(name).name for name in REPORTS)


def write_report(corpus: Path, directory: Path | None = None) -> Path:
    """Write `report.html` and `report.json` of a corpus to a directory, and return the path of the page.

    `directory` None is `report/` in the corpus. The same tables give the same bytes. Raises `NotACorpusError` and
    `DamagedTableError` as `opened_corpus` does.
    """
    with opened_corpus(corpus) as manifest:
        directory = directory or corpus / REPORT
        directory.mkdir(parents=True, exist_ok=True)
        totals, choices = count_totals(corpus, directory)
        page = render(_context(corpus, totals, choices, manifest))
        with atomic_write(directory / _FIGURES) as partial:
            partial.write_text(_to_json(totals, manifest), encoding="utf-8")
        with atomic_write(directory / _PAGE) as partial:
            partial.write_text(page, encoding="utf-8")
    return directory / _PAGE


def report_figures(corpus: Path) -> str:
    """Return the content of report.json of a corpus, and write nothing. Raises as `write_report` does."""
    with opened_corpus(corpus) as manifest:
        return _to_json(count_totals(corpus)[0], manifest)


def _to_json(totals: Totals, manifest: Mapping[str, Any]) -> str:
    """Return the totals as JSON, and as "promise" the settings of near-duplicates with the recall of their bands."""
    recall = threshold_pairs.band_recall(manifest)
    promise = recall and asdict(recall.settings) | {
        "bands": asdict(recall.settings.bands),
        "recall_by_jaccard": dict(recall.recall),
    }
    figures = {"format": FORMAT} | asdict(totals) | {"promise": promise, "unfiltered": _unfiltered(manifest)}
    return json.dumps(figures, ensure_ascii=False, indent=1) + "\n"


def _unfiltered(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a sentence on each language for which the quality filter had no thresholds."""
    described = manifest.get("quality_filter")
    return unfiltered_notes(described) if described else ()


def _context(corpus: Path, totals: Totals, choices: Choices, manifest: Mapping[str, Any]) -> dict[str, Any]:
    shown = totals.rules[:MAX_ROWS]
    families = sorted({rule_kind(rule.rule) for rule in totals.rules})
    threshold = _threshold(manifest)
    recall = threshold_pairs.band_recall(manifest)
    rejected = threshold_pairs.rejected_pairs(corpus, recall.settings) if recall else ()
    accepted = threshold_pairs.accepted_pairs(corpus)
    clusters = samples.sample_clusters(corpus, choices.clusters)
    return {
        "totals": totals,
        "kept": next((state for state in totals.states if state.name is State.KEPT), NOTHING_KEPT),
        "state_parts": state_parts(totals.states),
        "step_meanings": STEPS,
        "size_bins": size_bins(totals.duplicates.sizes),
        "similarity_bins": similarity_bins(totals.duplicates.similarities, threshold),
        "threshold": threshold,
        "band_recall": recall,
        "omitted": manifest.get("near_duplicates_omitted"),
        "unfiltered": _unfiltered(manifest),
        "rates": [("Language", totals.languages.most_duplicates), ("Host", totals.sites.most_duplicates)],
        "accepted": [(pair, diff_texts(pair.left.text, pair.right.text)) for pair in accepted],
        "rejected": [(pair, diff_texts(pair.left.text, pair.right.text)) for pair in rejected],
        "paragraphs": dedupe_tables.top_paragraphs(corpus),
        "matches": dedupe_tables.sample_matches(corpus),
        "meanings": STATE_MEANINGS,
        "flag_meanings": {name.partition(":")[0]: meaning for name, meaning in FLAGS.items()},
        "languages": _top(totals.languages),
        "sites": _top(totals.sites),
        "rights": totals.rights.top[:MAX_ROWS],
        "rules": shown,
        "other_rules": totals.rules[MAX_ROWS:],
        "why": rule_reason,
        "examples": samples.rule_examples(corpus, shown),
        "families": families,
        "documents": [document_view(document) for document in samples.sample_documents(corpus, choices.candidates)],
        "clusters": [(cluster, diff_texts(cluster.left, cluster.right)) for cluster in clusters],
        "settings": [
            pair for pair in _flatten(manifest, "") if not pair[0].startswith(("files.", "near_", "quality_filter."))
        ],
        "bar": bar,
    }


def _top(groups: Groups) -> list[Group]:
    """Return the first groups, and one that is the sum of the others."""
    rest = [*groups.top[MAX_ROWS:], *([groups.others] if groups.others else [])]
    more = groups.count - sum(group.name != "" for group in groups.top[:MAX_ROWS])
    return [*groups.top[:MAX_ROWS], *([sum_groups(rest, f"{more:,} others")] if rest else [])]


def _threshold(manifest: Mapping[str, Any]) -> float | None:
    found = [value for name, value in _flatten(manifest, "") if name.rpartition(".")[2] == "threshold"]
    return float(found[0]) if found else None


def _flatten(value: object, name: str) -> list[tuple[str, str]]:
    """Return nested settings as (dotted name, value) pairs; `name` is that of `value`, "" for the outermost."""
    if isinstance(value, dict):
        return [pair for key in value for pair in _flatten(value[key], f"{name}.{key}" if name else str(key))]
    if isinstance(value, list):
        return [(name, ", ".join(str(item) for item in value))]
    return [(name, str(value))]
