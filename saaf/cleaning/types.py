"""Data types of cleaning: `Page` as captured, `Document` as read, `CleanDocument` with its removals.

Every offset is in code points into `Document.text`; every interval is half-open, `[start, end)`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from saaf.cleaning.page_types import PageSignals
    from saaf.cleaning.structure import Structure


FLAGS: Final = {
    "all_residue": "the rules would have removed everything; their removals were dropped",
    "appended:ID": "the article of another page, with this id, was cut from its end",
    "appended_to:ID": "it was printed after the article with this id",
    "body_from_json": "its text was found in the data of a script, not in what the page shows",
    "body_from_json_ld": "its text was found in JSON-LD",
    "body_from_noscript": "its text was found in a noscript element",
    "body_from_template": "its text was found in a template element",
    "control_characters_removed": "control characters (NUL, U+0096, U+FFFE, a directional embedding without its end …) "
    "were removed, or replaced by the character that was meant",
    "encoding_damaged": "some bytes are no characters of its encoding (U+FFFD in the text), or characters were encoded "
    "twice and repaired",
    "encoding_guessed": "no encoding was declared, or the declared one does not fit its bytes; one that fits was used",
    "joined": "it is an article of several pages, whose texts follow each other",
    "joined_incomplete": "a later page of it is missing, or repeats the others: it is joined as far as it goes",
    "known_template": "it was cleaned by the template of its site alone",
    "methods_disagree": "the methods differ about what its content is, or no block was surely content",
    "nesting_flattened": "its elements were nested too deep, and were flattened",
    "pack_not_applied": "a language pack of yours for its language has a fault, and was not applied: the build said "
    "which, and what to do",
    "site_profile_not_applied": "the second pass failed, and residue of its site may be left: the summary of the build "
    "has the reason",
    "too_large_for_votes": "it is too large for the extractors; text density decided with the classifier",
    "trailing_data": "bytes after the end of its compressed body were left out",
    "truncated": "its body was cut off, or is damaged: what there is was kept",
    "url_from:ORIGIN": "it was saved without its address, which is from ORIGIN: sidecar (a file beside it), attribute "
    "(of the file), saved_from, httrack or singlefile (comments of programs that save pages), canonical, og:url, or "
    "path (its place below a directory named like a host)",
    "whole_page": "a text with the menus or footers of a page",
}
"""The flags of documents, and what each says; ID stands for a document's id, ORIGIN for one of the words."""


class Unreadable(Exception):  # noqa: N818  (a state of a page, named as the ledger names it)
    """A page that cannot become a document; the message says what was wrong and what to do."""


class Track(StrEnum):
    """Which of the two readers made a document."""

    HTML = "html"
    TEXT = "text"


class Kind(StrEnum):
    """The kind of a block. The text track has only HEADING, PARAGRAPH and LIST_ITEM."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    QUOTE = "quote"
    TABLE_ROW = "table_row"
    CAPTION = "caption"
    CODE = "code"
    FORM = "form"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One captured response, or one text that somebody else extracted.

    `url` is None where the origin is unknown. `headers` keep the order and spelling of the wire. `status` is the HTTP
    status, 200 for a page that did not come over HTTP. `fetched_at` is timezone-aware, None where unknown: it is the
    only "now" that cleaning ever sees. `flags` say what was odd about capturing or reading it ("truncated"); its
    document has them too.
    """

    url: str | None
    body: bytes = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    status: int = 200
    fetched_at: datetime | None = None
    flags: tuple[str, ...] = ()

    def header(self, name: str) -> str | None:
        """Return the first value of a header, case-insensitively, or None."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A language: ISO 639-1 `code` ("hi"; ISO 639-3 where there is no shorter one; "und" where unknown), ISO 15924
    `script` ("Deva"; "Zyyy" where the text has no letters), `score` in [0, 1]: how probable that is.

    `guesses` are codes and scores of what the text may be in, the best first, where `code` is "und"; else there are
    none.
    """

    code: str
    script: str
    score: float
    guesses: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """Metadata that a page states about itself; None or () where it states none: never invented.

    `published` and `modified` are ISO 8601 dates or date-times as precise as the page gives them. `origins` holds
    `(field, where)` pairs, e.g. `("published", "json-ld")`, for each field that is set.
    """

    title: str | None = None
    author: str | None = None
    published: str | None = None
    modified: str | None = None
    site_name: str | None = None
    section: str | None = None
    source: str | None = None
    tags: tuple[str, ...] = ()
    canonical_url: str | None = None
    licence: str | None = None
    origins: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """One method's opinion of a block: `keep` in [0, 1], 1 means content."""

    method: str
    keep: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph of `Document.text`, `[start, end)`, without the line break that follows it.

    `path` is the tag path with ids and classes ("html/body/div#main.post/p"), "" in the text track. `link_density` is
    the share of the block's letters that stand inside links, in [0, 1]. `after_image`: an image stands between this
    block and the one before it. `votes` is empty in the text track.
    """

    start: int
    end: int
    kind: Kind = Kind.PARAGRAPH
    path: str = ""
    link_density: float = 0.0
    after_image: bool = False
    votes: tuple[Vote, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsSignal:
    """A statement of a publisher about uses of a page, as it stood: `source` says where, `value` what.

    `agent` is the robot it is addressed to, a product token in lower case, None for all. `train` and `search` are True
    where the use is allowed, False where it is reserved, None where the signal does not say. `licence` is the URL of a
    licence, None where it names none.
    """

    source: str
    value: str
    agent: str | None = None
    train: bool | None = None
    search: bool | None = None
    licence: str | None = None

    def __str__(self) -> str:
        """Return "source: value"."""
        return f"{self.source}: {self.value}"


class Analysis(Protocol):
    """The analysis of a document, made by a reader and used by cleaning: `saaf.cleaning.analysis.PageAnalysis`."""

    def describes(self, document: Document) -> bool:
        """Return whether the analysis was made of this text, these blocks and this metadata, not of older ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A page read, before cleaning. `text` is the text of all blocks, menus and footers included.

    `id` is 16 lower-case hex digits: of the canonical URL, or of the content where there is no URL. `site` is the host
    name without "www.", "" where there is no URL. `analysis` is the reader's analysis of it, None where there is none
    (a document from a file or another process): cleaning then makes it. `flags` are keys of `FLAGS`. `rights` are the
    signals that its HTML states, those to other robots too. `signals` are what its HTML says of its type, None in the
    text track. `structure` is that of the blocks, and the links, emphasis and images in the text; None where it was not
    asked for.
    """

    id: str
    url: str | None
    site: str
    track: Track
    language: Language
    metadata: Metadata
    text: str = field(repr=False)
    blocks: tuple[Block, ...] = field(repr=False)
    flags: tuple[str, ...] = ()
    rights: tuple[RightsSignal, ...] = field(default=(), repr=False)
    signals: PageSignals | None = field(default=None, repr=False)
    analysis: Analysis | None = field(default=None, repr=False, compare=False)
    structure: Structure | None = field(default=None, repr=False, compare=False)

    def __hash__(self) -> int:
        """Equal documents hash alike; the hash of thousands of blocks would take as long as reading them."""
        return hash((self.id, self.text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A span `[start, end)` of `Document.text` that is not content, with the id of the rule that found it and a `score`
    in (0, 1], 1 for the most certain.
    """

    start: int
    end: int
    rule: str
    score: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanDocument:
    """A document and the spans removed from it; `removals` are sorted, none is empty, and none overlap.

    `first_decision` are the removals before the site's profile is applied: those of the block decision on HTML, of the
    rules on plain text; None where that is not known. `saaf.cleaning.pipeline.apply_profile` goes on from there.
    `extraction_quality` is the F1 of the words, in [0, 1] with four digits, that the block classifier expects of its
    own decision; None where it made none: on plain text, and where the template of the site decided.
    `page_type` is the type of the page, a key of `saaf.cleaning.page_types.PAGE_TYPES`, and `page_type_score` how
    probable it is, in [0, 1]; both None of plain text.
    """

    document: Document
    removals: tuple[Removal, ...]
    flags: tuple[str, ...] = ()
    first_decision: tuple[Removal, ...] | None = field(default=None, repr=False, compare=False)
    extraction_quality: float | None = None
    page_type: str | None = None
    page_type_score: float | None = None

    @property
    def text(self) -> str:
        """The document's text less the removals: nothing else is changed."""
        return apply_removals(self.document.text, self.removals)


def apply_removals(text: str, removals: Iterable[Removal]) -> str:
    """Return `text` without the spans of `removals`, which are sorted and do not overlap."""
    kept: list[str] = []
    position = 0
    for removal in removals:
        kept.append(text[position : removal.start])
        position = removal.end
    kept.append(text[position:])
    return "".join(kept)
