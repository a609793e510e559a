"""Parts of the article's body that stay whole: tables, lists, definition lists, code and admonitions.

Their lines are short, and some are links: one by one they look like labels. What stands between the paragraphs of the
article, or right after them in the same element, is judged as one part, by its mean probability.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy

from saaf.cleaning.decision.groups import LINK_DENSITY, flagged_by_class_name
from saaf.cleaning.html.class_names import STATE_CLASS, tag_of_step
from saaf.cleaning.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from saaf.cleaning.html.path_tree import PathTree
    from saaf.cleaning.model.text_features import Column, Columns
    from saaf.cleaning.types import Block

_PART_OF_TAG: Final = {"ul": "list", "ol": "list", "dl": "list", "menu": "list", "table": "table", "pre": "code"}
_ADMONITION: Final = re.compile(
    r"[.#](?:\w+-)?(?:admonition|callout)\b|\.alert-(?:info|warning|danger|note)\b|\[role=note\]", re.IGNORECASE
)
_CLASSES: Final = re.compile(r"\.[^.#\[]+")
_NUMBER: Final = re.compile(r"\d")
_ITEM_TAGS: Final = frozenset(("li", "dd", "dt", "dl", "ul", "ol", "pre", "code"))
_SURE: Final = 0.7  # probability of running text that is surely the article's
_SURE_ENOUGH: Final = 0.5  # the same on a page that has hardly any such text
_LONG_LINE_WORDS: Final = 20.0
_MIN_SURE_WORDS: Final = 30.0
_BODY_SHARE: Final = 0.7  # of the words of such text, in the innermost element that is the article's body
_SAME_ELEMENT_SHARE: Final = 0.3  # of the same, in the element that a part after the last of it stands in
# The least mean probability of a part between sure paragraphs. On 492 pages of sites that the model was not trained on,
# what this keeps of lists and tables is content in three of four words, below it in one of three.
_MIN_MEAN: Final = {"table": 0.2, "linked table": 0.3, "list": 0.3, "code": 0.3, "admonition": 0.15}
_MIN_MEAN_AFTER: Final = {"table": 0.2, "linked table": 0.4, "list": 0.4, "code": 0.3, "admonition": 0.15}
# A list that holds sure paragraphs itself (a story in `dd`, instructions) keeps its short items.
_MIN_MEAN_OF_TEXT: Final = 0.6
_MIN_PROBABILITY: Final = 0.2
_MIN_ROWS: Final = 2
_CELL_SEPARATOR: Final = " | "
_MIN_KEPT_CODE: Final = 0.55  # of the words of a code block; what this adds is content in four of five words


@dataclass(frozen=True, slots=True, kw_only=True)
class _Body:
    """The article's body.

    `panels` are the elements beside it with the same class. `inside` tells of each element of the tree whether it
    stands in the body or in them; `part` is the outermost list, table, code or admonition in them around an element, -1
    where there is none. `sure` are the words of the blocks that are surely running text of the article, 0 for others.
    """

    inside: NDArray[numpy.bool_]
    panels: list[int]
    part: NDArray[numpy.int64]
    sure: Column


def body_parts(
    blocks: Sequence[Block], texts: Sequence[str], tree: PathTree, features: Columns, probability: Column
) -> NDArray[numpy.bool_]:
    """Return the blocks that stay because they belong to a part of the article's body, `bool[blocks]`."""
    kept = numpy.zeros(len(blocks), dtype=bool)
    body = _find_body(tree, features, probability)
    if body is None:
        return kept
    part = body.part[tree.rows]
    rows = numpy.flatnonzero((body.sure > 0) & body.inside[tree.rows])
    harmless = ~_flagged(blocks, features) & body.inside[tree.rows]
    for start, end in _runs(part):
        if part[start] >= 0 and end - start >= _MIN_ROWS and harmless[start:end].all():
            kind = _kind(tree.steps[part[start]], texts, features, start, end)
            own = probability[start:end]
            if body.sure[start:end].any():
                kept[start:end] = (own.mean() >= _MIN_MEAN_OF_TEXT) & (own >= _MIN_PROBABILITY)
            elif rows[0] < start and end <= rows[-1]:
                kept[start:end] = own.mean() >= _MIN_MEAN[kind]
    return kept | _parts_after(tree, body, part, harmless, texts, features, probability, int(rows[-1]) + 1)


def _find_body(tree: PathTree, features: Columns, probability: Column) -> _Body | None:
    """Return the body, None where no article's worth of running text is sure."""
    # Some scripts end no sentence with a sign: there a long line is running text.
    long = (features["words"] >= _LONG_LINE_WORDS) & (features["links"] < LINK_DENSITY)
    text = numpy.where((features["prose"] > 0) | long, features["words"], 0.0)
    enough = [text * (probability >= least) for least in (_SURE, _SURE_ENOUGH)]
    sure = next((words for words in enough if words.sum() >= _MIN_SURE_WORDS), None)
    if sure is None:
        return None
    total = float(sure.sum())
    sums = tree.subtree_sums(numpy.bincount(tree.parents[tree.rows], sure, len(tree.steps)))
    holding = numpy.flatnonzero(sums >= _BODY_SHARE * total)
    element = int(holding[numpy.argmax(tree.depths[holding])])
    while element and tag_of_step(tree.steps[element]) in _ITEM_TAGS:
        element = int(tree.parents[element])
    inside, part = numpy.zeros(len(tree.steps), dtype=bool), numpy.full(len(tree.steps), -1)
    panels = _like(tree, element)
    inside[[element, *panels]] = True
    for one, parent in enumerate(tree.parents.tolist()):
        if one and inside[parent]:
            inside[one] = True
            is_part = _may_be_part(tree.steps[one])
            part[one] = part[parent] if part[parent] >= 0 or not is_part else one
    return _Body(inside=inside, part=part, sure=sure, panels=panels)


@lru_cache(maxsize=8192)
def _may_be_part(step: str) -> bool:
    """Return whether the element with a step of a path is a list, a table, code or an admonition."""
    return tag_of_step(step) in _PART_OF_TAG or _ADMONITION.search(step) is not None


def _like(tree: PathTree, element: int) -> list[int]:
    """Return the elements beside one with the same tag and classes: the panels of tabs, the parts of an article."""
    own = _lasting_names(tree.steps[element])
    beside = numpy.flatnonzero(tree.parents == tree.parents[element]).tolist() if len(own) > 1 else []
    return [one for one in beside if one != element and _lasting_names(tree.steps[one]) == own]


def _lasting_names(step: str) -> list[str]:
    """Return the tag and the classes of a step, without those of a state or with a number."""
    names = (name for name in _CLASSES.findall(step) if not STATE_CLASS.fullmatch(name[1:]))
    return [tag_of_step(step), *(name for name in names if not _NUMBER.search(name))]


def _flagged(blocks: Sequence[Block], features: Columns) -> NDArray[numpy.bool_]:
    """Return which blocks have a name against them; the caption of a table has none."""
    captions = numpy.array([block.kind is Kind.CAPTION and "table" in block.path for block in blocks])
    return numpy.asarray(flagged_by_class_name(features) & ~captions)


def _runs(keys: NDArray[numpy.int64]) -> Iterator[tuple[int, int]]:
    """Yield the half-open ranges of equal neighbouring keys."""
    edges = [0, *(numpy.flatnonzero(numpy.diff(keys)) + 1).tolist(), len(keys)]
    yield from pairwise(edges)


def _kind(step: str, texts: Sequence[str], features: Columns, start: int, end: int) -> str:
    kind = _PART_OF_TAG.get(tag_of_step(step), "admonition")
    if kind == "table" and 2 * sum(_CELL_SEPARATOR in text for text in texts[start:end]) < end - start:
        return "list"  # rows of one cell lay out a page
    words, links = features["words"][start:end], features["links"][start:end]
    is_linked = float((words * links).sum()) > LINK_DENSITY * float(words.sum())
    return "linked table" if kind == "table" and is_linked else kind


def _parts_after(
    tree: PathTree,
    body: _Body,
    part: NDArray[numpy.int64],
    harmless: NDArray[numpy.bool_],
    texts: Sequence[str],
    features: Columns,
    probability: Column,
    start: int,
) -> NDArray[numpy.bool_]:
    """Return the blocks of the parts from block `start` on, right after the last sure paragraph, in an element that
    holds much of the article itself; lists, with the headings between them, are judged together.
    """
    kept = numpy.zeros(len(part), dtype=bool)
    held = numpy.bincount(tree.parents[tree.rows], body.sure, len(tree.steps))
    likely = held > _SAME_ELEMENT_SHARE * float(body.sure.sum())
    likely[body.panels] = True
    beside = likely[tree.parents[numpy.where(part >= 0, part, tree.rows)]]
    heading = (features["kind heading"] > 0) & (part < 0)
    end = start
    while end < len(part) and beside[end] and harmless[end] and (part[end] >= 0 or heading[end]):
        end += 1
    lists = [row for row in range(start, end) if part[row] < 0 or _is_list(tree, part[row])]
    for first, last in _runs(part[start:end]) if end > start else ():
        rows = slice(start + first, start + last)
        if part[rows.start] >= 0 and last - first >= _MIN_ROWS - _is_admonition(tree, part[rows.start]):
            kind = _kind(tree.steps[part[rows.start]], texts, features, rows.start, rows.stop)
            own = probability[lists] if _is_list(tree, part[rows.start]) else probability[rows]
            kept[rows] = own.mean() >= _MIN_MEAN_AFTER[kind]
    return kept


def _is_list(tree: PathTree, element: int) -> bool:
    return _PART_OF_TAG.get(tag_of_step(tree.steps[element])) == "list"


def _is_admonition(tree: PathTree, element: int) -> bool:
    return tag_of_step(tree.steps[element]) not in _PART_OF_TAG


def with_whole_code(blocks: Sequence[Block], features: Columns, keep: NDArray[numpy.bool_]) -> NDArray[numpy.bool_]:
    """Return `keep` with all lines of a code block of which most stays: code with holes is of no use."""
    kept, words = keep.copy(), features["words"]
    elements: dict[str, int] = {}
    paths = (block.path.rpartition("/pre")[0] if block.kind is Kind.CODE else "" for block in blocks)
    keys = numpy.array([elements.setdefault(path, len(elements)) if path else -1 for path in paths])
    for start, end in _runs(keys) if len(keys) else ():
        if keys[start] >= 0:
            stays = float(words[start:end][keep[start:end]].sum())
            kept[start:end] |= stays > _MIN_KEPT_CODE * float(words[start:end].sum())
    return kept
