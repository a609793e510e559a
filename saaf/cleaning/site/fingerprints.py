"""Fingerprints and digests of lines: equal on all pages of a site although numbers, dates and names differ."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import regex

from saaf.cleaning.dates.calendars import date_words
from saaf.cleaning.text.copies import copy_key
from saaf.cleaning.text.folding import date_word_key
from saaf.cleaning.text.normalise import phrase_key
from saaf.cleaning.text.scripts import UNSPACED_CHARACTER
from saaf.cleaning.text.urls import digest_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_READABLE_CHARACTERS: Final = 120  # of a fingerprint; the rest of a longer line adds a digest to it
_MAX_DIGEST_CHARACTERS: Final = 2000  # of a paragraph that its digest depends on
_WORD: Final = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_LABEL: Final = regex.compile(r"^\s*([^:：|｜]{1,30}?)\s*[:：|｜]\s*\S")
_HEAD_CHARACTERS: Final = 80
_WHOLE_WORDS: Final = 4  # so many words in the head, then the first three are whole: a number among them masks names
_MAX_BEGINNING_CHARACTERS: Final = 240  # of a line that has a beginning
_SCRIPT_SAMPLE_CHARACTERS: Final = 40  # of a line, in which letters of a script without spaces are searched
_MAX_BEGINNING_WORDS: Final = 14  # of such a line: bylines, photo credits, "Continue reading ..."; else a sentence
_BEGINNING_WORDS: Final = 2
_DATE_REACH: Final = 2  # words from a number to a name of a month or weekday: "Monday, the 3rd of March"
_DIGITS: Final = regex.compile(r"\p{Nd}+")
_NUMBER: Final = regex.compile(r"\p{N}")


@lru_cache(maxsize=8192)
def fingerprint(line: str) -> str:
    """Return the form of `line` in which copies of it on other pages are equal, "" where it has no letters or digits.

    Case, accents, letter variants and punctuation do not count. A number is "0", and so is a date of numbers and names
    of months or weekdays in any of fifty languages. Readable; the end of a long line is replaced by a digest of the
    whole.
    """
    words = _WORD.findall(phrase_key(line)) or _WORD.findall(_DIGITS.sub("0", line))
    date_names = date_words() if "0" in words else frozenset[str]()
    masked_words: list[str] = []
    for index, word in enumerate(words):
        is_near_number = "0" in words[max(0, index - _DATE_REACH) : index + _DATE_REACH + 1]
        masked = "0" if is_near_number and date_word_key(word) in date_names else word
        if masked != "0" or masked_words[-1:] != ["0"]:
            masked_words.append(masked)
    text = " ".join(masked_words)
    if len(text) <= _READABLE_CHARACTERS:
        return text
    return f"{text[:_READABLE_CHARACTERS]}… {digest_of(text, 8)}"


def first_word(line: str) -> str | None:
    """Return the first word of the `fingerprint` and of the `beginning` of a line, None where the head of the line does
    not determine it.

    A prefilter: where no known line has this first word, the fingerprint need not be computed.
    """
    words = _WORD.findall(phrase_key(line[:_HEAD_CHARACTERS]))
    if len(words) < _WHOLE_WORDS or "0" in words[:_WHOLE_WORDS]:
        return None
    label = _LABEL.match(line)
    return None if label and _NUMBER.search(label[1]) else str(words[0])


@lru_cache(maxsize=8192)
def beginning(line: str) -> str:
    """Return the fingerprint of the constant beginning of a short line whose rest is a name or a title.

    It is the label before a colon or a bar, else the first two words. "" for a line that is long, has nothing after
    the beginning, or has no spaces between words.
    """
    if label := _LABEL.match(line):
        return fingerprint(label[1])
    if len(line) > _MAX_BEGINNING_CHARACTERS or UNSPACED_CHARACTER.search(line[:_SCRIPT_SAMPLE_CHARACTERS]):
        return ""
    words = fingerprint(line).split(" ")
    return " ".join(words[:_BEGINNING_WORDS]) if _BEGINNING_WORDS < len(words) <= _MAX_BEGINNING_WORDS else ""


def paragraph_digest(text: str, digits: int, *, numbers_count: bool) -> str:
    """Return the digest of a paragraph's first 2,000 characters, `digits` hexadecimal digits.

    With `numbers_count` two paragraphs that differ in a number or a date, such as two days' market reports, differ;
    without, the digest is that of the paragraph's fingerprint.
    """
    head = text[:_MAX_DIGEST_CHARACTERS]
    return digest_of(copy_key(head) if numbers_count else fingerprint(head), digits)


def line_digests(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the digests, in order, of those lines that hold a letter or a digit."""
    return tuple([line_digest(text) for text in texts if has_alphanumeric(text)])


def has_alphanumeric(text: str) -> bool:
    """Return whether a line holds a letter or a digit."""
    return any(map(str.isalnum, text))


def line_digest(text: str) -> str:
    """Return the digest of a line, 8 hexadecimal digits; runs of white space count as one space."""
    return digest_of(" ".join(text.split()), 8)
