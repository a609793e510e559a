"""Metadata of a plain text: its headline, the values behind labels, a line that is a date."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import regex

from saaf.cleaning.dates.date_lines import is_date_line
from saaf.cleaning.dates.parser import find_date
from saaf.cleaning.phrases.annotated_text import AnnotatedText, annotate
from saaf.cleaning.phrases.matcher import metadata_field
from saaf.cleaning.phrases.packs import Role
from saaf.cleaning.rules.appended import appended_start
from saaf.cleaning.rules.phrase_rules import goes_with_value
from saaf.cleaning.rules.teasers import run_after
from saaf.cleaning.text.lines import DATELINE, Line, word_overlap
from saaf.cleaning.text.normalise import headline_key
from saaf.cleaning.types import Language, Metadata

_MIN_TITLE_WIDTH: Final = 12

_SURE_WIDTH: Final = 20

_DATES: Final = frozenset({"published", "modified"})

_AFTER_NAME: Final = regex.compile(r"\s+[-–—|•·]\s*|\s*[|,،]\s*(?=\p{N})|\s+\p{N}")

_TAG_SEPARATOR: Final = regex.compile(r"[,،;؛|、，#/•·]+")

_MAX_TAG_WORDS: Final = 4

_AKIN: Final = 0.3  # on the seeds, headlines share 0.5 to 1.0 of their words with their article


def extract_text_metadata(text: str, *, language: Language, fetched_at: datetime | None) -> Metadata:
    """Return what the lines of `text` say of it: its headline, the values behind labels, a line that is a date.

    Only the first article counts where a second one is appended.
    """
    view = annotate(text)
    end = appended_start(text)
    found: dict[str, tuple[str, str]] = {}
    for line in view.lines:
        if end is not None and line.start >= end:
            break
        mark = view.matches.get(line.number)
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
    if title := find_headline(view):
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


def find_headline(view: AnnotatedText) -> str | None:
    """Return the headline among the lines before the prose, None where there is none to be sure of.

    It is printed twice, or shares its words with the prose, or is the very first line and long enough.
    """
    openers = [n for n, mark in view.matches.items() if n < view.first and mark.rule.role in {Role.HEADING, Role.CUE}]
    others = {*view.matches, *(teaser.number for number in openers for teaser in run_after(view, number))}
    head = [line for line in view.lines[: view.first] if _may_be_headline(line) and line.number not in others]
    copies = Counter(headline_key(line.text) for line in head)
    for line in head:
        sure = line.number == 0 and line.width >= _SURE_WIDTH
        if sure or copies[headline_key(line.text)] > 1 or word_overlap(line, view.words()) >= _AKIN:
            return line.text.strip()
    return None


def _may_be_headline(line: Line) -> bool:
    shape = line.headline and not line.truncated and line.words > 1 and line.width >= _MIN_TITLE_WIDTH
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
