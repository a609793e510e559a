"""The progress of a build or another long command: counts, rate and time to go, as a line for a log."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from saaf.corpus.settings import Progress

LINE_INTERVAL = 60.0
"""Seconds between two lines of progress where there is no terminal."""
STEP_UNITS = {
    "reading": "parts of the inputs",
    "reading and cleaning": "parts of the inputs",
    "comparing the pages of each site": "documents",
    "counting": "documents",
    "filtering": "documents",
    "comparing documents": "parts",
    "writing the corpus": "rows",
}
"""What the steps of a build count. The number of documents is known when all inputs are read."""


class StepMeter:
    """Measures the step of a command that is under way: its rate, and the time that is left.

    What was done before the step began, by a command that was killed, is no part of the rate.
    """

    def __init__(self, step: str, now: float) -> None:
        self.step = step
        self.done = 0
        self.total: int | None = None
        self._first, self._started = 0, now

    def update(self, step: str, done: int, total: int | None, now: float) -> bool:
        """Take in that `done` of `total` (None where unknown) are done at a time in seconds; return whether a step
        begins.
        """
        begins = step != self.step or done < self.done
        if begins:
            self.step, self._first, self._started = step, done, now
        self.done, self.total = done, total
        return begins

    def words(self, now: float) -> str:
        """Return rate and time to go, or the time so far where nothing is known of the rest."""
        elapsed, new = now - self._started, self.done - self._first
        if elapsed <= 0 or not new:
            return f"{format_duration(elapsed)} so far" if elapsed >= 1 else ""
        rate = new / elapsed
        parts = [f"{rate:,.1f} a second" if rate >= 1 else f"{rate * 60:.1f} a minute"]
        if self.total is not None and self.total > self.done:
            parts.append(f"about {format_duration((self.total - self.done) / rate)} to go")
        return ", ".join(parts)

    @property
    def unit(self) -> str:
        """What the step counts, "" where its name says that."""
        return STEP_UNITS.get(self.step, "")

    def line(self, now: float) -> str:
        """Return step, counts, rate and time to go on a line, for a log."""
        counts = "" if not self.done and not self.total else f" {self.done:,}"
        of = f" of {self.total:,}" if self.total is not None and counts else ""
        unit = f" {self.unit}" if counts and self.unit else ""
        words = self.words(now)
        return f"{self.step}{counts}{of}{unit}{', ' if words else ''}{words}"


@contextmanager
def progress_lines(
    meter: StepMeter, write: Callable[[str], None], interval: float = LINE_INTERVAL
) -> Iterator[Progress]:
    """Yield the function that progress is reported to, and write a line of it every `interval` seconds meanwhile."""
    ended = threading.Event()

    def write_lines() -> None:
        while not ended.wait(interval):
            write(meter.line(time.monotonic()))

    thread = threading.Thread(target=write_lines, daemon=True)
    thread.start()
    try:
        yield lambda step, done, total: _update(meter, step, done, total)
    finally:
        ended.set()
        thread.join()


def _update(meter: StepMeter, step: str, done: int, total: int | None) -> None:
    meter.update(step, done, total, time.monotonic())


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun: "1 page", "1,234 pages"; `plural` is the noun with an s where None.

    >>> counted(1, "page"), counted(0, "page"), counted(1234, "entry", "entries")
    ('1 page', '0 pages', '1,234 entries')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def format_duration(seconds: float) -> str:
    """Return a length of time in its largest unit, rounded: "40 s", "12 min", "3 h", "5 days"."""
    for unit, length, limit in (("s", 1, 90), ("min", 60, 90 * 60), ("h", 3600, 48 * 3600)):
        if seconds < limit:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds / 86400:.0f} days"
