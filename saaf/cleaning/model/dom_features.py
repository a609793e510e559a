"""Features from the markup: paths, elements, class names and votes, which only HTML documents have.

The page is described relative to itself: how much of its running text each element around a block holds, how far the
block's path leaves that of the element with most of it. Names of classes count by the part of a page they stand for.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy

from saaf.cleaning.html.class_names import rule_of_step, tag_of_step
from saaf.cleaning.model.portable_math import log1p
from saaf.cleaning.model.text_features import means_around, neighbours, shifted
from saaf.cleaning.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from saaf.cleaning.html.path_tree import PathTree
    from saaf.cleaning.model.text_features import Column, Columns
    from saaf.cleaning.types import Block, Vote

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
_NAME_PARTS: Final = {
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
_REACHES: Final = dict.fromkeys(("links", *(f"vote {method}" for method in VOTES[:3])), (2, 6))
_NUMBER_OF_KIND: Final = {kind: number for number, kind in enumerate(Kind)}
_KIND_FEATURES: Final = {f"kind {kind}": number for kind, number in _NUMBER_OF_KIND.items()}
_LEVELS: Final = (1, 2, 3)  # elements around a block, from its parent upwards
_PATH_FEATURES: Final = (
    "depth",
    "with main",
    "below main",
    "above main",
    "path prose",
    "path blocks",
    "path prose share",
    *(f"up {level} {what}" for level in _LEVELS for what in ("prose", "prose share", "links", "words")),
)
_CLASS_NAME_FEATURES: Final = (
    *(f"in {rule}" for rule in _RULES),
    *(f"tag {tag}" for tag in _TAGS),
    *(f"within {tag}" for tag in _AROUND),
    *_NAME_PARTS,
)


def dom_features(blocks: Sequence[Block], path_columns: Columns) -> Columns:
    """Return the markup features by name, each `float32[blocks]`; `path_columns` are the document's `path_features`."""
    columns = path_columns | _block_columns(blocks)
    columns |= _agreement(columns, columns.pop("words"))
    return columns | means_around(columns, _REACHES) | neighbours(columns, _CONTEXT, _NEIGHBOURS)


def path_features(tree: PathTree, links: Sequence[float], lines: Columns) -> Columns:
    """Return the features of the blocks' paths by name, each `float32[blocks]`, and "words"; `lines` are the text
    features, `links` the link density of each block.
    """
    words = lines["words"]
    columns = dict(
        zip(_PATH_FEATURES, _path_columns(tree, words, lines["prose"] * words, numpy.array(links)), strict=True)
    )
    columns |= dict(zip(_CLASS_NAME_FEATURES, _class_name_flags(tree)[:, tree.rows], strict=True))
    same = numpy.concatenate([[False], tree.rows[1:] == tree.rows[:-1]])[: len(tree.rows)].astype(numpy.float32)
    columns |= {"path as before": same, "path as after": shifted(same, 1), "words": words}
    return {name: numpy.asarray(column, dtype=numpy.float32) for name, column in columns.items()}


def _block_columns(blocks: Sequence[Block]) -> Columns:
    columns = {
        "links": numpy.array([block.link_density for block in blocks], dtype=numpy.float32),
        "after image": numpy.array([block.after_image for block in blocks], dtype=numpy.float32),
    }
    kinds = numpy.array([_NUMBER_OF_KIND[block.kind] for block in blocks], dtype=numpy.int8)
    columns |= {name: (kinds == number).astype(numpy.float32) for name, number in _KIND_FEATURES.items()}
    return columns | _vote_columns([block.votes for block in blocks])


def _vote_columns(votes: Sequence[tuple[Vote, ...]]) -> Columns:
    """Return the columns of the votes, of which most blocks share one tuple with others."""
    distinct = {id(own): own for own in votes}
    places = {identity: place for place, identity in enumerate(distinct)}
    rows = numpy.array([places[id(own)] for own in votes], dtype=numpy.int64)
    cast = [{vote.method: vote.keep for vote in own} for own in distinct.values()]
    columns: dict[str, list[float]] = {
        "hidden": [own.get("visible") == 0.0 for own in cast],
        "asked trafilatura": ["trafilatura" in own for own in cast],
    }
    columns |= {f"vote {method}": [own.get(method, 0.0) for own in cast] for method in VOTES}
    return {name: numpy.array(values, dtype=numpy.float32)[rows] for name, values in columns.items()}


def _path_columns(tree: PathTree, words: Column, prose: Column, links: Column) -> Iterator[Column]:
    """Yield the columns of `_PATH_FEATURES`: where each block stands, and how much text the elements around it hold."""
    size = len(tree.steps)
    blocks = numpy.bincount(tree.rows, minlength=size)
    own = [numpy.bincount(tree.rows, weight, size) for weight in (prose, words, words * links)]
    main, shared = _main_element(tree, own[0])
    total = max(float(own[0].sum()), 1.0)
    deep = numpy.maximum(tree.depths - 1, 1)  # the elements from the body inwards
    columns = [deep, shared / max(1, main), deep - shared, main - shared, own[0] / total]
    columns += [log1p(numpy.maximum(blocks, 1) - 1), own[0] / numpy.maximum(1.0, own[1])]
    prose, words, linked = (tree.subtree_sums(sums) for sums in own)
    whole = numpy.maximum(1.0, words)
    here, above = numpy.arange(size), tree.enclosing()
    for _ in _LEVELS:
        here = above[here]
        columns += [(prose / total)[here], (prose / whole)[here], (linked / whole)[here], log1p(words)[here]]
    for column in columns:
        yield column[tree.rows]


def _main_element(tree: PathTree, prose: Column) -> tuple[int, Column]:
    """Return how deep in the body the element stands whose children hold most of the page's running text, and how many
    of the elements around it are also around each element.
    """
    held = numpy.bincount(tree.parents, prose, len(tree.steps))
    heaviest = numpy.flatnonzero(held == held.max()).tolist() if held.any() else []
    element = max(heaviest, key=tree.path, default=0)
    main = max(int(tree.depths[element]) - 1, 0)
    on_it = set()
    while tree.depths[element] > 1:
        on_it.add(element)
        element = int(tree.parents[element])
    shared = [0] * len(tree.steps)
    for one, parent in enumerate(tree.parents.tolist()):
        shared[one] = shared[parent] + (one in on_it)
    return main, numpy.array(shared)


def _class_name_flags(tree: PathTree) -> NDArray[numpy.bool_]:
    """Return the values of `_CLASS_NAME_FEATURES`, `bool[names, elements]`: the tags and class names of each element
    and of those around it.
    """
    own = [_name_bits(step) for step in tree.steps]
    masks = [0] * len(own)
    for element, parent in enumerate(tree.parents.tolist()):
        masks[element] = masks[parent] | own[element] if tree.depths[element] > 2 else 0
    rows = [mask & ~_OWN_TAG | names & _OWN_TAG for mask, names in zip(masks, own, strict=True)]
    return numpy.asarray(
        numpy.array(rows, dtype=numpy.int64) >> numpy.arange(len(_CLASS_NAME_FEATURES))[:, None] & 1, dtype=bool
    )


_BIT: Final = {name: 1 << place for place, name in enumerate(_CLASS_NAME_FEATURES)}
_BIT_OF_TAG: Final = {tag: _BIT.get(f"tag {tag}", 0) | _BIT.get(f"within {tag}", 0) for tag in (*_TAGS, *_AROUND)}
_BIT_OF_RULE: Final = {rule: _BIT[f"in {rule}"] for rule in _RULES}
_OWN_TAG: Final = sum(_BIT[f"tag {tag}"] for tag in _TAGS)


@lru_cache(maxsize=8192)  # the pages of a site share most steps
def _name_bits(step: str) -> int:
    """Return which of `_CLASS_NAME_FEATURES` a step of a path is or holds, a bit for each: its tag, its rule, parts of
    its names.
    """
    bits = _BIT_OF_TAG.get(tag_of_step(step), 0) | _BIT_OF_RULE.get(rule_of_step(step) or "", 0)
    lowered = step.lower()
    for name, parts in _NAME_PARTS.items():
        for part in parts:
            if part in lowered:
                bits |= _BIT[name]
                break
    return bits


def _agreement(columns: Columns, words: Column) -> Columns:
    """Return, the same in every row, the share of the page that each method keeps and how far trafilatura and density
    agree.
    """
    whole = max(float(words.sum()), 1.0)
    one, other = columns["vote trafilatura"], columns["vote density"]
    either = max(float((numpy.maximum(one, other) * words).sum()), 1.0)
    figures = {f"page {method}": float((columns[f"vote {method}"] * words).sum()) / whole for method in VOTES[:3]}
    figures["page agreement"] = float((numpy.minimum(one, other) * words).sum()) / either
    return {name: numpy.full(len(words), value, dtype=numpy.float32) for name, value in figures.items()}
