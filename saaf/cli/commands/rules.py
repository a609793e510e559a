"""`saaf rules`: list the rules, or show one with examples of what it removes and what it keeps."""

from __future__ import annotations

import difflib
import sys
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from saaf import cleaning
from saaf.cleaning.spans import rule_reason, rule_reasons
from saaf.cleaning.text.iso_639 import shorter_codes
from saaf.cli.commands import CommandError
from saaf.cli.terminal import has_colour, isolate_bidi, output_console
from saaf.corpus.exit_codes import Exit
from saaf.corpus.explain import rule_kind, rule_language
from saaf.corpus.progress import counted

if TYPE_CHECKING:
    from rich.console import Console


def run_rules(rule: str | None, language: str | None, kind: str | None) -> None:
    """Print one rule with its examples, or the rules of a language and a kind in a table."""
    console = output_console()
    if rule is not None:
        _print_rule(console, rule)
        return
    codes = () if language is None else (language, *shorter_codes(language))
    chosen = [
        each
        for each in rule_reasons()
        if (language is None or rule_language(each) in codes) and (kind is None or rule_kind(each) == kind)
    ]
    if not chosen:
        languages = sorted({rule_language(each) or "" for each in rule_reasons()} - {""})
        kinds = sorted({rule_kind(each) for each in rule_reasons()})
        raise CommandError(
            f"no rule of that language and kind; languages: {', '.join(languages)}; kinds: {', '.join(kinds)}",
            Exit.USAGE,
        )
    if not console.is_terminal:
        for each in chosen:
            sys.stdout.write(f"{each}\t{rule_reason(each)}\n")  # rich would expand the tab
        return
    table = Table("rule", "why", box=None, pad_edge=False, header_style="dim")
    for each in chosen:
        table.add_row(Text(each, style="bold"), rule_reason(each))
    console.print(table, soft_wrap=False)
    count = counted(len(chosen), "rule")
    console.print(Text(f"\n{count}; `saaf rules ID` shows what one removes and what it keeps", style="dim"))


def _print_rule(console: Console, name: str) -> None:
    """Print a rule with its reason and its examples."""
    if name not in rule_reasons():
        near = difflib.get_close_matches(name, rule_reasons(), n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else "`saaf rules` lists them"
        raise CommandError(f"there is no rule {name}; {hint}", Exit.USAGE)
    console.print(Text(name, style="bold"))
    console.print(rule_reason(name))
    rule = next((rule for rule in cleaning.RULES if rule.id == name), None)
    if rule is None:
        console.print("This rule goes by the structure of a page or by other pages, so there is no text to show it on.")
        return
    for heading, examples, style in (("removes from", rule.removes, "red"), ("keeps", rule.keeps, "green")):
        for number, example in enumerate(examples, start=1):
            console.print(Text(f"\n{heading} ({number} of {len(examples)}):", style="dim"))
            shown = isolate_bidi(example) if console.is_terminal else example
            console.print(Text(shown.rstrip("\n"), style=style if has_colour(console) else ""))
