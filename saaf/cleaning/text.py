"""Text whose markup somebody else took away to a document: lines are blocks, and labels in them are metadata."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

import regex

from saaf.cleaning.dates import find_date
from saaf.cleaning.decode import decode
from saaf.cleaning.identity import document_id, site_of
from saaf.cleaning.language import identify
from saaf.cleaning.lines import DATELINE, Line, kinship
from saaf.cleaning.normalise import letters
from saaf.cleaning.packs import Role
from saaf.cleaning.rules.appended import appended_start
from saaf.cleaning.rules.dates import is_date_line
from saaf.cleaning.rules.marks import metadata_field
from saaf.cleaning.rules.phrases import goes_with_value
from saaf.cleaning.rules.teasers import run_after
from saaf.cleaning.rules.view import View, view_of
from saaf.cleaning.types import Block, Document, Kind, Language, Metadata, Page, Track
from saaf.cleaning.whole_page import WHOLE_PAGE, is_whole_page

_LINE_BREAK: Final = regex.compile(r"\r+\n")
_LIST_ITEM: Final = regex.compile(r"\s*(?:[-*•·▪‣◦–—]|\p{Nd}{1,3}[.)])\s+\S")
_MIN_TITLE_WIDTH: Final = 12
_SURE_WIDTH: Final = 20
_DATES: Final = frozenset({"published", "modified"})
_AFTER_NAME: Final = regex.compile(r"\s+[-–—|•·]\s*|\s*[|,،]\s*(?=\p{N})|\s+\p{N}")
_TAG_SEPARATOR: Final = regex.compile(r"[,،;؛|、，#/•·]+")
_MAX_TAG_WORDS: Final = 4
_AKIN: Final = 0.3  # on the seeds, headlines share 0.5 to 1.0 of their words with their article


def read_text(page: Page) -> Document:
    """Return the document of a page of plain text. Raises Unreadable where its bytes are no text."""
    decoded = decode(page.body, page.header("content-type"))
    flags = ("encoding_damaged",) if decoded.problem else ()
    document = document_of(decoded.text, url=page.url, fetched_at=page.fetched_at)
    return replace(document, flags=(*flags, *document.flags))


def document_of(text: str, *, url: str | None = None, fetched_at: datetime | None = None) -> Document:
    """Return the document of `text`: line breaks as "\\n", without NUL, otherwise unchanged; a block per line."""
    text = _LINE_BREAK.sub("\n", text.replace("\0", ""))
    lines = view_of(text).lines
    language = identify(text)
    return Document(
        id=document_id(url, text),
        url=url,
        site=site_of(url),
        track=Track.TEXT,
        language=language,
        metadata=text_metadata(text, language=language, fetched_at=fetched_at),
        text=text,
        blocks=tuple(Block(start=line.start, end=line.end, kind=_kind(line, lines)) for line in lines),
        flags=(WHOLE_PAGE,) if is_whole_page(view_of(text)) else (),
    )


def _kind(line: Line, lines: tuple[Line, ...]) -> Kind:
    if _LIST_ITEM.match(line.text):
        return Kind.LIST_ITEM
    after = lines[line.number + 1] if line.number + 1 < len(lines) else None
    return Kind.HEADING if line.headline and after is not None and after.prose else Kind.PARAGRAPH


def text_metadata(text: str, *, language: Language, fetched_at: datetime | None) -> Metadata:
    """Return what the lines of `text` say of it: its headline, the values behind labels, a line that is a date.

    Only the first article counts where a second one is appended.
    """
    view = view_of(text)
    end = appended_start(text)
    found: dict[str, tuple[str, str]] = {}
    for line in view.lines:
        if end is not None and line.start >= end:
            break
        mark = view.marks.get(line.number)
        field = metadata_field(mark) if mark and goes_with_value(mark, view) else None
        if field and mark:
            where = f"label: {mark.rule.id}"
            date = _date(mark.rest, language, fetched_at)
            if field in _DATES or (field == "author" and date):
                found.setdefault("published" if field == "author" else field, (date or "", where))
            if field not in _DATES:
                name = _AFTER_NAME.split(mark.rest)[0] if field == "author" else mark.rest
                found.setdefault(field, (name.rstrip(". "), where))
        elif line.number < view.first and is_date_line(line):
            date = _date(line.text, language, fetched_at)
            if date:
                found.setdefault("published", (date, "date line"))
    if title := headline_of(view):
        found["title"] = (title, "first line" if title == view.lines[0].text.strip() else "headline line")
    found = {field: value for field, value in found.items() if value[0]}
    tags = split_tags(found["tags"][0], text) if "tags" in found else ()
    return Metadata(
        title=_value(found, "title"),
        author=_value(found, "author"),
        published=_value(found, "published"),
        modified=_value(found, "modified"),
        section=_value(found, "section"),
        source=_value(found, "source"),
        tags=tags,
        origins=tuple((field, where) for field, (_, where) in sorted(found.items())),
    )


def _date(text: str, language: Language, fetched_at: datetime | None) -> str | None:
    """Return the date in `text`, in the language of the document or, for sites are mixed, in any other."""
    codes = (language.code, None)
    return next(filter(None, (find_date(text, language=code, fetched_at=fetched_at) for code in codes)), None)


def _value(found: Mapping[str, tuple[str, str]], field: str) -> str | None:
    return found[field][0] if field in found else None


def headline_of(view: View) -> str | None:
    """Return the headline among the lines before the prose, None where there is none to be sure of.

    It is printed twice, or shares its words with the prose, or is the very first line and long enough.
    """
    openers = [n for n, mark in view.marks.items() if n < view.first and mark.rule.role in {Role.HEADING, Role.CUE}]
    others = {*view.marks, *(teaser.number for number in openers for teaser in run_after(view, number))}
    head = [line for line in view.lines[: view.first] if _may_be_headline(line) and line.number not in others]
    copies = Counter(letters(line.text) for line in head)
    for line in head:
        sure = line.number == 0 and line.width >= _SURE_WIDTH
        if sure or copies[letters(line.text)] > 1 or kinship(line, view.words()) >= _AKIN:
            return line.text.strip()
    return None


def _may_be_headline(line: Line) -> bool:
    shape = line.headline and not line.cut and line.words > 1 and line.width >= _MIN_TITLE_WIDTH
    return shape and not is_date_line(line) and not DATELINE.fullmatch(line.text)


def split_tags(value: str, text: str) -> tuple[str, ...]:
    """Return the tags of a tag line. Where nothing parts them, the longest runs of words used in the text are tags."""
    if _TAG_SEPARATOR.search(value):
        return tuple(dict.fromkeys(tag.strip() for tag in _TAG_SEPARATOR.split(value) if tag.strip()))
    words = value.split()
    body = text.replace(value, "\n")
    tags = []
    position = 0
    while position < len(words):
        size = next((n for n in range(_MAX_TAG_WORDS, 1, -1) if " ".join(words[position : position + n]) in body), 1)
        tags.append(" ".join(words[position : position + size]))
        position += size
    return tuple(dict.fromkeys(tags))
