"""Output on a terminal: colours where it has them, marks where it has none, a progress bar on standard error."""

# rich is imported where something is drawn, so that a command in a pipe does not wait for it.
# ruff: noqa: PLC0415

from __future__ import annotations

import sys
import time
import unicodedata
from contextlib import contextmanager
from typing import TYPE_CHECKING

from saaf.cleaning.spans import rule_reason, split_spans
from saaf.corpus.explain import explain_blocks, mark_removals, split_line_breaks
from saaf.corpus.progress import LINE_INTERVAL, StepMeter, progress_lines
from saaf.corpus.summary_lines import fit_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console
    from rich.text import Text

    from saaf.corpus.explain import Explanation
    from saaf.corpus.settings import Progress as ReportProgress

FIRST_STRONG_ISOLATE, POP_DIRECTIONAL_ISOLATE = "\u2068", "\u2069"
_LAYOUT_CHARACTERS = {"\n", "\t"}


def output_console() -> Console:
    """Return the console of standard output; it has no colour in a pipe or where NO_COLOR is set."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True, emoji=False, markup=False)


def error_console() -> Console:
    """Return the console of standard error."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True, emoji=False, markup=False)


def has_colour(console: Console) -> bool:
    """Return whether the console shows colours."""
    return console.is_terminal and not console.no_color and console.color_system is not None


def escape_controls(text: str) -> str:
    """Return untrusted text with its control characters as \\x1b etc.: no escape sequence reaches a terminal."""
    return "".join(
        character
        if character in _LAYOUT_CHARACTERS or unicodedata.category(character) != "Cc"
        else f"\\x{ord(character):02x}"
        for character in text
    )


def one_line(text: str) -> str:
    """Return untrusted text, such as a path, on one line, without control characters, and in Unicode."""
    text = text.encode("utf-8", "backslashreplace").decode()  # the name of a file need not be UTF-8
    return escape_controls(text).replace("\n", "\\x0a").replace("\t", "\\x09")


def write_lines(lines: Iterable[str]) -> None:
    """Write lines to standard output, whatever characters are in them."""
    for line in lines:
        sys.stdout.write(one_line(line) + "\n")


def write_summary(lines: Iterable[str]) -> None:
    """Write lines with a label in their first column to standard output, broken between words on a terminal."""
    write_lines(fit_lines(map(one_line, lines), sys.stdout))


def note(sentence: str) -> None:
    """Write a sentence for the user to standard error."""
    sys.stderr.write(f"saaf: {one_line(sentence)}\n")
    sys.stderr.flush()


def isolate_bidi(text: str) -> str:
    """Return each line of `text` between Unicode directional isolates: what stands beside it keeps its order."""
    return "\n".join(f"{FIRST_STRONG_ISOLATE}{line}{POP_DIRECTIONAL_ISOLATE}" * bool(line) for line in text.split("\n"))


def print_explanation(console: Console, explanation: Explanation) -> None:
    """Print a document with its removals struck out, then a summary of the rules; marks replace colour in a pipe.

    Where there are block explanations, each block stands under the line of its probability and features.
    """
    from rich.text import Text

    if not console.is_terminal:
        blocks = [f"{figures}\n{mark_removals(block)}\n" for figures, block in explain_blocks(explanation)]
        sys.stdout.write("\n".join(blocks) or mark_removals(explanation).rstrip("\n") + "\n")
        return
    for name, value in (("url", explanation.url), ("title", explanation.title), ("language", explanation.language)):
        if value:
            console.print(Text.assemble((f"{name:<9} ", "dim"), isolate_bidi(escape_controls(value))))
    if explanation.state:
        reason = f": {escape_controls(explanation.reason)}" if explanation.reason else ""
        console.print(Text.assemble(("state     ", "dim"), explanation.state.replace("_", " ") + reason))
    console.print()
    for figures, block in explain_blocks(explanation):
        console.print(Text(figures, style="dim"))
        console.print(_body(console, block))
        console.print()
    if not explanation.block_explanations:
        console.print(_body(console, explanation))
        console.print()
    console.print(_summary(explanation))


def _body(console: Console, explanation: Explanation) -> Text:
    from rich.text import Text

    return _struck(explanation) if has_colour(console) else Text(escape_controls(mark_removals(explanation)))


def _struck(explanation: Explanation) -> Text:
    from rich.text import Text

    shown = Text()
    for span in split_spans(_without_controls(explanation), explanation.removals):
        if span.removal is None:
            shown.append(span.text)
            continue
        before, words, after = split_line_breaks(span.text)
        shown.append(before)
        shown.append(isolate_bidi(words), style="red strike")
        shown.append(f" {span.removal.rule}", style="dim red")
        shown.append(after)
    return shown


def _without_controls(explanation: Explanation) -> str:
    """Return the text with each control character replaced by U+FFFD, so that the spans of the removals stay true."""
    return "".join(
        character
        if character in _LAYOUT_CHARACTERS or unicodedata.category(character) != "Cc"
        else "\N{REPLACEMENT CHARACTER}"
        for character in explanation.text
    )


def _summary(explanation: Explanation) -> Text:
    from rich.text import Text

    spans: dict[str, list[int]] = {}
    for removal in explanation.removals:
        spans.setdefault(removal.rule, []).append(removal.end - removal.start)
    removed = sum(map(sum, spans.values()))
    summary = Text(f"{removed:,} of {len(explanation.text):,} characters removed in {len(explanation.removals)} spans")
    for rule, lengths in sorted(spans.items(), key=lambda item: (-sum(item[1]), item[0])):
        summary.append(f"\n  {rule}", style="red")
        summary.append(f"  {sum(lengths):,} characters", style="dim")
        summary.append(f"  {rule_reason(rule)}")
    return summary


@contextmanager
def progress(description: str, interval: float = LINE_INTERVAL) -> Iterator[ReportProgress]:
    """Show the progress of a command on standard error while the block runs, and yield the function that updates it.

    On a terminal it is a bar with counts, rate and time to go, which is erased when the block ends; elsewhere, as in
    the log of a batch system, a line every `interval` seconds.
    """
    meter = StepMeter(description, time.monotonic())
    console = error_console() if sys.stderr.isatty() else None
    is_bar = console is not None and console.is_terminal
    shown = _bar(meter, console) if is_bar and console is not None else progress_lines(meter, note, interval)
    with shown as report_progress:
        yield report_progress


@contextmanager
def _bar(meter: StepMeter, console: Console) -> Iterator[ReportProgress]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, SpinnerColumn, TextColumn
    from rich.text import Text

    class Meter(ProgressColumn):
        """Rate and time to go."""

        max_refresh = 0.5

        def render(self, _task: object) -> Text:
            return Text(meter.words(time.monotonic()))

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Meter())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(meter.step, total=None)

        def report_progress(step: str, done: int, total: int | None) -> None:
            if meter.update(step, done, total, time.monotonic()):
                bar.reset(task)
            description = f"{step}, {meter.unit}" if meter.unit else step
            bar.update(task, description=description, completed=done, total=total)

        yield report_progress
