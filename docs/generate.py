"""Write the reference pages, docs/reference/*.md, from the code they describe: `python docs/generate.py`.

A test compares the pages with what this program makes (tests/unit/test_reference.py).
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from dataclasses import MISSING, Field, fields, is_dataclass
from itertools import groupby, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typer import Typer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import pyarrow as pa  # noqa: E402
from typer.models import ArgumentInfo, OptionInfo  # noqa: E402

import saaf  # noqa: E402  (the checkout's, not an installed one)
import saaf.crawler.settings  # noqa: E402
from saaf import cleaning, dedupe  # noqa: E402
from saaf.cleaning.decision.block_rules import BLOCK_RULES  # noqa: E402
from saaf.cleaning.model import feature_table  # noqa: E402
from saaf.cleaning.page_types import PAGE_TYPES  # noqa: E402
from saaf.cleaning.quality import personal_data, signal_table, thresholds  # noqa: E402
from saaf.cleaning.types import FLAGS  # noqa: E402
from saaf.cli import app as cli  # noqa: E402
from saaf.corpus import configuration, exit_codes, index_tables, paragraphs, report, schema, settings  # noqa: E402
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
from saaf.crawler.run import checks  # noqa: E402

NOTE = "<!-- Written by docs/generate.py from the code. Change that, then run it again. -->\n\n"


def cli_page() -> str:
    """Return the page of the commands: what each does, its arguments and options, the exit codes."""
    parts = ["# Commands\n", inspect.cleandoc(cli.saaf.__doc__ or ""), _parameters(cli.saaf)]
    parts += _commands(cli.app, "saaf")
    rows = [(str(code.value), meaning) for code, meaning in exit_codes.MEANINGS.items()]
    parts += ["\n## Exit codes\n", _table(("code", "meaning"), rows)]
    parts += [
        "\nErrors are one sentence on standard error that names the file and the fix. Progress goes to standard error",
        "too, and only to a terminal. Where `NO_COLOR` is set, nothing is coloured.",
    ]
    return NOTE + "\n".join(parts) + "\n"


def _commands(app: Typer, before: str) -> list[str]:
    """Return the lines on each command of `app` and of the groups in it; `before` stands before a command's name."""
    parts = []
    for command in app.registered_commands:
        assert command.callback is not None  # noqa: S101  (Typer registers functions)
        parts += _command(f"{before} {command.name or command.callback.__name__}", command.callback)
    for group in app.registered_groups:
        assert group.typer_instance is not None  # noqa: S101  (that is what `add_typer` registers)
        callback = group.typer_instance.registered_callback
        assert callback is not None  # noqa: S101  (each group of ours says what it is for)
        assert callback.callback is not None  # noqa: S101
        name = f"{before} {callback.callback.__name__}"
        parts += [*_command(name, callback.callback), *_commands(group.typer_instance, name)]
    return parts


def _command(name: str, callback: Any) -> list[str]:
    return [f"\n## {name}\n", inspect.cleandoc(callback.__doc__ or ""), _parameters(callback)]


def _parameters(callback: Any) -> str:
    rows = []
    parameters = inspect.signature(callback).parameters
    for name, hint in get_type_hints(callback, include_extras=True).items():
        info = next(
            (one for one in getattr(hint, "__metadata__", ()) if isinstance(one, ArgumentInfo | OptionInfo)), None
        )
        if info is None:
            continue
        # Inside Annotated, Typer takes the first name where elsewhere the default stands.
        declared = [one for one in (info.default, *(info.param_decls or ())) if isinstance(one, str)]
        names = ", ".join(f"`{one}`" for one in declared) or f"`{info.metavar or name}`"
        default = parameters[name].default
        shown = info.show_default if isinstance(info.show_default, str) else default
        required = default is inspect.Parameter.empty
        rows.append((names, info.help or "", "required" if required else "" if shown in {None, False} else f"{shown}"))
    return "\n" + _table(("argument or option", "what", "default"), rows) if rows else ""


def rules_page() -> str:
    """Return the page of the rules: why each removes, an example, and what it must keep."""
    parts = [
        "# Rules\n",
        "A published id never changes its meaning. Each rule is tested on every example here; `saaf rules ID` shows",
        "one on a terminal. What a rule *removes from* and *keeps* are whole texts.\n",
    ]
    parts.append("\n## Without examples\n")
    parts.append("These look at the structure of a page, or at other pages: no text of an example can show them.\n")
    parts.append(_table(("rule", "why"), [(f"`{name}`", why) for name, why in BLOCK_RULES.items()]))
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
        for name, what in _attribute_docstrings(Path(inspect.getfile(module))).items():
            if not isinstance(table := getattr(module, name), pa.Schema):
                continue
            file, _, meaning = what.partition(": ")
            rows = [
                (f"`{field.name}`", f"`{field.type}`" + (", may be null" if field.nullable else ""), _comment(field))
                for field in table
            ]
            parts += [f"\n## {file}\n", f"{meaning[0].upper()}{meaning[1:]}\n"]
            parts.append(_table(("column", "type", "what"), rows))
    parts += [
        "\n## Flags\n",
        "Of the column `flags` of the documents; `report.json` counts the kept documents with each.\n",
        _table(("flag", "what it says"), [(f"`{flag}`", meaning) for flag, meaning in FLAGS.items()]),
        "\n## Page types\n",
        "Of the column `page_type`. The last four have no content of their own.\n",
        _table(("type", "what it is"), [(f"`{name}`", meaning) for name, meaning in PAGE_TYPES.items()]),
    ]
    return NOTE + "\n".join(parts) + "\n"


def _comment(field: Any) -> str:
    return str(field.metadata[b"comment"].decode())


def _attribute_docstrings(path: Path) -> dict[str, str]:
    """Return the string that follows each assignment of a module, by name."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return {
        target.id: inspect.cleandoc(after.value.value)
        for before, after in pairwise(body)
        if isinstance(before, ast.Assign | ast.AnnAssign)
        if isinstance(target := before.target if isinstance(before, ast.AnnAssign) else before.targets[0], ast.Name)
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and isinstance(after.value.value, str)
    }


def settings_page() -> str:
    """Return the page of the settings: of a crawl, of a build, of the search for near-duplicates."""
    ours = saaf.crawler.settings
    described = _attribute_docstrings(Path(inspect.getfile(ours)))
    crawl = [
        (f"`{name}`", f"`{value!r}`", " ".join(described[name].split()))
        for name, value in vars(ours).items()
        if name.isupper()
    ]
    commands = [(f"`{name}`", "set by the command", what) for name, what in checks.SET_BY_COMMANDS.items()]
    parts = [
        "# Settings\n",
        "## Of a crawl\n",
        "In `saaf/crawler/settings.py`, or `-s NAME=VALUE` for one run. What is not here is as Scrapy has it.\n",
        _table(("setting", "default", "what"), sorted([*crawl, *commands], key=lambda row: "SAAF_" not in row[0])),
        "\n## Of saaf.toml\n",
        "See [Configure a project](../how-to/configure-a-project.md).\n",
        _table(("key", "value", "of", "what"), _keys()),
        "\n## Of a build\n",
        "`saaf.corpus.settings.BuildSettings`; `saaf build` has options for most.\n",
        _prose(settings.BuildSettings),
        "",
        _defaults(settings.BuildSettings),
        "\n## Of near-duplicates\n",
        "`saaf.dedupe.Settings`, the field `dedupe` of a build's settings.\n",
        _prose(dedupe.Settings),
        "",
        _defaults(dedupe.Settings),
    ]
    return NOTE + "\n".join(parts) + "\n"


def _keys() -> list[tuple[str, ...]]:
    """Return the keys of saaf.toml: what each is, the commands that have an option for it, and what that does."""
    rows: dict[str, tuple[str, list[str]]] = {}
    for callback in (cli.build, cli.dedupe, cli.clean):
        for hint in get_type_hints(callback, include_extras=True).values():
            for option in (each for each in getattr(hint, "__metadata__", ()) if isinstance(each, OptionInfo)):
                names = (str(one) for one in (option.default, *(option.param_decls or ())))
                key = next(one for one in names if one.startswith("--")).removeprefix("--").replace("-", "_")
                rows.setdefault(key, (str(option.help), []))[1].append(callback.__name__)
    keys = ((key, kind, *rows[key]) for key, kind in configuration.KEYS.items())
    return [(f"`{key}`", str(kind), ", ".join(commands), what) for key, kind, what, commands in keys]


def _prose(kind: type) -> str:
    return inspect.cleandoc(kind.__doc__ or "")


def _defaults(kind: Any) -> str:
    return _table(("field", "default"), [(f"`{field.name}`", _default(field)) for field in fields(kind)])


def _default(field: Field[Any]) -> str:
    if field.default is not MISSING:
        return f"`{field.default!r}`"
    return "one for each processor" if field.name == "workers" else "as below"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def api_page() -> str:
    """Return the page of the public API: each name of `saaf` with its signature and docstring."""
    parts = ["# The library\n", inspect.cleandoc(saaf.__doc__ or "")]
    names = [name for name in saaf.__all__ if inspect.isfunction(getattr(saaf, name))]
    parts.append("\n## Functions\n")
    for name in names:
        function = getattr(saaf, name)
        signature = str(inspect.signature(function)).replace("'", "")
        parts += [f"\n### `saaf.{name}`\n", f"```text\n{name}{_wrapped(signature)}\n```\n", _prose(function)]
    parts.append("\n## Types\n")
    for name in [name for name in saaf.__all__ if name not in names]:
        kind = getattr(saaf, name)
        parts += [f"\n### `saaf.{name}`\n", _prose(kind)]
        if is_dataclass(kind):
            rows = [(f"`{field.name}`", f"`{field.type}`", _field_default(field)) for field in fields(kind)]
            rows += [
                (f"`{found}`", "property", inspect.cleandoc(value.__doc__ or "").partition("\n")[0])
                for found, value in vars(kind).items()
                if isinstance(value, property)
            ]
            parts += ["", _table(("field", "type", "default"), rows)]
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
            _table(
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
        parts += [f"\n## {kind.__name__}\n", _prose(kind), ""]
        parts.append(_table(("key", "type"), [(f"`{field.name}`", f"`{field.type}`") for field in fields(kind)]))
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
        _table(("signal", "type", "what", "source", "null where"), signals),
        "\n## Published thresholds\n",
        "In the order in which they are tested. `min` and `max` themselves pass, `above` and `below` do not.",
    ]
    for name in thresholds.PRESETS:
        rows = [
            (f"`{key}`", ", ".join(f"`{one.signal}` {one.bound} {one.limit:g}" for one in limits))
            for key, limits in sorted(thresholds.preset([name]).items())
        ]
        parts += [f"\n### {name}\n", _table(("language", "thresholds"), rows)]
    kinds = [
        (f"`{kind}`", what, _yes(kind in personal_data.DEFAULT_KINDS)) for kind, what in personal_data.KINDS.items()
    ]
    parts += ["\n## Personal data\n", _table(("kind", "what", "found where none is named"), kinds)]
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
