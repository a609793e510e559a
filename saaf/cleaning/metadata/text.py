"""Metadata of a plain text: from its headline, its labels ("Tags: …") and its date lines."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import regex

from saaf.cleaning.dates.date_lines import is_date_line
from saaf.cleaning.dates.parser import find_date
from saaf.cleaning.phrases.annotated_text import AnnotatedText
from saaf.cleaning.phrases.matcher import MatchForm, PhraseMatch, metadata_field
from saaf.cleaning.phrases.packs import Role
from saaf.cleaning.rules.appended import appended_start
from saaf.cleaning.rules.phrase_rules import is_removed_with_value
from saaf.cleaning.rules.teasers import teaser_run_after
from saaf.cleaning.text.copies import copy_key
from saaf.cleaning.text.lines import DATELINE, Line, word_overlap
from saaf.cleaning.text.normalise import phrase_key
from saaf.cleaning.types import Language, Metadata

_MIN_HEADLINE_WIDTH: Final = 12  # columns
_MIN_FIRST_LINE_WIDTH: Final = 20  # columns of a first line that is the headline without further evidence
_DATE_FIELDS: Final = frozenset({"published", "modified"})
_AFTER_NAME: Final = regex.compile(r"\s+[-–—|•·]\s*|\s*[|,،]\s*(?=\p{N})|\s+\p{N}")
_TAG_SEPARATOR: Final = regex.compile(r"[,،;؛|、，#/•·]+")
_MAX_TAG_WORDS: Final = 4
_MIN_WORD_OVERLAP: Final = 0.3  # with the prose: on the seeds, headlines share 0.5 to 1.0 of their words with it


def extract_text_metadata(text: AnnotatedText, *, language: Language, fetched_at: datetime | None) -> Metadata:
    """Return the metadata in the lines of a text: its headline, the values of its labels, and its date lines.

    Where a second article is appended, only the lines of the first are read. `language` decides the order of 4/5/2024;
    `fetched_at` bounds the dates, None: nothing does.
    """
    end = appended_start(text)
    found: dict[str, tuple[str, str]] = {}
    for line in text.lines:
        if end is not None and line.start >= end:
            break
        match = text.matches.get(line.number)
        field = metadata_field(match) if match and is_removed_with_value(match, text) else None
        if field and match:
            origin = f"label: {match.rule.id}"
            date = _find_any_date(match.rest, language, fetched_at)
            if field in _DATE_FIELDS or (field == "author" and date):
                found.setdefault("published" if field == "author" else field, (date or "", origin))
            if field not in _DATE_FIELDS:
                name = _AFTER_NAME.split(match.rest)[0] if field == "author" else match.rest
                found.setdefault(field, (name.rstrip(". "), origin))
        elif line.number < text.first and is_date_line(line):
            date = _find_any_date(line.text, language, fetched_at)
            if date:
                found.setdefault("published", (date, "date line"))
    if title := find_headline(text):
        found["title"] = (title, "first line" if title == text.lines[0].text.strip() else "headline line")
    found = {field: value for field, value in found.items() if value[0]}
    tags = split_tags(found["tags"][0], text.text) if "tags" in found else ()
    return Metadata(
        title=_value_of(found, "title"),
        author=_value_of(found, "author"),
        published=_value_of(found, "published"),
        modified=_value_of(found, "modified"),
        section=_value_of(found, "section"),
        source=_value_of(found, "source"),
        tags=tags,
        origins=tuple((field, origin) for field, (_, origin) in sorted(found.items())),
    )


def _find_any_date(text: str, language: Language, fetched_at: datetime | None) -> str | None:
    """Return the date in `text` in the document's language, else in any language: sites mix them."""
    codes = (language.code, None)
    return next(filter(None, (find_date(text, language=code, fetched_at=fetched_at) for code in codes)), None)


def _value_of(found: Mapping[str, tuple[str, str]], field: str) -> str | None:
    return found[field][0] if field in found else None


def find_headline(text: AnnotatedText) -> str | None:
    """Return the headline among the lines before the prose, None where no line has enough evidence.

    Evidence is that the line is printed twice, that it shares 30 % of its words with the prose, or that it is the very
    first line and at least 20 columns wide.
    """
    openings = [
        n for n, match in text.matches.items() if n < text.first and match.rule.role in {Role.HEADING, Role.CUE}
    ]
    labels = {number for number, match in text.matches.items() if not _opens_with_ordinary_word(match)}
    labelled = {*labels, *(teaser.number for number in openings for teaser in teaser_run_after(text, number))}
    head = [line for line in text.lines[: text.first] if _may_be_headline(line) and line.number not in labelled]
    copies = Counter(copy_key(line.text) for line in head)
    for line in head:
        opens_text = line.number == 0 and line.width >= _MIN_FIRST_LINE_WIDTH
        if opens_text or copies[copy_key(line.text)] > 1 or word_overlap(line, text.prose_words) >= _MIN_WORD_OVERLAP:
            return line.text.strip()
    return None


def _opens_with_ordinary_word(match: PhraseMatch) -> bool:
    """Return whether a line is the first and only begins with the word of a label: "كتب" is "wrote" and "books" too."""
    label = phrase_key(match.line.text[: match.value])
    return match.form is MatchForm.BARE and match.line.number == 0 and label in match.rule.ordinary


def _may_be_headline(line: Line) -> bool:
    has_shape = line.headline and not line.truncated and line.words > 1 and line.width >= _MIN_HEADLINE_WIDTH
    return has_shape and not is_date_line(line) and not DATELINE.fullmatch(line.text)


def split_tags(value: str, text: str) -> tuple[str, ...]:
    """Return the tags in the `value` of a tag line, without repeats.

    They are split at separators; where there are none, into the longest sequences of up to four words that also stand
    elsewhere in `text`, and single words.
    """
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
