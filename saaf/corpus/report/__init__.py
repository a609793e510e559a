"""The report of a corpus: `write_report` makes `report.html` and `report.json` from the tables of the corpus."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import groupby
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from saaf.atomic_files import BusyError, atomic_write, exclusive_lock
from saaf.cleaning.page_types import PAGE_TYPES
from saaf.cleaning.spans import rule_reason
from saaf.cleaning.types import FLAGS
from saaf.corpus.corpus_tables import opened_corpus, replaced_error
from saaf.corpus.explain import rule_kind
from saaf.corpus.file_names import REPORT, REPORTS
from saaf.corpus.ledger import State
from saaf.corpus.manifest import read_manifest, record_files
from saaf.corpus.quality_filter import unfiltered_notes
from saaf.corpus.report import dedupe_tables, samples, threshold_pairs
from saaf.corpus.report.charts import bar, quality_bins, similarity_bins, size_bins, state_parts
from saaf.corpus.report.document_view import limited_views
from saaf.corpus.report.funnel import STEPS, StateTotal
from saaf.corpus.report.groups import sum_groups
from saaf.corpus.report.html_report import render
from saaf.corpus.report.profiles import profile_examples
from saaf.corpus.report.text_diff import diff_texts
from saaf.corpus.report.totals import STATE_MEANINGS, count_totals

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from saaf.corpus.report.groups import Group, Groups
    from saaf.corpus.report.totals import Choices, Totals

FORMAT = 2
"""The version of report.json; the files of version 1 have no number."""
MAX_ROWS = 25  # rules, and hosts with rights or a profile, in a table of the report
MAX_GROUPS = 15  # languages and hosts in a table of the report; the rest is summed in one row
NOTHING_KEPT = StateTotal(name=State.KEPT, inputs=0, reasons=(), other_reasons=0)
_PAGE, _FIGURES = (PurePath(name).name for name in REPORTS)


def write_report(corpus: Path, directory: Path | None = None, *, characters: int | None = None) -> Path:
    """Write `report.html` and `report.json` of a corpus to a directory, and return the path of the page.

    `directory` None is `report/` in the corpus, whose manifest then has the new checksums. `characters` are those of
    data/, None where nobody has counted them. The same tables give the same bytes. Raises `NotACorpusError` and
    `DamagedTableError` as `opened_corpus` does, and `BusyError` where a build is writing to the corpus and `directory`
    is None.
    """
    if directory is not None:
        directory.mkdir(parents=True, exist_ok=True)
    temporary = directory or (corpus / REPORT if (corpus / REPORT).is_dir() else None)
    with opened_corpus(corpus) as manifest:
        totals, choices = count_totals(corpus, temporary, characters)
        page = render(_context(corpus, totals, choices, manifest))
    figures = _to_json(totals, manifest)
    if directory is not None:
        return _write(directory, page, figures)
    busy = BusyError(f"a build is writing to {corpus}: wait for it, then write the report")
    with exclusive_lock(corpus, busy):
        if read_manifest(corpus) != manifest:
            raise replaced_error(corpus)
        path = _write(corpus / REPORT, page, figures)
        record_files(corpus, manifest, REPORTS)
    return path


def _write(directory: Path, page: str, figures: str) -> Path:
    for name, content in ((_FIGURES, figures), (_PAGE, page)):
        with atomic_write(directory / name) as partial:
            partial.write_text(content, encoding="utf-8")
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
    documents = limited_views(samples.sample_documents(corpus, choices.candidates))
    profiles = totals.profiles.top[:MAX_ROWS]
    return {
        "totals": totals,
        "kept": next((state for state in totals.states if state.name is State.KEPT), NOTHING_KEPT),
        "state_parts": state_parts(totals.states),
        "states": {state.name: state for state in totals.states},
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
        "page_type_meanings": PAGE_TYPES,
        "flag_meanings": {name.partition(":")[0]: meaning for name, meaning in FLAGS.items()},
        "languages": _top(totals.languages),
        "sites": _top(totals.sites),
        "rights": totals.rights.top[:MAX_ROWS],
        "rules": shown,
        "other_rules": totals.rules[MAX_ROWS:],
        "why": rule_reason,
        "examples": samples.rule_examples(corpus, shown),
        "families": families,
        "documents": documents,
        "sample_languages": sorted({view.document.language or "" for view in documents}),
        "sample_states": sorted({view.document.state or "" for view in documents}),
        "profiles": profiles,
        "profile_examples": profile_examples(corpus, profiles),
        "quality": [(name, list(rows)) for name, rows in groupby(totals.quality.distributions, lambda row: row.signal)],
        "quality_bins": quality_bins(totals.quality.extraction_quality),
        "clusters": [(cluster, diff_texts(cluster.left, cluster.right)) for cluster in clusters],
        "settings": [
            pair for pair in _flatten(manifest, "") if not pair[0].startswith(("files.", "near_", "quality_filter."))
        ],
        "bar": bar,
    }


def _top(groups: Groups) -> list[Group]:
    """Return the first groups, and one that is the sum of the others."""
    rest = [*groups.top[MAX_GROUPS:], *([groups.others] if groups.others else [])]
    more = groups.count - sum(group.name != "" for group in groups.top[:MAX_GROUPS])
    return [*groups.top[:MAX_GROUPS], *([sum_groups(rest, f"{more:,} others")] if rest else [])]


def _threshold(manifest: Mapping[str, Any]) -> float | None:
    found = [value for name, value in _flatten(manifest, "") if name.rpartition(".")[2] == "threshold"]
    return float(found[0]) if found else None


def _flatten(value: object, name: str) -> list[tuple[str, str]]:
    """Return nested settings as (dotted name, value) pairs; `name` is that of `value`, "" for the outermost."""
    if isinstance(value, dict):
        return [pair for key in value for pair in _flatten(value[key], f"{name}.{key}" if name else str(key))]
    if isinstance(value, list):
        return [(name, ", ".join(map(_in_words, value)) or "none")]
    return [(name, _in_words(value))]


def _in_words(value: object) -> str:
    """Return a setting as saaf.toml has it, "none" where there is none."""
    if isinstance(value, bool):
        return str(value).lower()
    return "none" if value is None or value == "" else str(value)
