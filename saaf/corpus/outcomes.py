"""What a build knows of a document while it decides on it, and the state that the document ends in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from saaf.corpus.ledger import State


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSummary:
    """What must be known of a document to decide on it; its texts are row `number` of the spool."""

    number: int
    key: str
    file_path: str
    id: str
    url: str | None
    site: str
    language: str
    script: str
    fetched_at: datetime | None
    tokens: int
    characters: int
    removed: int
    quality: tuple[float, ...]

    @property
    def order(self) -> tuple[str, str, str]:
        """Where the document stands in the tables."""
        return (self.url or "", self.id, self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The state a document ends in, why, and the id of the document it repeats."""

    state: State
    reason: str = ""
    duplicate_of: str | None = None
