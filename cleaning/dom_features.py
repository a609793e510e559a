"""What the markup around a block says of it, in numbers: the features that only HTML has.

The page is described relative to itself: how much of its running text each element around a block holds, how far the
block's path leaves that of the element with most of it. Names of classes count by the part of a page they stand for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
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
    by_path = {block.path: None for block in blocks}
    known = {path: _path_row(path, inside, total, main) for path in by_path}
    rows = [_block_row(block) | known[block.path] for block in blocks]
    columns = _columns(rows)
    columns |= _agreement(columns, words)
    for name in ("links", *(f"vote {method}" for method in VOTES[:3])):
        columns |= {f"{name} ~{reach}": around(columns[name], reach) for reach in (2, 6)}
    for step in _NEIGHBOURS:
        columns |= {f"{name}{step:+d}": shifted(columns[name], step) for name in _CONTEXT}
    same = [0.0, *(float(one.path == other.path) for one, other in pairwise(blocks))]
    columns["path as before"] = numpy.array(same[: len(blocks)], dtype=numpy.float32)
    columns["path as after"] = shifted(columns["path as before"], 1)
    return columns


def _columns(rows: Sequence[dict[str, float]]) -> Columns:
    names = list(rows[0])
    table = numpy.array([list(row.values()) for row in rows], dtype=numpy.float32)
    return {name: table[:, index] for index, name in enumerate(names)}


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


def _block_row(block: Block) -> dict[str, float]:
    votes = {vote.method: vote.keep for vote in block.votes}
    row = {"links": block.link_density, "hidden": float(votes.get("visible") == 0.0)}
    row |= {f"vote {method}": votes.get(method, 0.0) for method in VOTES}
    return row | {f"kind {kind}": float(block.kind is kind) for kind in Kind}


def _path_row(path: str, inside: dict[str, _Inside], total: float, main: Sequence[str]) -> dict[str, float]:
    steps = path.split("/")
    tags = [step.partition("#")[0].partition(".")[0].partition("[")[0] for step in steps]
    rules = {rule_of_step(step) for step in steps[2:]}
    shared = next((index for index, (a, b) in enumerate(zip(steps, main, strict=False)) if a != b), len(main))
    shared = min(shared, len(steps))
    own = inside[path]
    row = {
        "depth": float(len(steps)),
        "with main": shared / max(1, len(main)),
        "below main": float(len(steps) - shared),
        "above main": float(len(main) - shared),
        "path prose": own.own_prose / total,
        "path blocks": math.log(max(own.blocks, 1)),
        "path prose share": own.own_prose / max(1.0, own.words),
    }
    for level in _LEVELS:
        parent = inside.get("/".join(steps[:-level]) or steps[0]) or inside[path]
        row[f"up {level} prose"] = parent.prose / total
        row[f"up {level} prose share"] = parent.prose / max(1.0, parent.words)
        row[f"up {level} links"] = parent.linked / max(1.0, parent.words)
        row[f"up {level} words"] = math.log1p(parent.words)
    row |= {f"in {rule}": float(rule in rules) for rule in _RULES}
    row |= {f"tag {tag}": float(tags[-1] == tag) for tag in _TAGS}
    row |= {f"within {tag}": float(tag in tags) for tag in _AROUND}
    lowered = path.lower()
    return row | {name: float(any(part in lowered for part in parts)) for name, parts in _PARTS.items()}


def _agreement(columns: Columns, words: Column) -> Columns:
    """Return, the same in every row, how much of the page each method wants and how far the two big ones agree."""
    whole = max(float(words.sum()), 1.0)
    one, other = columns["vote trafilatura"], columns["vote density"]
    either = max(float((numpy.maximum(one, other) * words).sum()), 1.0)
    figures = {f"page {method}": float((columns[f"vote {method}"] * words).sum()) / whole for method in VOTES[:3]}
    figures["page agreement"] = float((numpy.minimum(one, other) * words).sum()) / either
    return {name: numpy.full(len(words), value, dtype=numpy.float32) for name, value in figures.items()}
