"""What the markup around a block says of it, in numbers: the features that only HTML has.

The page is described relative to itself: how much of its running text each element around a block holds, how far the
block's path leaves that of the element with most of it. Names of classes count by the part of a page they stand for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy

from cleaning.features import around, shifted
from cleaning.parts import prefixes, rule_of_step
from cleaning.types import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleaning.features import Column, Columns
    from cleaning.types import Block

VOTES: Final = ("trafilatura", "justext", "density", "json-ld")
_RULES: Final = (
    "html.navigation",
    "html.comments",
    "html.related",
    "html.share",
    "html.advertisement",
    "html.sidebar",
    "html.form",
    "body",
)
_TAGS: Final = ("p", "li", "td", "a", "div", "span", "h1", "h2", "h3", "h4", "strong", "time", "em")
_AROUND: Final = ("article", "main", "header", "footer", "ul", "table", "figure", "blockquote")
# Parts of names that themes in all languages share; each is one feature.
_PARTS: Final = {
    "named text": ("content", "article", "story", "body", "post", "entry", "text"),
    "named caption": ("caption", "credit", "photo"),
    "named title": ("title", "headline"),
    "named author": ("author", "byline"),
    "named date": ("date", "time"),
    "named lead": ("summary", "lead", "intro", "standfirst", "excerpt", "description"),
    "named body": ("articlebody",),
}
_CONTEXT: Final = ("links", "vote trafilatura", "vote density", "vote justext", "kind heading", "hidden")
_NEIGHBOURS: Final = (-2, -1, 1, 2)
_LEVELS: Final = (1, 2, 3)  # elements around a block, from its parent upwards
_PLACED: Final = (
    "depth",
    "with main",
    "below main",
    "above main",
    "path prose",
    "path blocks",
    "path prose share",
    *(f"up {level} {what}" for level in _LEVELS for what in ("prose", "prose share", "links", "words")),
)
_NAMED: Final = (
    *(f"in {rule}" for rule in _RULES),
    *(f"tag {tag}" for tag in _TAGS),
    *(f"within {tag}" for tag in _AROUND),
    *_PARTS,
)


@dataclass(slots=True)
class _Inside:
    """What stands in an element: words of running text, words, words in links, and blocks whose own path it is."""

    prose: float = 0.0
    words: float = 0.0
    linked: float = 0.0
    blocks: int = 0
    own_prose: float = 0.0


def dom_features(blocks: Sequence[Block], lines: Columns) -> Columns:
    """Return the features of the blocks of an HTML document, by name; `lines` are its `line_features`."""
    words = numpy.expm1(lines["log_words"])
    inside = _insides(blocks, words.tolist(), (lines["prose"] * words).tolist())
    total = max(sum(one.own_prose for one in inside.values()), 1.0)
    main = _main_path(inside)
    columns = _block_columns(blocks) | _path_columns([block.path for block in blocks], inside, total, main)
    columns |= _agreement(columns, words)
    for name in ("links", *(f"vote {method}" for method in VOTES[:3])):
        columns |= {f"{name} ~{reach}": around(columns[name], reach) for reach in (2, 6)}
    for step in _NEIGHBOURS:
        columns |= {f"{name}{step:+d}": shifted(columns[name], step) for name in _CONTEXT}
    same = [0.0, *(float(one.path == other.path) for one, other in pairwise(blocks))]
    columns["path as before"] = numpy.array(same[: len(blocks)], dtype=numpy.float32)
    columns["path as after"] = shifted(columns["path as before"], 1)
    return columns


def _insides(blocks: Sequence[Block], words: Sequence[float], prose: Sequence[float]) -> dict[str, _Inside]:
    own: dict[str, _Inside] = {}
    for block, count, weight in zip(blocks, words, prose, strict=True):
        one = own.setdefault(block.path, _Inside())
        one.blocks += 1
        one.own_prose += weight
        one.words += count
        one.linked += count * block.link_density
    inside: dict[str, _Inside] = {}
    for path, one in own.items():
        for prefix in prefixes(path):
            around_it = inside.setdefault(prefix, _Inside())
            around_it.prose += one.own_prose
            around_it.words += one.words
            around_it.linked += one.linked
        here = inside.setdefault(path, _Inside(prose=one.own_prose, words=one.words, linked=one.linked))
        here.blocks, here.own_prose = one.blocks, one.own_prose
    return inside


def _main_path(inside: dict[str, _Inside]) -> list[str]:
    """Return the steps of the element whose children hold most of the page's running text."""
    parents: dict[str, float] = {}
    for path, one in inside.items():
        if one.own_prose:
            parent = path.rpartition("/")[0]
            parents[parent] = parents.get(parent, 0.0) + one.own_prose
    return max(parents, key=lambda path: (parents[path], path)).split("/") if parents else []


def _block_columns(blocks: Sequence[Block]) -> Columns:
    votes = [{vote.method: vote.keep for vote in block.votes} for block in blocks]
    kinds = [block.kind for block in blocks]
    columns = {
        "links": [block.link_density for block in blocks],
        "hidden": [cast.get("visible") == 0.0 for cast in votes],
    }
    columns |= {f"vote {method}": [cast.get(method, 0.0) for cast in votes] for method in VOTES}
    columns |= {f"kind {kind}": [kind is one for one in kinds] for kind in Kind}
    return {name: numpy.array(values, dtype=numpy.float32) for name, values in columns.items()}


def _path_columns(paths: Sequence[str], inside: dict[str, _Inside], total: float, main: Sequence[str]) -> Columns:
    """Return what the path of each block says. A page has fewer paths than blocks: each is looked at once."""
    rows = {path: row for row, path in enumerate(dict.fromkeys(paths))}
    table = numpy.array([(*_placed(path, inside, total, main), *_named(path)) for path in rows], dtype=numpy.float32)
    columns = table.T[:, [rows[path] for path in paths]]
    return dict(zip((*_PLACED, *_NAMED), columns, strict=True))


def _placed(path: str, inside: dict[str, _Inside], total: float, main: Sequence[str]) -> list[float]:
    """Return the values of `_PLACED`: where a path stands, and how much text the elements around it hold."""
    steps = path.split("/")
    shared = next((index for index, (a, b) in enumerate(zip(steps, main, strict=False)) if a != b), len(main))
    shared = min(shared, len(steps))
    own = inside[path]
    row = [
        len(steps),
        shared / max(1, len(main)),
        len(steps) - shared,
        len(main) - shared,
        own.own_prose / total,
        math.log(max(own.blocks, 1)),
        own.own_prose / max(1.0, own.words),
    ]
    for level in _LEVELS:
        parent = inside.get("/".join(steps[:-level]) or steps[0]) or own
        words = max(1.0, parent.words)
        row += parent.prose / total, parent.prose / words, parent.linked / words, math.log1p(parent.words)
    return row


@lru_cache(maxsize=1024)  # the pages of a site share most paths
def _named(path: str) -> tuple[bool, ...]:
    """Return the values of `_NAMED`: what the elements on a path call themselves."""
    steps = path.split("/")
    tags = [_tag(step) for step in steps]
    rules = {rule_of_step(step) for step in steps[2:]}
    lowered = path.lower()
    return (
        *[rule in rules for rule in _RULES],
        *[tags[-1] == tag for tag in _TAGS],
        *[tag in tags for tag in _AROUND],
        *[any(map(lowered.__contains__, parts)) for parts in _PARTS.values()],
    )


@lru_cache(maxsize=8192)
def _tag(step: str) -> str:
    return step.partition("#")[0].partition(".")[0].partition("[")[0]


def _agreement(columns: Columns, words: Column) -> Columns:
    """Return, the same in every row, how much of the page each method wants and how far the two big ones agree."""
    whole = max(float(words.sum()), 1.0)
    one, other = columns["vote trafilatura"], columns["vote density"]
    either = max(float((numpy.maximum(one, other) * words).sum()), 1.0)
    figures = {f"page {method}": float((columns[f"vote {method}"] * words).sum()) / whole for method in VOTES[:3]}
    figures["page agreement"] = float((numpy.minimum(one, other) * words).sum()) / either
    return {name: numpy.full(len(words), value, dtype=numpy.float32) for name, value in figures.items()}
