"""Findings of a verification: for each check how many things were looked at, and the problems that were found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

CHECKS = {
    "files": "each file is there, all but README.md as manifest.json has it, and no other in its directories",
    "names": "the files of each table are numbered through, 0 to N-1 of N, and lie where their language belongs",
    "schema": "each table has its columns, with their types, in all of its files",
    "order": "the rows of each table are sorted",
    "ledger": "each input is in the ledger once, in one state and, if it is not kept, with a reason",
    "counts": "the documents of data/, rejected/ and originals/ are those of the ledger, each once",
    "removals": "each text is the text as read less its removals",
    "duplicates": "each near-duplicate set aside has a kept document, and no two documents of a pair are kept",
}
"""What is checked, by the name of the check, in order."""

SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The result of a check: `checked` things were looked at, None where that could not be done.

    `problems` is the number of those that are not as they should be, `first` has sentences on the first of them.
    """

    name: str
    what: str
    checked: int | None
    problems: int
    first: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The results of all checks of a corpus; `remarks` are sentences on what is no problem."""

    checks: tuple[Check, ...]
    remarks: tuple[str, ...] = ()

    @property
    def problems(self) -> int:
        """The number of problems of all checks."""
        return sum(check.problems for check in self.checks)

    def to_json(self) -> dict[str, Any]:
        """Return the results as values of JSON."""
        return {
            "sound": not self.problems,
            "problems": self.problems,
            "checks": [asdict(one) for one in self.checks],
            "remarks": list(self.remarks),
        }


class Findings:
    """Collects what the checks find; a problem is counted, and only the first few of a check are kept."""

    def __init__(self) -> None:
        self._checked = dict.fromkeys(CHECKS, 0)
        self._problems = dict.fromkeys(CHECKS, 0)
        self._first: dict[str, list[str]] = {name: [] for name in CHECKS}
        self._skipped: set[str] = set()
        self._remarks: list[str] = []

    def checked(self, name: str, count: int = 1) -> None:
        """Count things that a check looked at."""
        self._checked[name] += count

    def problem(self, name: str, sentence: str) -> None:
        """Add a problem of a check."""
        self._problems[name] += 1
        if len(self._first[name]) < SHOWN:
            self._first[name].append(sentence)

    def remark(self, sentence: str) -> None:
        """Add what is to be said and is no problem."""
        self._remarks.append(sentence)

    def more(self, name: str, count: int) -> None:
        """Add problems of a check of which nothing is said."""
        self._problems[name] += count

    def wants(self, name: str) -> bool:
        """Return whether a sentence on a further problem of a check would be kept."""
        return len(self._first[name]) < SHOWN

    def skip(self, *names: str) -> None:
        """Note that checks could not be done."""
        self._skipped.update(names)

    def verification(self) -> Verification:
        """Return the results."""
        return Verification(
            checks=tuple(
                Check(
                    name=name,
                    what=what,
                    checked=None if name in self._skipped else self._checked[name],
                    problems=self._problems[name],
                    first=tuple(self._first[name]),
                )
                for name, what in CHECKS.items()
            ),
            remarks=tuple(self._remarks),
        )
