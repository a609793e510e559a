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
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from cleaning.features import Column, Columns
    from cleaning.types import Block

VOTES: Final = ("trafilatura", "justext", "density", "json-ld", "description")
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
_CONTEXT: Final = ("after image", "links", "vote trafilatura", "vote density", "vote justext", "kind heading", "hidden")
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
    """What stands in an element: words of running text, words, words in links."""

    prose: float = 0.0
    words: float = 0.0
    linked: float = 0.0


@dataclass(slots=True)
class _Own:
    """What stands in the blocks of one path: blocks, words of running text, words, words in links."""

    blocks: int = 0
    prose: float = 0.0
    words: float = 0.0
    linked: float = 0.0


def dom_features(blocks: Sequence[Block], lines: Columns) -> Columns:
    """Return the features of the blocks of an HTML document, by name; `lines` are its `line_features`."""
    words = numpy.expm1(lines["log_words"])
    own = _owns(blocks, words.tolist(), (lines["prose"] * words).tolist())
    columns = _block_columns(blocks) | _path_columns([block.path for block in blocks], own)
    columns |= _agreement(columns, words)
    for name in ("links", *(f"vote {method}" for method in VOTES[:3])):
        columns |= {f"{name} ~{reach}": around(columns[name], reach) for reach in (2, 6)}
    for step in _NEIGHBOURS:
        columns |= {f"{name}{step:+d}": shifted(columns[name], step) for name in _CONTEXT}
    same = [0.0, *(float(one.path == other.path) for one, other in pairwise(blocks))]
    columns["path as before"] = numpy.array(same[: len(blocks)], dtype=numpy.float32)
    columns["path as after"] = shifted(columns["path as before"], 1)
    return columns


def _owns(blocks: Sequence[Block], words: Sequence[float], prose: Sequence[float]) -> dict[str, _Own]:
    owns: dict[str, _Own] = {}
    for block, count, weight in zip(blocks, words, prose, strict=True):
        own = owns.get(block.path)
        if own is None:
            own = owns[block.path] = _Own()
        own.blocks += 1
        own.prose += weight
        own.words += count
        own.linked += count * block.link_density
    return owns


def _insides(owns: dict[str, _Own]) -> dict[str, _Inside]:
    """Return what stands in each element around a block, from the body inwards, by path."""
    insides: dict[str, _Inside] = {}
    for path, own in owns.items():
        for prefix in prefixes(path) or (path,):
            inside = insides.get(prefix)
            if inside is None:
                inside = insides[prefix] = _Inside()
            inside.prose += own.prose
            inside.words += own.words
            inside.linked += own.linked
    return insides


def _main_path(owns: dict[str, _Own]) -> tuple[str, ...]:
    """Return the paths down to the element whose children hold most of the page's running text."""
    parents: dict[str, float] = {}
    for path, own in owns.items():
        if own.prose:
            parent = path.rpartition("/")[0]
            parents[parent] = parents.get(parent, 0.0) + own.prose
    if not parents:
        return ()
    return prefixes(max(parents, key=lambda path: (parents[path], path)))


def _block_columns(blocks: Sequence[Block]) -> Columns:
    votes = [{vote.method: vote.keep for vote in block.votes} for block in blocks]
    kinds = [block.kind for block in blocks]
    columns = {
        "links": [block.link_density for block in blocks],
        "hidden": [cast.get("visible") == 0.0 for cast in votes],
        "after image": [block.after_image for block in blocks],
        "asked trafilatura": ["trafilatura" in cast for cast in votes],
    }
    columns |= {f"vote {method}": [cast.get(method, 0.0) for cast in votes] for method in VOTES}
    columns |= {f"kind {kind}": [kind is one for one in kinds] for kind in Kind}
    return {name: numpy.array(values, dtype=numpy.float32) for name, values in columns.items()}


def _path_columns(paths: Sequence[str], owns: dict[str, _Own]) -> Columns:
    """Return what the path of each block says. A page has fewer paths than blocks: each is looked at once."""
    rows = {path: row for row, path in enumerate(owns)}
    insides, main = _insides(owns), _main_path(owns)
    total = max(sum(own.prose for own in owns.values()), 1.0)
    table = numpy.array([_placed(path, own, insides, total, main) for path, own in owns.items()], dtype=numpy.float32)
    at = [rows[path] for path in paths]
    placed = dict(zip(_PLACED, table.reshape(-1, len(_PLACED)).T[:, at], strict=True))
    return placed | dict(zip(_NAMED, _named(owns).T[:, at].astype(numpy.float32), strict=True))


def _placed(path: str, own: _Own, insides: dict[str, _Inside], total: float, main: Sequence[str]) -> list[float]:
    """Return the values of `_PLACED`: where a path stands, and how much text the elements around it hold."""
    around_it = prefixes(path) or (path,)
    shared = next((at for at, (one, other) in enumerate(zip(around_it, main, strict=False)) if one != other), None)
    shared = min(len(around_it), len(main)) if shared is None else shared
    row = [
        len(around_it),
        shared / max(1, len(main)),
        len(around_it) - shared,
        len(main) - shared,
        own.prose / total,
        math.log(own.blocks),
        own.prose / max(1.0, own.words),
    ]
    for level in _LEVELS:
        parent = insides[around_it[max(len(around_it) - 1 - level, 0)]]
        words = max(1.0, parent.words)
        row += parent.prose / total, parent.prose / words, parent.linked / words, math.log1p(parent.words)
    return row


def _named(paths: Iterable[str]) -> NDArray[numpy.bool_]:
    """Return the values of `_NAMED`, `[paths, names]`: what the elements on each path call themselves."""
    masks = []
    for path in paths:
        steps = path.split("/")
        mask = 0
        for step in steps[2:]:
            mask |= _names(step)
        masks.append(mask & ~_OWN_TAG | _names(steps[-1]) & _OWN_TAG)
    table = numpy.array(masks, dtype=numpy.int64).reshape(-1, 1)
    return numpy.asarray(table >> numpy.arange(len(_NAMED)) & 1, dtype=bool)


_BIT: Final = {name: 1 << place for place, name in enumerate(_NAMED)}
_OWN_TAG: Final = sum(_BIT[f"tag {tag}"] for tag in _TAGS)


@lru_cache(maxsize=8192)  # the pages of a site share most steps
def _names(step: str) -> int:
    """Return which of `_NAMED` a step of a path is or holds, a bit for each: its tag, its rule, parts of its names."""
    tag = step.partition("#")[0].partition(".")[0].partition("[")[0]
    lowered = step.lower()
    parts = [name for name, parts in _PARTS.items() if any(map(lowered.__contains__, parts))]
    held = (f"in {rule_of_step(step)}", f"tag {tag}", f"within {tag}", *parts)
    return sum(_BIT[name] for name in held if name in _BIT)


def _agreement(columns: Columns, words: Column) -> Columns:
    """Return, the same in every row, how much of the page each method wants and how far the two big ones agree."""
    whole = max(float(words.sum()), 1.0)
    one, other = columns["vote trafilatura"], columns["vote density"]
    either = max(float((numpy.maximum(one, other) * words).sum()), 1.0)
    figures = {f"page {method}": float((columns[f"vote {method}"] * words).sum()) / whole for method in VOTES[:3]}
    figures["page agreement"] = float((numpy.minimum(one, other) * words).sum()) / either
    return {name: numpy.full(len(words), value, dtype=numpy.float32) for name, value in figures.items()}
