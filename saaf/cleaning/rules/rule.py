"""A rule: a function that finds residue, with why it removes and examples of what it removes and keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from saaf.cleaning.phrases.annotated_text import AnnotatedText
    from saaf.cleaning.types import Document, Removal


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule: finds residue in a text. A published `id` never changes its meaning.

    `find(document, text)` yields spans of the document as it stands (what is already removed is not part of it); `text`
    is its text with the lines, the prose and the phrases found in it. `removes` and `keeps` are whole example texts:
    `find` must remove something from each of the first and nothing from any of the second; a test replays them and the
    reference page is generated from them. `requires_phrase`: `find` yields spans only where the text has a phrase or
    statement of the rule's own id (`AnnotatedText.by_rule`); on any other text it is not called.
    """

    id: str
    why: str
    find: Callable[[Document, AnnotatedText], Iterable[Removal]] = field(repr=False)
    removes: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    requires_phrase: bool = False
