"""The title of a page, chosen among its h1 and what its markup declares, and the visible lines around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from saaf.cleaning.metadata.names import clean_title, strip_site_name, title_parts
from saaf.cleaning.text.copies import has_numbers_of
from saaf.cleaning.text.folding import title_key, title_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from saaf.cleaning.metadata.ranking import SourcedValue

_MIN_SHARE_OF_TITLE: Final = 0.4  # of a declared title that an h1 makes up
_MIN_PART_LETTERS: Final = 12  # of a declared title that an h1 holds beside a kicker ("Opinion")
_MIN_SHARED_TRIGRAMS: Final = 0.5  # of the only h1's, with the declared titles, where they word the headline otherwise
_MIN_REWORDED_LETTERS: Final = 16  # of such an h1: a short one is a section ("Reviews") or a slogan
_LINES_BEFORE_HEADLINE: Final = 3
_LINES_AFTER_HEADLINE: Final = 12
_MAX_HEADLINE_LINES: Final = 5  # of a page
_SHORT_KEY_LETTERS: Final = 12  # a headline's key of no more letters is compared whole

_SHARED_ORIGINS: Final = frozenset(("json-ld", "opengraph", "twitter"))

NearbyLine = tuple[int, str]
"""The distance in lines from the nearest headline, negative for a line above it, never 0, and a visible line."""


def choose_title(
    candidates: Sequence[tuple[str, str]], site_keys: frozenset[str], text_lines: Sequence[str]
) -> SourcedValue:
    """Return the title: the h1 that a declared title confirms, else the most trusted declared title.

    `candidates` are titles and their origins, the most trusted first. An h1 is the site's name where declared titles
    end with it, and what stands before it is one of the `text_lines`.
    """
    found = [(title, origin) for value, origin in candidates if (title := clean_title(value))]
    declared = [(title, origin) for title, origin in found if origin != "h1"]
    headings = [title for title, origin in found if origin == "h1" and title_key(title) not in site_keys]
    site_keys |= _site_headings([title for title, _ in declared], headings, text_lines)
    headings = [title for title in headings if title_key(title) not in site_keys]
    if confirmed := _confirmed_heading(headings, declared, site_keys):
        return confirmed
    if (reworded := _only(headings)) and _rewords(
        reworded, [strip_site_name(title, site_keys) for title, _ in declared]
    ):
        return strip_site_name(reworded, site_keys), "h1"
    agreeing = [title for title, origin in declared if origin != "title"] + headings
    site_keys |= {title_key(title) for title in headings}
    for title, origin in declared:
        short = strip_site_name(title, site_keys, [other for other in agreeing if other != title])
        if title_key(short) and title_key(short) not in site_keys:
            return short, origin
    if only := _only(headings):
        return only, "h1"
    return declared[0] if declared else (None, "")


def _only(headings: Sequence[str]) -> str | None:
    """Return the headline where all the headings say the same, None where there is none or are several."""
    return headings[0] if len(set(map(title_key, headings))) == 1 else None


def _confirmed_heading(
    headings: Sequence[str], declared: Sequence[tuple[str, str]], site_keys: frozenset[str]
) -> SourcedValue | None:
    """Return the first heading that a declared title contains, without its kicker; None where there is none."""
    declared_keys = [(other, title_key(other)) for other, _ in declared]
    for heading in headings:
        key = title_key(heading)
        for other, other_key in declared_keys:
            # A blog's name in its h1 also stands in every title, but makes up little of it.
            if key not in other_key or not has_numbers_of(heading, other):
                continue
            is_most = len(key) >= _MIN_SHARE_OF_TITLE * len(other_key)
            # "Promise - Reference | Site": the site's name is another part of the title.
            rest = strip_site_name(other, site_keys)
            if is_most or (rest != other and key in map(title_key, title_parts(rest)[:1])):
                return _without_kicker(strip_site_name(heading, site_keys), declared)
        value, origin = _without_kicker(heading, declared)
        if value and origin != "h1":
            return strip_site_name(value, site_keys), origin
    return None


def _without_kicker(heading: str, declared: Sequence[tuple[str, str]]) -> SourcedValue:
    """Return the declared headline with which an h1 ends, after a kicker ("Opinion"), else the h1.

    Only titles for other sites count: the `title` element holds the kicker too, or less than the headline.
    """
    key = title_key(heading)
    for title, origin in declared:
        own = title_key(title)
        if origin in _SHARED_ORIGINS and len(own) >= _MIN_PART_LETTERS and own != key and key.endswith(own):
            return title, origin
    return heading, "h1"


def _rewords(heading: str, declared: Sequence[str]) -> bool:
    """Return whether an h1 is the headline that the declared titles give in other words, for search engines."""
    key = title_key(heading)
    if len(key) < _MIN_REWORDED_LETTERS or any(title_key(title) in key for title in declared):
        return False
    words = _without_digits(key)
    if any(words in _without_digits(title_key(title)) for title in declared):  # the headline of another day
        return False
    own = {key[at : at + 3] for at in range(len(key) - 2)}
    others = {other[at : at + 3] for other in map(title_key, declared) for at in range(len(other) - 2)}
    return len(own & others) >= _MIN_SHARED_TRIGRAMS * len(own)


def _without_digits(key: str) -> str:
    return "".join(character for character in key if not character.isdigit())


def _site_headings(declared: Sequence[str], headings: Sequence[str], lines: Sequence[str]) -> frozenset[str]:
    """Return the `title_key`s of the `headings` with which declared titles end, after a headline among the `lines`."""
    found: dict[str, str] = {}
    for title in declared:
        for heading in headings:
            headline = strip_site_name(title, frozenset((title_key(heading),)))
            if title.endswith(heading) and headline != title and title.startswith(headline):
                found[title_key(headline)] = title_key(heading)
    shown = set(title_keys(lines)) if found else set()
    return frozenset(heading for headline, heading in found.items() if headline in shown)


def lines_near_headline(lines: Sequence[str], titles: Sequence[str]) -> list[NearbyLine]:
    """Return the visible lines around each line that is one of the `titles`, the nearest first; empty where none is."""
    keys = sorted({title_key(title) for title in titles} - {""})
    longest = max(map(len, keys), default=0)
    short = [position for position, line in enumerate(lines) if len(line) <= 2 * longest + 20]
    line_keys = title_keys([lines[position] for position in short])
    exact, beginnings = frozenset(keys), frozenset(key[: _SHORT_KEY_LETTERS + 1] for key in keys)
    headlines = [
        position
        for position, key in zip(short, line_keys, strict=True)
        if key in exact or (key[: _SHORT_KEY_LETTERS + 1] in beginnings and _begins_title(key, keys))
    ]
    distances: dict[int, int] = {}
    for position in headlines[:_MAX_HEADLINE_LINES]:
        first, end = max(position - _LINES_BEFORE_HEADLINE, 0), min(position + _LINES_AFTER_HEADLINE + 1, len(lines))
        for other in range(first, end):
            distances[other] = min(other - position, distances.get(other, other - position), key=abs)
    nearest = sorted((abs(distance), position) for position, distance in distances.items() if distance)
    return [(distances[position], lines[position]) for _, position in nearest]


def _begins_title(key: str, titles: Sequence[str]) -> bool:
    """Return whether a line's `title_key` is the beginning of a declared title, before the site's name."""
    return len(key) > _SHORT_KEY_LETTERS and any(title.startswith(key) for title in titles)
