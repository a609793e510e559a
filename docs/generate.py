"""Write the reference pages, docs/reference/*.md, from the code they describe: `python docs/generate.py`.

A test compares the pages with what this program makes (tests/unit/test_reference.py).
"""

from __future__ import annotations

import inspect
import re
import sys
from dataclasses import MISSING, Field, fields, is_dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "docs")]

import pyarrow as pa  # noqa: E402
from option_pages import cli_page, settings_page  # noqa: E402
from page_parts import NOTE, attribute_docstrings, prose, table  # noqa: E402

import saaf  # noqa: E402  (the checkout's, not an installed one)
from saaf import cleaning  # noqa: E402
from saaf.cleaning.decision.block_rules import BLOCK_RULES  # noqa: E402
from saaf.cleaning.model import feature_table  # noqa: E402
from saaf.cleaning.page_types import PAGE_TYPES  # noqa: E402
from saaf.cleaning.quality import personal_data, signal_table, thresholds  # noqa: E402
from saaf.cleaning.types import FLAGS  # noqa: E402
from saaf.corpus import index_tables, paragraphs, report, schema  # noqa: E402
from saaf.corpus.explain import rule_language  # noqa: E402
from saaf.corpus.report import (  # noqa: E402
    dedupe_tables,
    duplicates,
    funnel,
    groups,
    measure,
    page_types,
    profiles,
    quality_totals,
    rights_totals,
    totals,
)


def rules_page() -> str:
    """Return the page of the rules: why each removes, an example, and what it must keep."""
    parts = [
        "# Rules\n",
        "A published id never changes its meaning. Each rule is tested on every example here; `saaf rules ID` shows",
        "one on a terminal. What a rule *removes from* and *keeps* are whole texts.\n",
    ]
    parts.append("\n## Without examples\n")
    parts.append("These look at the structure of a page, or at other pages: no text of an example can show them.\n")
    parts.append(table(("rule", "why"), [(f"`{name}`", why) for name, why in BLOCK_RULES.items()]))
    by_language = sorted(cleaning.RULES, key=lambda rule: rule_language(rule.id) or "")
    for code, rules in groupby(by_language, key=lambda rule: rule_language(rule.id)):
        parts.append(f"\n## {f'Phrases: {code}' if code else 'Structure'}\n")
        for rule in rules:
            parts += [f"\n### `{rule.id}`\n", rule.why, ""]
            parts += [_example("removes from", one) for one in rule.removes]
            parts += [_example("keeps", one) for one in rule.keeps]
    return NOTE + "\n".join(parts).rstrip("\n") + "\n"


def _example(label: str, text: str) -> str:
    return f"{label}\n\n```text\n{text.strip()}\n```\n"


def tables_page() -> str:
    """Return the page of the tables: each column with its type and what it holds."""
    parts = [
        "# Tables\n",
        "Parquet, compressed with zstd. The same comments are in each file, as the metadata of its fields.\n",
    ]
    for module in (schema, paragraphs, index_tables):
        for name, what in attribute_docstrings(Path(inspect.getfile(module))).items():
            if not isinstance(columns := getattr(module, name), pa.Schema):
                continue
            file, _, meaning = what.partition(": ")
            rows = [
                (f"`{field.name}`", f"`{field.type}`" + (", may be null" if field.nullable else ""), _comment(field))
                for field in columns
            ]
            parts += [f"\n## {file}\n", f"{meaning[0].upper()}{meaning[1:]}\n"]
            parts.append(table(("column", "type", "what"), rows))
    parts += [
        "\n## Flags\n",
        "Of the column `flags` of the documents; `report.json` counts the kept documents with each.\n",
        table(("flag", "what it says"), [(f"`{flag}`", meaning) for flag, meaning in FLAGS.items()]),
        "\n## Page types\n",
        "Of the column `page_type`. The last four have no content of their own.\n",
        table(("type", "what it is"), [(f"`{name}`", meaning) for name, meaning in PAGE_TYPES.items()]),
    ]
    return NOTE + "\n".join(parts) + "\n"


def _comment(field: Any) -> str:
    return str(field.metadata[b"comment"].decode())


def api_page() -> str:
    """Return the page of the public API: each name of `saaf` with its signature and docstring."""
    parts = ["# The library\n", inspect.cleandoc(saaf.__doc__ or "")]
    names = [name for name in saaf.__all__ if inspect.isfunction(getattr(saaf, name))]
    parts.append("\n## Functions\n")
    for name in names:
        function = getattr(saaf, name)
        signature = str(inspect.signature(function)).replace("'", "")
        parts += [f"\n### `saaf.{name}`\n", f"```text\n{name}{_wrapped(signature)}\n```\n", prose(function)]
    parts.append("\n## Types\n")
    for name in [name for name in saaf.__all__ if name not in names]:
        kind = getattr(saaf, name)
        parts += [f"\n### `saaf.{name}`\n", prose(kind)]
        if is_dataclass(kind):
            rows = [(f"`{field.name}`", f"`{field.type}`", _field_default(field)) for field in fields(kind)]
            rows += [
                (f"`{found}`", "property", inspect.cleandoc(value.__doc__ or "").partition("\n")[0])
                for found, value in vars(kind).items()
                if isinstance(value, property)
            ]
            parts += ["", table(("field", "type", "default"), rows)]
    return NOTE + "\n".join(parts) + "\n"


def _wrapped(signature: str) -> str:
    if len(signature) < 80:
        return signature
    arguments, _, result = signature.rpartition(") -> ")
    parts = re.split(r", (?![^\[]*\])", arguments.removeprefix("("))
    return "(\n" + "".join(f"    {part},\n" for part in parts) + f") -> {result}"


def _field_default(field: Field[Any]) -> str:
    return "required" if field.default is MISSING and field.default_factory is MISSING else f"`{field.default!r}`"


def features_page() -> str:
    """Return the page of the features of the block classifier."""
    parts = ["# Features of the block classifier\n", inspect.cleandoc(feature_table.__doc__ or ""), ""]
    parts += ["`saaf explain PAGE --features` shows which of them carried the decision on each block.\n"]
    for group, rows in groupby(feature_table.feature_table(), key=lambda row: row.group):
        parts += [f"\n## {group.capitalize()}\n"]
        parts.append(
            table(
                ("feature", "value", "tracks", "stages"),
                [
                    (f"`{row.name}`", row.meaning, ", ".join(row.tracks), ", ".join(map(str, row.stages)))
                    for row in rows
                ],
            )
        )
    return NOTE + "\n".join(parts) + "\n"


_REPORT_TYPES = (
    totals.Totals,
    funnel.Step,
    funnel.StateTotal,
    groups.Groups,
    groups.Group,
    measure.RuleTotal,
    totals.Check,
    duplicates.DuplicateTotals,
    dedupe_tables.RepeatedTotals,
    rights_totals.RightsTotals,
    rights_totals.SiteRightsTotal,
    profiles.ProfileTotals,
    profiles.SiteProfileTotal,
    quality_totals.QualityTotals,
    quality_totals.Distribution,
    page_types.PageTypeTotal,
)


def report_page() -> str:
    """Return the page of report.json: its version, and the keys of each object in it."""
    parts = [
        "# report.json\n",
        "`saaf build` and `saaf report OUT` write `report/report.json` beside the page; `saaf report OUT --json`",
        "prints it and writes nothing. The same corpus gives the same bytes. However large a corpus is, the file names",
        "1,000 languages and 1,000 hosts at most, and sums the others: about a megabyte at most.\n",
        f"`format` is {report.FORMAT}; it changes where a key gets another meaning or goes. Keys may be added without",
        "that. The outermost object has `format`, the keys of `Totals`, and `promise`: the settings of the search for",
        "near-duplicates with `recall_by_jaccard`, the share of pairs of a similarity that it finds; null where",
        "nothing was compared. A tuple is an array, None is null.",
    ]
    for kind in _REPORT_TYPES:
        parts += [f"\n## {kind.__name__}\n", prose(kind), ""]
        parts.append(table(("key", "type"), [(f"`{field.name}`", f"`{field.type}`") for field in fields(kind)]))
    return NOTE + "\n".join(parts) + "\n"


def quality_page() -> str:
    """Return the page of the quality signals, their published thresholds and the kinds of personal data."""
    signals = [
        (
            f"`{one.name}`",
            one.type.__name__,
            one.description,
            one.source,
            one.is_absent_when and f"{one.is_absent_when}",
        )
        for one in signal_table.SIGNALS
    ]
    parts = [
        "# Quality signals and personal data\n",
        "What they are for, and where ours differ from others: [quality signals](../explanation/quality-signals.md). A",
        "line is one that is not blank; words are compared in lower case.\n",
        "\n## Signals\n",
        table(("signal", "type", "what", "source", "null where"), signals),
        "\n## Published thresholds\n",
        "In the order in which they are tested. `min` and `max` themselves pass, `above` and `below` do not.",
    ]
    for name in thresholds.PRESETS:
        rows = [
            (f"`{key}`", ", ".join(f"`{one.signal}` {one.bound} {one.limit:g}" for one in limits))
            for key, limits in sorted(thresholds.preset([name]).items())
        ]
        parts += [f"\n### {name}\n", table(("language", "thresholds"), rows)]
    kinds = [
        (f"`{kind}`", what, _yes(kind in personal_data.DEFAULT_KINDS)) for kind, what in personal_data.KINDS.items()
    ]
    parts += ["\n## Personal data\n", table(("kind", "what", "found where none is named"), kinds)]
    return NOTE + "\n".join(parts) + "\n"


def _yes(value: bool) -> str:
    return "yes" if value else ""


PAGES = {
    "api": api_page,
    "features": features_page,
    "cli": cli_page,
    "report": report_page,
    "quality": quality_page,
    "rules": rules_page,
    "settings": settings_page,
    "tables": tables_page,
}


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (ROOT / "docs" / "reference" / f"{name}.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
