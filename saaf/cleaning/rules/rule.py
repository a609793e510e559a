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
    """A way to find residue. A published `id` never changes its meaning.

    `find(document, text)` yields spans of the document as it stands (what is already removed is not part of it); `text`
    is its text with the lines, the prose and the phrases found in it. `removes` and `keeps` are whole example texts:
    `find` must remove something from each of the first and nothing from any of the second; a test replays them and the
    reference page is generated from them. A rule that is `by_label` finds nothing but labels of its own id
    (`AnnotatedText.by_rule`): where the text has none it is not asked.
    """

    id: str
    why: str
    find: Callable[[Document, AnnotatedText], Iterable[Removal]] = field(repr=False)
    removes: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    by_label: bool = False
