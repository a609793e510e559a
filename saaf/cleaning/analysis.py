"""The analysis of a page: what reading worked out and cleaning needs again, handed on in one immutable value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from saaf.cleaning.model.analysis import BlockAnalysis
    from saaf.cleaning.phrases.annotated_text import AnnotatedText
    from saaf.cleaning.types import Block, Document, Metadata


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PageAnalysis:
    """What was worked out about a document (`Document.analysis`).

    `text`, `blocks` and `metadata` are the document's own, by which a changed document is told from the one analysed.
    `annotated` is the annotated text of a document of the text track, `classified` the analysis of the blocks of an
    HTML document; None where reading had no need of it.
    """

    text: str = field(repr=False)
    blocks: tuple[Block, ...] = field(repr=False)
    metadata: Metadata = field(repr=False)
    annotated: AnnotatedText | None = field(default=None, repr=False)
    classified: BlockAnalysis | None = field(default=None, repr=False)

    def describes(self, document: Document) -> bool:
        """Return whether the analysis was made of this text, these blocks and this metadata."""
        # By identity: to compare thousands of blocks takes as long as to analyse them.
        return document.text is self.text and document.blocks is self.blocks and document.metadata is self.metadata

    def __reduce__(self) -> tuple[Callable[[], None], tuple[()]]:
        """Leave the analysis out of a pickle: to send it to another process takes longer than to make it there."""
        return _none, ()


def _none() -> None:
    return None


def analysis_of(document: Document) -> PageAnalysis:
    """Return the analysis that was handed on with a document, an empty one where there is none or it is out of date."""
    handed_on = document.analysis
    if isinstance(handed_on, PageAnalysis) and handed_on.describes(document):
        return handed_on
    return PageAnalysis(text=document.text, blocks=document.blocks, metadata=document.metadata)
