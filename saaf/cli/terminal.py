"""What the commands say on a terminal: colour where there is any, marks where there is none, progress on stderr."""

from __future__ import annotations

import sys
import unicodedata
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.text import Text

from saaf.corpus.explain import by_block, marked, pieces, why, within_breaks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from saaf.corpus.explain import Explanation
    from saaf.corpus.settings import Progress as Tell

FIRST_STRONG_ISOLATE, POP_DIRECTIONAL_ISOLATE = "\u2068", "\u2069"
_HELD_BACK = {"\n", "\t"}


def output_console() -> Console:
    """Return the console of standard output; it has no colour in a pipe or where NO_COLOR is set."""
    return Console(highlight=False, soft_wrap=True, emoji=False, markup=False)


def error_console() -> Console:
    """Return the console of standard error."""
    return Console(stderr=True, highlight=False, soft_wrap=True, emoji=False, markup=False)


def coloured(console: Console) -> bool:
    """Return whether a colour sent to the console would be seen."""
    return console.is_terminal and not console.no_color and console.color_system is not None


def inert(text: str) -> str:
    """Return text from outside with its control characters spelt out: no escape sequence may reach a terminal."""
    return "".join(
        character if character in _HELD_BACK or unicodedata.category(character) != "Cc" else f"\\x{ord(character):02x}"
        for character in text
    )


def isolated(text: str) -> str:
    """Return each line of `text` between directional isolates: a terminal orders it apart from its neighbours."""
    return "\n".join(f"{FIRST_STRONG_ISOLATE}{line}{POP_DIRECTIONAL_ISOLATE}" * bool(line) for line in text.split("\n"))


def show(console: Console, explanation: Explanation) -> None:
    """Print a document with what was removed struck out, and what the rules say; marks replace colour in a pipe.

    Where its blocks were weighed, each stands under its weight.
    """
    if not console.is_terminal:
        blocks = [f"{weight}\n{marked(block)}\n" for weight, block in by_block(explanation)]
        sys.stdout.write("\n".join(blocks) or marked(explanation).rstrip("\n") + "\n")
        return
    for name, value in (("url", explanation.url), ("title", explanation.title), ("language", explanation.language)):
        if value:
            console.print(Text.assemble((f"{name:<9} ", "dim"), isolated(inert(value))))
    if explanation.state:
        reason = f": {inert(explanation.reason)}" if explanation.reason else ""
        console.print(Text.assemble(("state     ", "dim"), explanation.state.replace("_", " ") + reason))
    console.print()
    for weight, block in by_block(explanation):
        console.print(Text(weight, style="dim"))
        console.print(_body(console, block))
        console.print()
    if not explanation.weighed:
        console.print(_body(console, explanation))
        console.print()
    console.print(_summary(explanation))


def _body(console: Console, explanation: Explanation) -> Text:
    return _struck(explanation) if coloured(console) else Text(inert(marked(explanation)))


def _struck(explanation: Explanation) -> Text:
    shown = Text()
    for piece in pieces(_inert_text(explanation), explanation.removals):
        if piece.removal is None:
            shown.append(piece.text)
            continue
        before, words, after = within_breaks(piece.text)
        shown.append(before)
        shown.append(isolated(words), style="red strike")
        shown.append(f" {piece.removal.rule}", style="dim red")
        shown.append(after)
    return shown


def _inert_text(explanation: Explanation) -> str:
    """Return the text with control characters replaced one for one, so that the removals still fit."""
    return "".join(
        character if character in _HELD_BACK or unicodedata.category(character) != "Cc" else "\N{REPLACEMENT CHARACTER}"
        for character in explanation.text
    )


def _summary(explanation: Explanation) -> Text:
    spans: dict[str, list[int]] = {}
    for removal in explanation.removals:
        spans.setdefault(removal.rule, []).append(removal.end - removal.start)
    removed = sum(map(sum, spans.values()))
    summary = Text(f"{removed:,} of {len(explanation.text):,} characters removed in {len(explanation.removals)} spans")
    for rule, lengths in sorted(spans.items(), key=lambda item: (-sum(item[1]), item[0])):
        summary.append(f"\n  {rule}", style="red")
        summary.append(f"  {sum(lengths):,} characters", style="dim")
        summary.append(f"  {why(rule)}")
    return summary


@contextmanager
def progress(description: str) -> Iterator[Tell]:
    """Show a bar on standard error while the block runs; call what it gives with (step, done, total or None).

    Nothing is shown where standard error is not a terminal, and the bar is gone when the block ends.
    """
    console = error_console()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(description, total=None)

        def tell(step: str, done: int, total: int | None) -> None:
            bar.update(task, description=step, completed=done, total=total)

        yield tell
