"""The summary of a document that a build decides by, and the outcome: the state that the document ends in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from saaf.corpus.ledger import State


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSummary:
    """What a build keeps in memory of a document, about 1 KB; its texts are row `number` of all partitions.

    `key` and `file_path` are those of its `Record`; `url` and `fetched_at` are None where unknown. `tokens` counts the
    words of the clean text (characters in scripts without spaces), `characters` the code points of the text as read,
    `removed` those that cleaning took out. `quality` is what `saaf.corpus.selection.quality` returns. `reservation` is
    the reason where its publisher reserves it from training, None where that is not so. `id` may be that of a table:
    then `capture` is our own, else None. `page_type` and `page_type_score` are those of its page, None where it has
    none; `states_article`: the page states that it is one article, `is_dated`: it has a headline and a date.
    """

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
    reservation: str | None = None
    capture: str | None = None
    page_type: str | None = None
    page_type_score: float | None = None
    states_article: bool = False
    is_dated: bool = False

    @property
    def capture_id(self) -> str:
        """Our own id, which captures of one URL share."""
        return self.capture or self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The state a document ends in.

    `reason` is "" for kept documents only. `duplicate_of` is the id of the document that is kept instead, None where
    there is none.
    """

    state: State
    reason: str = ""
    duplicate_of: str | None = None
