"""Features from the page's metadata and the language packs: headline, author, sections, dates and labels of blocks.

No feature is a word of a language: a block counts as a byline because it holds the author that the page states, as a
date because it is made of digits and names of months, as a label because a language pack lists it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy

from saaf.cleaning.dates.calendars import date_words
from saaf.cleaning.model.text_features import distances, find_all
from saaf.cleaning.phrases.matcher import MatchForm
from saaf.cleaning.phrases.packs import Role
from saaf.cleaning.text.codepoints import DIGIT, WORD, spans_of, tokens_of
from saaf.cleaning.text.folding import date_word_key
from saaf.cleaning.text.normalise import headline_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from saaf.cleaning.model.text_features import Column, Columns
    from saaf.cleaning.phrases.matcher import TextMatch
    from saaf.cleaning.text.codepoints import Spans, Tokens
    from saaf.cleaning.types import Metadata

_WORD: Final = re.compile(r"\d+|[^\W\d_]+")
_SHORT: Final = 200  # characters: bylines, dates, labels
_MIN_TITLE: Final = 6  # letters
_TITLE_SHARE: Final = (0.5, 1.6)  # length of a copy of the headline: parts of it, or with the site's name
_MIN_NAME: Final = 4  # letters
_MOST_DATE_WORDS: Final = 25
# What the phrases of the language packs announce, in groups that mean the same to a reader.
_GROUPS: Final = {
    "teasers": ("related", "popular", "recommended", "latest"),
    "more": ("read_also", "read_more"),
    "comments": ("comment_form",),
    "social": ("share", "follow"),
    "offer": ("newsletter", "paywall", "cookies", "advertisement"),
    "rights": ("copyright", "disclaimer", "agency", "photo_credit"),
    "menu": ("navigation",),
    "subject": ("tags", "section"),
    "people": ("author", "author_box", "source"),
    "dates": ("published", "updated"),
}
_BEGINNING_ROLES: Final = tuple(role for role in Role if role is not Role.STATEMENT)  # no block begins with a statement
_GROUP_OF: Final = {kind: group for group, kinds in _GROUPS.items() for kind in kinds}
_SINCE: Final = ("teasers", "comments", "more", "subject")


def metadata_features(
    text: str,
    metadata: Metadata,
    spans: Spans,
    tokens: Tokens,
    word_hashes: NDArray[numpy.uint64],
    phrases: Sequence[TextMatch | None],
) -> Columns:
    """Return the metadata features by name, each `float32[blocks]`; the blocks are the `spans` of `text`, `word_hashes`
    the hashes of their words, `phrases` the phrase that each begins with, None where it begins with none.
    """
    columns = _headline_features(text, metadata.title or "", spans, tokens) | _author_and_subject(
        text, metadata, spans, word_hashes
    )
    columns |= _phrase_features(phrases)
    columns["date words"] = _date_shares(text, spans)
    return {name: numpy.asarray(column, dtype=numpy.float32) for name, column in columns.items()}


def _headline_features(text: str, title: str, spans: Spans, tokens: Tokens) -> Columns:
    """Return which blocks are the headline, where they stand from it, and how many of their words are its words."""
    own, count = tokens_of(spans_of(title, [0], [len(title)])).hashes, len(spans.starts)
    shared = numpy.bincount(tokens.rows[numpy.isin(tokens.hashes, own)], minlength=count)
    same = _is_title(text, title, spans, shared > 0)
    back, on = distances(same)
    places = numpy.flatnonzero(same)
    after = numpy.arange(count) - places[0] if len(places) else numpy.full(count, -99)
    return {
        "is title": same,
        "of title": shared / numpy.maximum(numpy.bincount(tokens.rows, minlength=count), 1),
        "title back": back,
        "title on": on,
        "after title": after.clip(-50, 200),
        "page titles": numpy.full(count, min(len(places), 5)),
    }


def _is_title(text: str, title: str, spans: Spans, shares_word: NDArray[numpy.bool_]) -> NDArray[numpy.bool_]:
    """Return which blocks are the headline; only blocks of `shares_word`, which share a word with it, are compared."""
    same = numpy.zeros(len(spans.starts), dtype=bool)
    key = headline_key(title)
    if len(key) < _MIN_TITLE:
        return same
    least, most = _TITLE_SHARE
    sizes = spans.ends - spans.starts
    for row in numpy.flatnonzero(
        shares_word & (sizes > least * len(key)) & (sizes < 2 * most * len(title) + 10)
    ).tolist():
        line = headline_key(text[spans.starts[row] : spans.ends[row]])
        same[row] = (line in key or key in line) and least < len(line) / len(key) < most and len(line) >= _MIN_TITLE
    return same


def _author_and_subject(text: str, metadata: Metadata, spans: Spans, word_hashes: NDArray[numpy.uint64]) -> Columns:
    """Return the share of each short block that is the page's author, and which blocks are only a section, a tag, or
    the site's name.
    """
    subjects = [one for one in (metadata.section, metadata.site_name, metadata.source, *metadata.tags) if one]
    joined, ends = "\n".join(subjects), numpy.cumsum([len(one) + 1 for one in subjects]).tolist()
    subject_spans = spans_of(
        joined, [end - len(one) - 1 for one, end in zip(subjects, ends, strict=True)], [e - 1 for e in ends]
    )
    subject_hashes = subject_spans.hashes(subject_spans.has(WORD), subject_spans.starts, subject_spans.ends)
    return {
        "of author": _author_shares(text, metadata.author or "", spans),
        "is subject": numpy.isin(word_hashes, subject_hashes[subject_hashes != 0]),
    }


def _author_shares(text: str, author: str, spans: Spans) -> Column:
    shares = numpy.zeros(len(spans.starts))
    key, names = headline_key(author), _WORD.findall(author.casefold())
    if len(key) < _MIN_NAME or not names:
        return shares
    # A line that holds the word_hashes name holds its longest part: only such lines are spelled out.
    places = numpy.array([*find_all(spans.lowered(), max(names, key=len))], dtype=numpy.int64)
    for row in set(spans.rows(places).tolist()):
        if spans.ends[row] - spans.starts[row] <= _SHORT:
            line = headline_key(text[spans.starts[row] : spans.ends[row]])
            shares[row] = len(key) / len(line) if key in line else 0.0
    return shares


def _date_shares(text: str, spans: Spans) -> Column:
    """Return the share of the words of each short block with a digit that are numbers, or names of months or days."""
    shares = numpy.zeros(len(spans.starts))
    sizes = spans.ends - spans.starts
    for row in numpy.flatnonzero((sizes <= _SHORT) & (spans.count(spans.has(DIGIT)) > 0)).tolist():
        words = _WORD.findall(text[spans.starts[row] : spans.ends[row]])
        if words and len(words) <= _MOST_DATE_WORDS:
            shares[row] = sum(map(_is_date_word, words)) / len(words)
    return shares


@lru_cache(maxsize=8192)
def _is_date_word(word: str) -> bool:
    return word.isnumeric() or date_word_key(word) in date_words()


def _phrase_features(phrases: Sequence[TextMatch | None]) -> Columns:
    """Return which blocks are, or begin with, a phrase of a language pack, by what it does and what it announces, and
    how far back the last that heads a box stands.
    """
    count = len(phrases)
    columns = {f"says {role.value}": numpy.zeros(count) for role in _BEGINNING_ROLES}
    columns |= {f"tells {group}": numpy.zeros(count) for group in _GROUPS}
    heads = {name: numpy.zeros(count, dtype=bool) for name in ("heading", *_SINCE)}
    for row, found in enumerate(phrases):
        if found:
            rules, form, _ = found
            if form is not MatchForm.BARE:
                columns[f"says {rules[0].role.value}"][row] = 1.0
                heads["heading"][row] = form is MatchForm.WHOLE and rules[0].role in (Role.HEADING, Role.CUE)
            for rule in rules[:2]:
                group = _GROUP_OF[rule.kind]
                columns[f"tells {group}"][row] = 0.5 if form is MatchForm.BARE else 1.0
                if group in heads:
                    heads[group][row] = form is MatchForm.WHOLE or rule.role is Role.LABEL
    return columns | {f"since {name}": distances(mask)[0] for name, mask in heads.items()}
