"""What is the same in the lines and places of a site's pages, when numbers, dates, names and ids differ."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import regex

from saaf.cleaning.calendars import date_words, fold
from saaf.cleaning.identity import digest_of
from saaf.cleaning.normalise import normal

_LONGEST: Final = 120  # characters of a fingerprint that stay readable; what a longer line adds to it is a digest
_WORDS: Final = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_LABEL: Final = regex.compile(r"^\s*([^:：|｜]{1,30}?)\s*[:：|｜]\s*\S")
_UNSPACED: Final = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_HEAD: Final = 80  # characters
_WHOLE_WORDS: Final = 4  # so many words in the head, then the first three are whole: a number among them masks names
_MOST_BEGUN: Final = 14  # words: bylines, photo credits, "Continue reading ..."; a longer line is a sentence
_BEGINNING: Final = 2  # words
_DIGITS: Final = regex.compile(r"\p{Nd}+")
_NUMBER: Final = regex.compile(r"\p{N}")
_STEP: Final = regex.compile(r"[^#.\[]+|[#.][^#.\[]+|\[[^\]]*\]")
# Class names that say what a page is about or which of a row of elements this is, not what part of the page it is.
_PASSING: Final = regex.compile(
    r"^\.(?:category|tag|cat|topic|author|format|status|hentry|first|last|odd|even|active|current|clearfix|selected)\b"
)
_MOST_CLASSES: Final = 2


@lru_cache(maxsize=8192)
def fingerprint(line: str) -> str:
    """Return the form of `line` in which copies of it on other pages are equal, "" where it has no letters or digits.

    Case, accents, letter variants and punctuation do not count; a number, or a date of numbers and names of months or
    weekdays in any of fifty languages, is "0". Readable; the end of a long line is replaced by a digest of the whole.
    """
    words = _WORDS.findall(normal(line)) or _WORDS.findall(_DIGITS.sub("0", line))
    names = date_words() if "0" in words else frozenset[str]()
    masked: list[str] = []
    for index, word in enumerate(words):
        near = "0" in words[max(0, index - 2) : index + 3]
        shown = "0" if near and fold(word) in names else word
        if shown != "0" or masked[-1:] != ["0"]:
            masked.append(shown)
    text = " ".join(masked)
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}… {digest_of(text, 8)}"


def first_word(line: str) -> str | None:
    """Return the first word of the `fingerprint` and of the `beginning` of a line, None where that needs more than its
    first words: a paragraph of which no known line has the first word need not be spelled out.
    """
    words = _WORDS.findall(normal(line[:_HEAD]))
    if len(words) < _WHOLE_WORDS or "0" in words[:_WHOLE_WORDS]:
        return None
    label = _LABEL.match(line)
    return None if label and _NUMBER.search(label[1]) else str(words[0])


@lru_cache(maxsize=8192)
def beginning(line: str) -> str:
    """Return the fingerprint of what begins a short line whose rest is a name or a title: the label before a colon or
    a bar, else its first two words; "" for a line that is not short, has nothing more, or has no spaces between words.
    """
    if label := _LABEL.match(line):
        return fingerprint(label[1])
    if len(line) > 240 or _UNSPACED.search(line[:40]):
        return ""
    words = fingerprint(line).split(" ")
    return " ".join(words[:_BEGINNING]) if _BEGINNING < len(words) <= _MOST_BEGUN else ""


@lru_cache(maxsize=8192)
def place(path: str) -> str:
    """Return a block's path without what varies from page to page: numbers in ids and classes, classes that name the
    page's subject, all but the first two classes of an element, and all of html's and body's.
    """
    return "/".join(general_step(step) for step in path.split("/"))


@lru_cache(maxsize=8192)
def general_step(step: str) -> str:
    """Return a step of a path without what varies from page to page."""
    tag, *names = _STEP.findall(step) or [""]
    if tag in ("html", "body"):
        return str(tag)
    ids = [str(_DIGITS.sub("0", name)) for name in names if name[0] == "#"]
    classes = [str(_DIGITS.sub("0", name)) for name in names if name[0] == "." and not _PASSING.match(name)]
    return "".join([str(tag), *ids, *classes[:_MOST_CLASSES]])
