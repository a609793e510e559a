"""What a page repeats is judged together: verses, rows, posts, questions, and lists of other articles' beginnings."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import groupby
from typing import TYPE_CHECKING, Final

import numpy

from saaf.cleaning.html.class_names import always_removed
from saaf.cleaning.html.path_tree import build_tree
from saaf.cleaning.types import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from saaf.cleaning.html.path_tree import PathTree
    from saaf.cleaning.model.text_features import Column, Columns
    from saaf.cleaning.types import Block

REASONS: Final = {
    "hidden": "html.hidden",
    "in html.comments": "html.comments",
    "in html.related": "html.related",
    "in html.share": "html.share",
    "in html.advertisement": "html.advertisement",
    "in html.form": "html.form",
    "kind form": "html.form",
    "in html.navigation": "html.navigation",
    "in html.sidebar": "html.sidebar",
    "kind caption": "html.caption",
}
"""The features that name the reason of a removal, the surest name first, and the rule they name."""
LINKS: Final = 0.5
"""Share of a block in links from which it is one."""
ARTICLE: Final = 60
"""Words of an article: with fewer beside it a list is what the page is for."""
SURE_RUN: Final = 0.4
"""How sure the blocks of a run must be, in the mean. A heading needs no more where what it heads stays."""
# Verses, ingredients and rows of a table are judged together: a run of so many neighbours of one path, none of them a
# link or in a part with a name that speaks against it, stays where its mean is as sure. Runs of labels have 0.0 to 0.1.
_LEAST_RUN: Final = 4
_SURE_END: Final = 0.2
_LEAST_POSTS: Final = 3
# An interview's questions, subheadings: short, and each alone not always sure enough.
_LEAST_KINDRED: Final = 3
_SURE_KINDRED: Final = 0.8
_SURE_AMONG_KINDRED: Final = 0.6
# Lists of beginnings: of 1,579 development pages 14 have one that the model lets stay. F1 of these rises from 66 to 77.
_LEAST_TEASERS: Final = 5
_LEAST_HEADLINE: Final = 3  # words
_SURE_LIST: Final = 0.9
# Of 250 pages that no model was trained on, five have a standfirst with such a name of which the model is as sure as of
# other paragraphs, and no residue there.
_STANDFIRST: Final = 4  # blocks: a byline or a date may come first
_STANDFIRST_NAMES: Final = frozenset({"in html.navigation", "in html.related"})
_MOST_OF_PAGE: Final = 0.5  # of the words that may be content: an element with so many does not go by its name
_TIME: Final = re.compile(r"\s*\d{1,2}[:.]\d{2}\b")
_NUMBER: Final = re.compile(r"\d+")


def flagged_by_class_name(columns: Columns) -> NDArray[numpy.bool_]:
    """Return which blocks have a named reason against them."""
    return numpy.asarray(sum(columns[name] for name in REASONS) > 0)


def is_unflagged(columns: Columns) -> NDArray[numpy.bool_]:
    """Return which blocks are no links and have no named reason against them."""
    return numpy.asarray((columns["links"] < LINKS) & ~flagged_by_class_name(columns))


def is_standfirst(columns: Columns) -> NDArray[numpy.bool_]:
    """Return which blocks are running text right behind the headline against which no more speaks than the name of a
    header or a teaser: so themes call an article's first lines, too.
    """
    back, others = columns["title back"], sum(columns[name] for name in REASONS if name not in _STANDFIRST_NAMES)
    return numpy.asarray((back > 0) & (back <= _STANDFIRST) & (columns["prose"] > 0) & (others == 0))


def always_removed_blocks(blocks: Sequence[Block], likely: Column) -> dict[str, NDArray[numpy.bool_]]:
    """Return the blocks that go by the name of an element around them
    (`saaf.cleaning.html.class_names.always_removed`), by rule; `likely` are the words of each that may be content. An
    element with most of them is no such thing, whatever its name.
    """
    tree = build_tree(tuple(block.path for block in blocks))
    named = [always_removed(step) for step in tree.steps]
    rules = sorted({rule for rule in named if rule})
    return {rule: _inside(tree, [name == rule for name in named], likely) for rule in rules}


def _inside(tree: PathTree, named: Sequence[bool], likely: Column) -> NDArray[numpy.bool_]:
    most = _MOST_OF_PAGE * float(likely.sum())
    found = numpy.array(named) & (tree.subtree_sums(numpy.bincount(tree.rows, likely, len(tree.steps))) < most)
    for element, parent in enumerate(tree.parents.tolist()):
        found[element] |= found[parent]
    rows = found[tree.rows]
    return rows if likely[rows].sum() < most else numpy.zeros(len(rows), dtype=bool)


def kept_as_group(blocks: Sequence[Block], columns: Columns, sure: Column) -> NDArray[numpy.bool_]:
    """Return the blocks that are sure enough with others of their like."""
    innocent = is_unflagged(columns)
    posts = _posts(blocks, innocent & (columns["prose"] > 0), sure)
    return _runs(blocks, innocent, sure) | posts | _kindred(blocks, innocent, sure)


def _runs(blocks: Sequence[Block], innocent: NDArray[numpy.bool_], sure: Column) -> NDArray[numpy.bool_]:
    """Return the blocks of runs that are sure enough together, from the first to the last that could be content: a
    credit or a byline may have the path of the article's paragraphs.
    """
    kept = numpy.zeros(len(blocks), dtype=bool)
    row = 0
    for _, run in groupby(blocks, key=lambda block: block.kind if block.kind is Kind.TABLE_ROW else block.path):
        start, row = row, row + len(list(run))
        own = sure[start:row]
        if len(own) >= _LEAST_RUN and innocent[start:row].all() and float(own.mean()) > SURE_RUN:
            likely = start + numpy.flatnonzero(own >= _SURE_END)
            kept[likely[0] : likely[-1] + 1] = True
    return kept


def _kindred(blocks: Sequence[Block], innocent: NDArray[numpy.bool_], sure: Column) -> NDArray[numpy.bool_]:
    """Return the blocks that the model is not against and whose like, all of the same path, are sure together."""
    rows = build_tree(tuple(block.path for block in blocks)).rows
    counts = numpy.bincount(rows)
    means = numpy.bincount(rows, sure) / numpy.maximum(counts, 1)
    together = (counts >= _LEAST_KINDRED) & (means > _SURE_KINDRED)
    return numpy.asarray(together[rows] & innocent & (sure > _SURE_AMONG_KINDRED))


def _posts(blocks: Sequence[Block], text: NDArray[numpy.bool_], sure: Column) -> NDArray[numpy.bool_]:
    """Return the running `text` of posts and entries that are sure enough together: the same part of a page several
    times, told apart by a number in its name ("div#post-17").
    """
    rows: defaultdict[str, list[int]] = defaultdict(list)
    for row in numpy.flatnonzero(text).tolist():
        rows[_NUMBER.sub("", blocks[row].path)].append(row)
    kept = numpy.zeros(len(blocks), dtype=bool)
    for own in rows.values():
        if len({blocks[row].path for row in own}) >= _LEAST_POSTS:
            kept[own] = float(sure[own].mean()) > SURE_RUN
    return kept


def teaser_lists(
    blocks: Sequence[Block], texts: Sequence[str], columns: Columns, sure: Column, keep: NDArray[numpy.bool_]
) -> NDArray[numpy.bool_]:
    """Return the headlines and beginnings of other articles in a list of them: paragraphs that each follow a headline
    that is a link, always at the same places of the page, while an article of its own stays elsewhere. It is a list
    where five paragraphs stay whose headline does not, or begins with a time of day; then all that stands at its places
    belongs to it. `texts` are the blocks'.
    """
    words, text = numpy.expm1(columns["log_words"]), keep & (columns["prose"] > 0)
    linked = (columns["links"] > LINKS) & (words >= _LEAST_HEADLINE)
    timed = numpy.array(
        [bool(link) and _TIME.match(line) is not None for link, line in zip(linked, texts, strict=True)]
    )
    found = numpy.zeros(len(blocks), dtype=bool)
    telling = _by_places(blocks, numpy.flatnonzero(text[1:] & (linked & ~keep | timed)[:-1]) + 1)
    lists = {places: rows for places, rows in telling.items() if len(rows) >= _LEAST_TEASERS}
    members = _by_places(blocks, numpy.flatnonzero(linked[:-1]) + 1) if lists else {}
    for places, rows in lists.items():
        own = _beginnings(blocks, keep, rows)
        is_list = sure[own].mean() < _SURE_LIST or timed[numpy.array(rows) - 1].all()
        if is_list and _beside(own, text, words):
            whole = _beginnings(blocks, keep, members[places])
            whole[numpy.array(members[places]) - 1] = True
            found |= whole if _beside(whole, text, words) else own
    return found


def _by_places(blocks: Sequence[Block], rows: NDArray[numpy.int64]) -> dict[tuple[str, str], list[int]]:
    """Return `rows` by their path and that of the block before each, numbers aside."""
    lists: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for row in rows.tolist():
        lists[_NUMBER.sub("", blocks[row - 1].path), _NUMBER.sub("", blocks[row].path)].append(row)
    return lists


def _beginnings(blocks: Sequence[Block], keep: NDArray[numpy.bool_], rows: Sequence[int]) -> NDArray[numpy.bool_]:
    """Return the blocks at `rows`, each with those to `keep` that follow at its place."""
    found = numpy.zeros(len(blocks), dtype=bool)
    for row in rows:
        end = row + 1
        while end < len(blocks) and keep[end] and blocks[end].path == blocks[row].path:
            end += 1
        found[row:end] = True
    return found


def _beside(own: NDArray[numpy.bool_], text: NDArray[numpy.bool_], words: Column) -> bool:
    """Return whether an article's worth of running text stays beside a list's `own` blocks."""
    return bool(words[text & ~own].sum() >= ARTICLE)
