"""The guard of a task's records: each is read or cleaned under limits, and one that ends the process fails alone.

A process that runs a task notes which record it works on. Where that record ends the process, its parent starts the
task again in another one, with the failure of that record; what was done before it is in the task's files.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from saaf.corpus.page_tasks import attempt
from saaf.corpus.process_limits import enforced

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from saaf.corpus.ledger import Failure
    from saaf.corpus.process_limits import Limits

Value = TypeVar("Value")


class Note(Protocol):
    """One number that the parent process can read."""

    value: int


class PageGuard:
    """Calls functions for the records of a task, under limits.

    `limits` is None for none, `note` where the number of the record is written, 0 while there is none. `failures` are
    those of records that ended a process before, by number.
    """

    def __init__(
        self, limits: Limits | None = None, note: Note | None = None, failures: Mapping[int, Failure] | None = None
    ) -> None:
        self._limits = limits
        self._note = note
        self._failures = failures or {}

    def call(self, number: int, function: Callable[[], Value | Failure], url: str | None) -> Value | Failure:
        """Return what `function` returns for record `number`, from 1, or the failure of the record.

        `url` is that of the record, for the failure. What the function raises is a failure.
        """
        if number in self._failures:
            return replace(self._failures[number], url=url)
        self._set(number)
        try:
            with enforced(self._limits) if self._limits else nullcontext():
                return attempt(function, url)
        finally:
            self._set(0)

    def _set(self, number: int) -> None:
        if self._note is not None:
            self._note.value = number
