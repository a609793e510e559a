"""The table of the block classifier's features: name, group, what the value means.

A feature has a `float32` for each block. Features of other blocks are derived from these by name: "links+2" is "links"
of the block two further on ("links-1": of the one before; -1 where there is none), "prose ~5" the mean of "prose" over
up to five blocks on either side.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

from saaf.cleaning.model.track_forests import load_shipped
from saaf.cleaning.types import Track


class Group(StrEnum):
    """Where a feature comes from."""

    TEXT = "text"
    METADATA = "metadata"
    MARKUP = "markup"
    VOTES = "votes"
    STAGE2 = "stage 2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """A feature by `name`: `meaning` says what its value is, `tracks` which tracks have it, `stages` which stages of
    the classifier are given it (1, 2).
    """

    name: str
    group: Group
    meaning: str
    tracks: tuple[Track, ...]
    stages: tuple[int, ...]


_TEXT: Final = {
    "closed": "1 where the block ends as a sentence does",
    "cut": "1 where it breaks off with an ellipsis",
    "colon": "1 where it ends with a colon",
    "quoted": "1 where it begins with a quotation mark or a dash",
    "address": "1 where it holds a web or mail address",
    "rights": '1 where it holds "©", "copyright" or "all rights"',
    "words": "the length in words; in scripts without spaces 1.7 characters count as a word",
    "log_words": "log(1 + words)",
    "log_characters": "log(1 + code points)",
    "sentences": "the number of ends of sentences",
    "commas": "commas and semicolons per word",
    "bars": "bars, bullets and arrows per word",
    "dates": "the number of dates, times of day and years in digits, at most 4; in a mean, 1 where there is one",
    "digits": "the share of its characters that are digits",
    "capitals": "words that begin with a capital, per word",
    "upper": "1 where all its letters with case are capitals",
    "prose": "1 for running text: 12 words, an end of a sentence, and a comma or a closed end",
    "copies": "log of how many blocks of the page have the same words",
    "begun": "how many blocks begin with the same 24 characters, at most 5",
    "common": "the share of its different words that are function words of the page: in 30 % of its prose blocks",
    "kin": "the share of its other words that also stand elsewhere in the densest region",
    "place": "its number among the blocks, in [0, 1)",
    "from start": "log(1 + blocks before it)",
    "from end": "log(1 + blocks after it)",
    "in region": "1 inside the densest region: the run of blocks with most prose",
    "off region": "log of the blocks between it and the densest region, negative before it",
    "prose back": "blocks back to the nearest prose, at most 50",
    "prose on": "blocks on to the nearest prose, at most 50",
    "prose before": "the share of the page's prose up to and with it",
    "page lines": "log(1 + blocks of the page), the same for all its blocks",
    "page prose": "log(1 + words of the page's prose)",
    "page prose share": "the share of the page's blocks that are prose",
    "page region share": "the share of the page's blocks in the densest region",
    "of longest": "its words of prose in proportion to those of the longest block",
}
_METADATA: Final = {
    "is title": "1 where it is the headline that the page states",
    "of title": "the share of its words that are words of the headline",
    "title back": "blocks back to the nearest headline, at most 50",
    "title on": "blocks on to the nearest headline, at most 50",
    "after title": "blocks after the first headline, -50 to 200; -50 where there is none",
    "page titles": "how often the page shows its headline, at most 5",
    "of author": "the share of a short block that is the author's name, as the page states it",
    "is subject": "1 where it is only a section, a tag, the source or the site's name",
    "date words": "the share of a short block's words that are numbers or names of months or weekdays",
    "says line": "1 where it begins with a phrase of a language pack that is residue itself",
    "says heading": "1 where it begins with a phrase that heads a list of other articles",
    "says label": "1 where it begins with a phrase that names a value, such as an author",
    "says cue": "1 where it begins with a phrase that points to another article",
    "since heading": "blocks since the last line that is a heading or a cue, at most 50",
}
_PHRASES: Final = {
    "teasers": "related, popular, recommended or latest articles",
    "more": "one more article to read",
    "comments": "a comment form",
    "social": "sharing or following",
    "offer": "a newsletter, payment, cookies or advertising",
    "rights": "rights, disclaimers, agencies or photo credits",
    "menu": "navigation",
    "subject": "tags or a section",
    "people": "an author or a source",
    "dates": "a date of publication or change",
}
_ELEMENTS: Final = {
    "prose": "the share of the page's running text that is inside it",
    "prose share": "the share of its words that are running text",
    "links": "the share of its words that stand in links",
    "words": "log(1 + its words)",
}
_MARKUP: Final = {
    "depth": "how many elements inside the body it stands in",
    "with main": "the share of the elements around the main element that also stand around it; the main element is the "
    "one whose children hold most of the page's running text",
    "below main": "how many elements around it do not stand around the main element",
    "above main": "how many elements around the main element do not stand around it",
    "path prose": "the share of the page's running text in blocks of the same path",
    "path blocks": "log of the number of blocks of the same path",
    "path prose share": "the share of their words that are running text",
    "path as before": "1 where the block before has the same path",
    "path as after": "1 where the block after has the same path; -1 for the last block",
    "links": "the share of its letters that stand in links",
    "hidden": "1 where the markup hides it from readers",
    "after image": "1 where an image stands between it and the block before",
    "in body": "1 inside an element whose tag or class names say article, body or content",
    "named text": "1 inside an element with a class name such as content, article, story",
    "named caption": "1 inside an element with a class name such as caption, credit, photo",
    "named title": "1 inside an element with a class name such as title, headline",
    "named author": "1 inside an element with a class name such as author, byline",
    "named date": "1 inside an element with a class name such as date, time",
    "named lead": "1 inside an element with a class name such as lead, summary, standfirst",
    "named body": '1 inside an element with the class name "articlebody"',
}
_VOTES: Final = {
    "vote trafilatura": "1 where trafilatura keeps it, where it was asked",
    "vote justext": "1 where jusText calls it good",
    "vote density": "1 where it stands in the densest elements of the page",
    "vote json-ld": "1 where it stands in the article body that the page's JSON-LD gives",
    "vote description": "1 where it is or begins the page's own description",
    "page trafilatura": "the share of the page's words that trafilatura keeps",
    "page justext": "the share of the page's words that jusText keeps",
    "page density": "the share of the page's words in the densest elements",
    "page agreement": "the words that trafilatura and density both keep, in proportion to those that either keeps",
    "asked trafilatura": "1 where trafilatura was asked about the page; it chooses the forest and is in none",
}
_STAGE2: Final = {
    "first": "the stage-1 probability that the block is content",
    "weight": "the words that are content by stage 1, in proportion to all words",
    "first before": "the share of the page's likely words up to and with it; words count by their stage-1 probability",
    "first here": "its share of the page's likely words",
    "page first mean": "the mean stage-1 probability of the page's blocks",
    "page first most": "the greatest stage-1 probability of the page's blocks",
    "page first words": "log(1 + likely words of the page)",
    "page first share": "the share of the page's words that are likely",
    "sure back": "blocks back to the nearest with a stage-1 probability over 0.5",
    "sure on": "blocks on to the nearest with a stage-1 probability over 0.5",
    "after first sure": "blocks after the first of these, -30 to 30",
    "after last sure": "blocks after the last of these, -30 to 30",
}
_KIN: Final = (
    "blocks of the same path",
    "blocks inside the element around it",
    "blocks inside the second element around it",
)
_DERIVED: Final = re.compile(r"(?P<base>.+?)(?:(?P<step>[+-]\d+)| ~(?P<reach>\d+))")


@cache
def feature_table() -> tuple[Feature, ...]:
    """Return every feature that a shipped forest is given, by group and then by name as the forests have them."""
    found: dict[str, tuple[set[Track], set[int]]] = {}
    for track in Track:
        forests = load_shipped(track)
        stages = ((1, forests.stage1), (2, forests.stage2), (2, forests.stage2_voted))
        for stage, name in ((stage, name) for stage, forest in stages if forest for name in forest.feature_names):
            tracks, own = found.setdefault(name, (set(), set()))
            tracks.add(track)
            own.add(stage)
    rows = [
        Feature(
            name=name,
            group=_described(name)[0],
            meaning=_described(name)[1],
            tracks=tuple(track for track in Track if track in tracks),
            stages=tuple(sorted(stages)),
        )
        for name, (tracks, stages) in found.items()
    ]
    return tuple(sorted(rows, key=lambda row: [*Group].index(row.group)))


def _described(name: str) -> tuple[Group, str]:
    """Return the group and the meaning of a feature. Raises KeyError for a name that the table does not have."""
    known = _base(name)
    if known:
        return known
    derived = _DERIVED.fullmatch(name)
    base = _base(derived["base"]) if derived else None
    if derived is None or base is None:
        raise KeyError(f"no feature is called {name!r}: describe it in saaf/cleaning/model/feature_table.py")
    group, meaning = base
    if derived["reach"]:
        return group, f"the mean over up to {derived['reach']} blocks on either side of: {meaning}"
    step = int(derived["step"])
    return group, f"of the block {abs(step)} {'further on' if step > 0 else 'before'}: {meaning}"


def _base(name: str) -> tuple[Group, str] | None:
    tables = {
        Group.TEXT: _TEXT,
        Group.METADATA: _METADATA,
        Group.MARKUP: _MARKUP,
        Group.VOTES: _VOTES,
        Group.STAGE2: _STAGE2,
    }
    for group, table in tables.items():
        if name in table:
            return group, table[name]
    first, _, rest = name.partition(" ")
    if first == "tells" and rest in _PHRASES:
        return (
            Group.METADATA,
            f"1 where it begins with a phrase for {_PHRASES[rest]}, 0.5 where only a blank follows it",
        )
    if first == "since" and rest in _PHRASES:
        return Group.METADATA, f"blocks since the last line that is a phrase for {_PHRASES[rest]}, at most 50"
    if first == "in":
        return Group.MARKUP, f"1 inside an element whose tag or class names stand for the rule {rest}"
    if first in ("tag", "within", "kind"):
        return Group.MARKUP, {
            "tag": f"1 where its own element is `{rest}`",
            "within": f"1 inside a `{rest}` element",
            "kind": f"1 for a block of the kind {rest}",
        }[first]
    return _of_elements_around(name)


def _of_elements_around(name: str) -> tuple[Group, str] | None:
    first, _, rest = name.partition(" ")
    level, _, what = rest.partition(" ")
    if first == "up" and what in _ELEMENTS:
        return Group.MARKUP, f"of the element {level} level{'s' * (level != '1')} above it: {_ELEMENTS[what]}"
    if first == "kin" and level.isdecimal():
        kin = _KIN[int(level)]
        shown = "the share of the page's likely words in" if what == "share" else "the mean stage-1 probability of"
        return Group.STAGE2, f"{shown} the {kin}"
    return None
