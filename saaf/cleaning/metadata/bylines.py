"""Authors in bylines: the labels of many languages, and what stands behind a name and is none.

"By Ann Example, Political Correspondent | 12 May 2024" names Ann Example. Organisations may be authors (agencies sign
articles), the page's own site and the accounts of content management systems may not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from saaf.cleaning.dates.calendars import date_words
from saaf.cleaning.dates.parser import find_date
from saaf.cleaning.dates.words import DATE_LABELS
from saaf.cleaning.metadata.byline_words import (
    BEFORE_DATE,
    BEFORE_INNER_LABEL,
    BEHIND_NAME,
    COMMA,
    COMMON_LABELS,
    CONJUNCTION,
    CONTROL_KEYS,
    DANGLING,
    FULL_STOP,
    GROUP_KEYS,
    INNER_LABEL,
    LABEL,
    LABEL_BEHIND,
    NAME_WORD,
    NUMBER_NEXT,
    PARTICLES,
    PICTURE,
    ROLE_KEYS,
    ROLE_SUFFIX,
    WITH_CAPITALS,
    WORD,
)
from saaf.cleaning.metadata.names import clean_author
from saaf.cleaning.text.folding import date_word_key, title_key

if TYPE_CHECKING:
    import regex

_MAX_LINE_CHARACTERS: Final = 200
_MAX_NAME_WORDS: Final = 5
_MAX_AUTHORS: Final = 20
_MAX_CASELESS_CHARACTERS: Final = 40
_MAX_HANDLE_CHARACTERS: Final = 30
_MIN_LABEL_LETTERS: Final = 6  # of a date's label that ends a name; shorter ones ("am", "stand") are words of names too
_MAX_BEFORE_INNER_LABEL: Final = 60
_QUESTIONS: Final = ("?", "!", "？", "！", "؟", "。", "।")


def is_name(text: str) -> bool:
    """Return whether a text has the shape of a person's or an organisation's name: up to five words, each with a
    capital where the script has capitals, none of them a role ("Editor") or a word of a page's controls ("Profile").
    """
    words = text.split()
    keys = [title_key(word) for word in words]
    if (
        text.endswith(_QUESTIONS)
        or not 1 <= len(words) <= _MAX_NAME_WORDS
        or any(key in ROLE_KEYS or not key for key in keys)
    ):
        return False
    if keys[0] in CONTROL_KEYS or (len(words) == 2 and words[0] == "The"):
        return False
    if len(words) == 1 and (keys[0] in GROUP_KEYS or date_word_key(text) in date_words()):
        return False
    if WITH_CAPITALS.search(text):
        capitals = [NAME_WORD.fullmatch(word) is not None for word in words]
        last_is_group = title_key(words[-1]) in GROUP_KEYS
        return (
            any(capitals)
            and (capitals[-1] or last_is_group)
            and all(
                is_capital or title_key(word) in PARTICLES
                for word, is_capital in zip(words[: len(words) - last_is_group], capitals, strict=False)
            )
        )
    letters = title_key(text)
    return bool(letters) and len(text) <= _MAX_CASELESS_CHARACTERS and not any(map(str.isdigit, letters))


def split_authors(text: str, site_keys: frozenset[str], *, is_list: bool = False) -> list[str]:
    """Return the names in a declared author or in a byline without its label, without roles, titles, dates and places
    behind them; empty where none is left.

    "A, B and C" is split where its parts have the shape of full names only. "A, B" is two authors where `is_list`:
    the value is made for machines; in a line, B is as often the place or the newspaper.
    """
    text = ROLE_SUFFIX.sub("", " ".join(text.split()))
    parts = [part for part in COMMA.split(text) if part]
    if len(parts) > 1 and _is_full_name(CONJUNCTION.split(parts[0])[0]):
        kept = [part for part in parts[1:] if all(map(_is_full_name, CONJUNCTION.split(part)))]
        is_list = is_list or len(parts) > 2 or CONJUNCTION.search(text) is not None
        parts = [parts[0], *(kept if is_list else [])]
    else:
        parts = [text]
    names: list[str] = []
    for part in parts:
        pieces = [piece for piece in CONJUNCTION.split(part) if piece]
        names += pieces if len(pieces) > 1 and all(map(_is_full_name, pieces)) else [part]
    cleaned = [name for each in names[:_MAX_AUTHORS] if (name := clean_author(ROLE_SUFFIX.sub("", each), site_keys))]
    return list(dict.fromkeys(cleaned))


def _is_full_name(text: str) -> bool:
    """Return whether a text is a name of two words or more, or of a script that writes names without spaces."""
    return is_name(text) and (" " in text.strip() or not WITH_CAPITALS.search(text))


def authors_of_byline(line: str, site_keys: frozenset[str]) -> list[str]:
    """Return the authors in a visible line ("By Ann Example | 14 December 2024"), empty where it is no byline."""
    if len(line) > _MAX_LINE_CHARACTERS:
        return []
    if behind := LABEL_BEHIND.fullmatch(line.strip()):
        return split_authors(behind["name"], site_keys) if is_name(behind["name"]) else []
    label = LABEL.match(line) or _label_inside(line)
    if label is None or PICTURE.search(line[: label.end()]):
        return []
    rest = line[label.end() :]
    name = cut_behind_name(rest)
    first = ROLE_SUFFIX.sub("", CONJUNCTION.split(COMMA.split(name)[0])[0])
    if not WITH_CAPITALS.search(name):
        return split_authors(name, site_keys) if is_name(first) and len(name) <= _MAX_CASELESS_CHARACTERS else []
    if " " in name:
        return split_authors(name, site_keys) if is_name(first) else []
    is_common = title_key(label[0]) in COMMON_LABELS
    may_be_name = is_name(first) and (not is_common or (name.isupper() and title_key(label[0]) == "by"))
    return split_authors(name, site_keys) if may_be_name or _is_handle(name, rest) else []


def _is_handle(name: str, rest: str) -> bool:
    """Return whether a single word behind a label is an account's name: `rest`, with which it begins, has a date."""
    is_long_enough = 2 < len(name) <= _MAX_HANDLE_CHARACTERS
    if not is_long_enough or title_key(name) in ROLE_KEYS | CONTROL_KEYS | GROUP_KEYS:
        return False
    return date_word_key(name) not in date_words() and find_date(rest, language=None, fetched_at=None) is not None


def names_below_label(line: str, site_keys: frozenset[str]) -> list[str]:
    """Return the authors in a line that follows a line with a byline's label, empty where it is no name."""
    name = cut_behind_name(line[:_MAX_LINE_CHARACTERS])
    return split_authors(name, site_keys) if is_name(COMMA.split(name)[0]) or is_name(name) else []


def _label_inside(line: str) -> regex.Match[str] | None:
    """Return the label of a byline behind its date, None where there is none."""
    label = INNER_LABEL.search(line[: _MAX_BEFORE_INNER_LABEL + 20])
    before = line[: label.start()] if label else ""
    is_dated = BEFORE_INNER_LABEL.match(before) or find_date(before, language=None, fetched_at=None)
    return label if is_dated else None


def is_byline_label(line: str) -> bool:
    """Return whether a line is a byline's label and nothing else: the name stands in the next line."""
    label = LABEL.match(line) if len(line) <= _MAX_HANDLE_CHARACTERS else None
    return label is not None and label.end() == len(line)


def cut_behind_name(text: str) -> str:
    """Return what stands before the first separator, date, preposition of an office, or label of a date."""
    text = text.strip()
    whole = text
    if cut := BEHIND_NAME.search(text, 1):
        text = text[: cut.start()]
    words = list(WORD.finditer(text))
    for word in words[1:]:
        if len(key := _date_key(word)) >= _MIN_LABEL_LETTERS and key in DATE_LABELS:
            text = text[: word.start()]
            break
    # "Ann April" is a name, "Ann Example April 5" has a date behind it.
    if NUMBER_NEXT.match(whole, len(text)):
        for word in reversed([word for word in words[1:] if word.end() <= len(text)]):
            if _date_key(word) not in date_words() and _date_key(word) not in BEFORE_DATE:
                break
            text = text[: word.start()]
    text = DANGLING.sub("", text).strip()
    return text[:-1] if FULL_STOP.search(text) else text


def _date_key(word: regex.Match[str]) -> str:
    return date_word_key(word[0]).strip(".")
