"""Runs of teasers: headlines of other articles, with or without the first words of each."""

from collections.abc import Sequence
from typing import Final

from cleaning.lines import Line, body_of, kinship
from cleaning.normalise import letters
from cleaning.rules.dates import is_date_line

_MAX_INSET: Final = 6  # a "read also" box in the middle of an article; more lines than these are a list of its own
_EXCERPT_WIDTH: Final = 200
_OWN_TITLE: Final = 0.34  # on the seeds, headlines share 0.5 to 1.0 of their words with their article, teasers 0 to 0.3


def is_snippet(line: Line, headline: Line) -> bool:
    """Return whether `line` repeats `headline` and goes on, as themes do that show the first words of an article."""
    own, other = letters(line.text), letters(headline.text)
    return len(other) >= 12 and len(own) > len(other) and own.startswith(other)


def is_teaser(line: Line) -> bool:
    """Return whether `line` has a shape that teasers have: a headline, a cut snippet, a date."""
    return line.headline or is_date_line(line) or (line.cut and line.width <= 2 * _EXCERPT_WIDTH)


def run_after(lines: Sequence[Line], number: int, stops: frozenset[int] = frozenset()) -> list[Line]:
    """Return the teasers that belong to the heading `lines[number]`.

    A run ends at prose, at a short sentence and at the lines `stops` (other labels). After the last prose all of it
    goes. Before the first, the headline of the text itself may close the run: it stays. In between, a run is a box set
    into the text: a few lines, or many that have little to do with the text before them.
    """
    end = number + 1
    while end < len(lines) and end not in stops and is_teaser(lines[end]):
        end += 1
    run = list(lines[number + 1 : end])
    first, last = body_of(tuple(lines))
    if number >= last:
        return run
    if number < first:
        return _without_own_title(run, lines[end:])
    if end < len(lines) and lines[end].prose and _are_excerpts(lines, number):
        return list(lines[number + 1 :])
    if len(run) > 1 and end < len(lines):
        run = _without_own_title(run, lines[end : end + 1])
    return run if len(run) <= _MAX_INSET or _mostly_foreign(run, lines[:number]) else []


def _without_own_title(run: list[Line], after: Sequence[Line]) -> list[Line]:
    """Leave out the last headline of `run`, and what stands after it, where it belongs to the prose."""
    prose = "\n".join(line.text for line in after)
    for index in range(len(run) - 1, -1, -1):
        line = run[index]
        if not is_date_line(line) and kinship(line.text, prose) >= _OWN_TITLE:
            return [other for other in run[:index] if letters(other.text) != letters(line.text)]
    return run


def _are_excerpts(lines: Sequence[Line], number: int) -> bool:
    """Return whether headlines and short excerpts alternate from `lines[number + 1]` to the end of the text."""
    rest = lines[number + 1 :]
    if any(line.width > _EXCERPT_WIDTH for line in rest) or number < len(lines) // 4:
        return False
    headlines = [line for line in rest if line.headline]
    excerpts = [line for line in rest if line.prose]
    return 2 <= len(excerpts) <= len(headlines) and _mostly_foreign(headlines, lines[:number])


def _mostly_foreign(run: Sequence[Line], own: Sequence[Line]) -> bool:
    """Return whether three in four lines of `run` share few words with `own`."""
    text = "\n".join(line.text for line in own)
    return sum(kinship(line.text, text) < _OWN_TITLE for line in run) >= 0.75 * len(run)
