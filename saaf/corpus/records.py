"""A record: one input of a build, a page or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from saaf.cleaning.types import Page
    from saaf.corpus.ledger import Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One input: a page, or why there is none.

    `key` names it in the ledger; `file_path` is the file it came from, relative to what was given.
    """

    key: str
    file_path: str
    page: Page | None = None
    failure: Failure | None = None
