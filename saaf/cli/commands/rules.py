"""`saaf rules`: which rules there are, and for one of them what it removes and what it keeps."""

from __future__ import annotations

import difflib
import sys
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from saaf import cleaning
from saaf.cli.commands import CommandError
from saaf.cli.terminal import coloured, isolated, output_console
from saaf.corpus.exit_codes import Exit
from saaf.corpus.explain import kind, language, reasons, why

if TYPE_CHECKING:
    from rich.console import Console


def run(rule: str | None, of_language: str | None, of_kind: str | None) -> None:
    """Print one rule with its examples, or the rules of a language and a kind in a table."""
    console = output_console()
    if rule is not None:
        _show(console, rule)
        return
    chosen = [
        each
        for each in reasons()
        if (of_language is None or language(each) == of_language) and (of_kind is None or kind(each) == of_kind)
    ]
    if not chosen:
        languages = sorted({language(each) or "" for each in reasons()} - {""})
        kinds = sorted({kind(each) for each in reasons()})
        raise CommandError(
            f"no rule of that language and kind; languages: {', '.join(languages)}; kinds: {', '.join(kinds)}",
            Exit.USAGE,
        )
    if not console.is_terminal:
        for each in chosen:
            sys.stdout.write(f"{each}\t{why(each)}\n")  # rich would expand the tab
        return
    table = Table("rule", "why", box=None, pad_edge=False, header_style="dim")
    for each in chosen:
        table.add_row(Text(each, style="bold"), why(each))
    console.print(table, soft_wrap=False)
    console.print(Text(f"\n{len(chosen)} rules; `saaf rules ID` shows what one removes and what it keeps", style="dim"))


def _show(console: Console, name: str) -> None:
    if name not in reasons():
        near = difflib.get_close_matches(name, reasons(), n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else "`saaf rules` lists them"
        raise CommandError(f"there is no rule {name}; {hint}", Exit.USAGE)
    console.print(Text(name, style="bold"))
    console.print(why(name))
    rule = next((rule for rule in cleaning.RULES if rule.id == name), None)
    if rule is None:
        console.print("It looks at the structure of a page, so there is no text to show it on.")
        return
    for heading, examples, style in (("removes from", rule.removes, "red"), ("keeps", rule.keeps, "green")):
        for number, example in enumerate(examples, start=1):
            console.print(Text(f"\n{heading} ({number} of {len(examples)}):", style="dim"))
            shown = isolated(example) if console.is_terminal else example
            console.print(Text(shown.rstrip("\n"), style=style if coloured(console) else ""))
