"""Joint decisions for groups of similar blocks: verses, table rows, forum posts, interview questions, teaser lists."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy

from saaf.cleaning.html.class_names import always_removed_steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from saaf.cleaning.html.path_tree import PathTree
    from saaf.cleaning.model.text_features import Column, Columns
    from saaf.cleaning.types import Block

FEATURE_RULES: Final = {
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
"""The features that name the rule of a removal, the most reliable first, and that rule."""
LINK_DENSITY: Final = 0.5
"""The link density from which a block counts as a link."""
ARTICLE_WORDS: Final = 60
"""Words of an article: with fewer beside it a list is what the page is for."""
GROUP_PROBABILITY: Final = 0.4
"""The mean probability from which a run stays. A heading needs no more where the block that it heads stays."""
# A run of so many neighbouring blocks of one path (verses, ingredients, table rows), none of them a link or flagged by
# a class name, stays where its mean probability is as high. Runs of labels have 0.0 to 0.1.
_MIN_RUN: Final = 4
_MIN_PROBABILITY_AT_ENDS: Final = 0.2
_MIN_POSTS: Final = 3
# Blocks of one path, such as an interview's questions: short, and alone not always over their thresholds.
_MIN_OF_ONE_PATH: Final = 3
_MEAN_OF_ONE_PATH: Final = 0.8
_MIN_PROBABILITY_IN_PATH: Final = 0.6
# Lists of beginnings: of 1,579 development pages 14 have one that the model lets stay. F1 of these rises from 66 to 77.
_MIN_TEASERS: Final = 5
_MIN_HEADLINE_WORDS: Final = 3
_CONFIDENT_LIST: Final = 0.9
_MIN_DISTINCT: Final = 0.6  # share of headlines that differ, and of those with as many letters
_MIN_HEADLINE_LETTERS: Final = 6
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_ENTRY_NUMBER: Final = re.compile(r"\W*(\d{1,3})(?!\d)(?![:.]\d)")
# Of 250 pages that no model was trained on, five have a standfirst with such a class name and the probability of other
# paragraphs, and no residue there.
_STANDFIRST_REACH: Final = 4  # blocks: a byline or a date may come first
_HARMLESS_FOR_STANDFIRST: Final = frozenset({"in html.navigation", "in html.related"})
_MAX_SHARE_OF_PAGE: Final = (
    0.5  # of the words that may be content: an element with more is not removed by its class name
)
_MIN_INTRODUCTION: Final = 30  # characters: "Follow us:" is none
_COLONS: Final = (":", "：", "꞉", "፦", "፡-")
_MAX_HIDDEN_WORDS: Final = 60
_MAX_HIDDEN_SHARE: Final = 0.25  # of the words that may be content
_TIME: Final = re.compile(r"\s*\d{1,2}[:.]\d{2}\b")
_NUMBER: Final = re.compile(r"\d+")


def flagged_by_class_name(features: Columns) -> NDArray[numpy.bool_]:
    """Return which blocks have a class name, kind or attribute against them (`FEATURE_RULES`), `bool[blocks]`."""
    return numpy.asarray(sum(features[name] for name in FEATURE_RULES) > 0)


def is_unflagged(features: Columns) -> NDArray[numpy.bool_]:
    """Return which blocks are no links and are not `flagged_by_class_name`, `bool[blocks]`."""
    return numpy.asarray((features["links"] < LINK_DENSITY) & ~flagged_by_class_name(features))


def is_standfirst(features: Columns) -> NDArray[numpy.bool_]:
    """Return which blocks are running text right behind the headline that only the class name of a header or a teaser
    speaks against: themes use such names for an article's first lines, too.
    """
    back, others = (
        features["title back"],
        sum(features[name] for name in FEATURE_RULES if name not in _HARMLESS_FOR_STANDFIRST),
    )
    return numpy.asarray((back > 0) & (back <= _STANDFIRST_REACH) & (features["prose"] > 0) & (others == 0))


def always_removed_blocks(tree: PathTree, likely: Column) -> dict[str, NDArray[numpy.bool_]]:
    """Return the blocks removed by the class name of an element around them alone, `bool[blocks]` by rule.

    `likely` are the words of each block that may be content: an element with most of the page's is not removed,
    whatever its name.
    """
    named = always_removed_steps(tree.steps)
    rules = sorted({rule for rule in named if rule})
    return {rule: _inside(tree, [name == rule for name in named], likely) for rule in rules}


def introduced_embeds(texts: Sequence[str], embedded: NDArray[numpy.bool_]) -> NDArray[numpy.bool_]:
    """Return the blocks of `embedded` posts that the line before them introduces with a colon, `bool[blocks]`."""
    found = numpy.zeros(len(texts), dtype=bool)
    edges = numpy.flatnonzero(numpy.diff(numpy.concatenate([[False], embedded, [False]])))
    for start, end in edges.reshape(-1, 2).tolist():
        before = texts[start - 1] if start else ""
        found[start:end] = len(before) >= _MIN_INTRODUCTION and before.rstrip().endswith(_COLONS)
    return found


def hidden_notes(features: Columns, likely: Column) -> NDArray[numpy.bool_]:
    """Return the blocks of short runs that the markup hides, `bool[blocks]`: a summary for machines, a notice that a
    script may show. A longer one may be an article that its page unfolds; the model judges it.

    `likely` are the words of each block that may be content.
    """
    hidden, words = features["hidden"] > 0, features["words"]
    found = numpy.zeros(len(hidden), dtype=bool)
    edges = numpy.flatnonzero(numpy.diff(numpy.concatenate([[False], hidden, [False]])))
    for start, end in edges.reshape(-1, 2).tolist():
        is_note = words[start:end].sum() <= _MAX_HIDDEN_WORDS
        found[start:end] = is_note and likely[start:end].sum() <= _MAX_HIDDEN_SHARE * likely.sum()
    return found


def _inside(tree: PathTree, named: Sequence[bool], likely: Column) -> NDArray[numpy.bool_]:
    most = _MAX_SHARE_OF_PAGE * float(likely.sum())
    sums = tree.subtree_sums(numpy.bincount(tree.rows, likely, len(tree.steps)))
    found = (numpy.array(named) & (sums < most)).tolist()
    for element, parent in enumerate(tree.parents.tolist()):
        found[element] = found[element] or found[parent]
    rows = numpy.array(found)[tree.rows]
    return rows if likely[rows].sum() < most else numpy.zeros(len(rows), dtype=bool)


def kept_as_group(
    blocks: Sequence[Block], tree: PathTree, features: Columns, probability: Column
) -> NDArray[numpy.bool_]:
    """Return the blocks that stay as members of a group, `bool[blocks]`: of a run, posts, blocks of one path."""
    unflagged = is_unflagged(features)
    posts = _posts_and_entries(blocks, unflagged & (features["prose"] > 0), probability)
    is_row = features["kind table_row"] > 0
    runs = _runs_of_one_path(numpy.where(is_row, -1, tree.rows), unflagged, probability)
    return runs | posts | _blocks_of_one_path(tree, unflagged, probability)


def _runs_of_one_path(
    paths: NDArray[numpy.int64], unflagged: NDArray[numpy.bool_], probability: Column
) -> NDArray[numpy.bool_]:
    """Return the blocks of runs whose mean probability is high enough, from the first to the last that could be
    content: a credit or a byline may have the path of the article's paragraphs.

    `paths` are a number for the path of each block, the same for all table rows.
    """
    kept = numpy.zeros(len(paths), dtype=bool)
    edges = numpy.flatnonzero(numpy.concatenate([[True], paths[1:] != paths[:-1], [True]]))
    long = numpy.flatnonzero(numpy.diff(edges) >= _MIN_RUN)
    for start, end in zip(edges[long].tolist(), edges[long + 1].tolist(), strict=True):
        own = probability[start:end]
        if unflagged[start:end].all() and float(own.mean()) > GROUP_PROBABILITY:
            likely = start + numpy.flatnonzero(own >= _MIN_PROBABILITY_AT_ENDS)
            kept[likely[0] : likely[-1] + 1] = True
    return kept


def _blocks_of_one_path(tree: PathTree, unflagged: NDArray[numpy.bool_], probability: Column) -> NDArray[numpy.bool_]:
    """Return the blocks of a path whose mean probability is high, less those that the model is against."""
    rows = tree.rows
    counts = numpy.bincount(rows)
    means = numpy.bincount(rows, probability) / numpy.maximum(counts, 1)
    together = (counts >= _MIN_OF_ONE_PATH) & (means > _MEAN_OF_ONE_PATH)
    return numpy.asarray(together[rows] & unflagged & (probability > _MIN_PROBABILITY_IN_PATH))


def _posts_and_entries(
    blocks: Sequence[Block], text: NDArray[numpy.bool_], probability: Column
) -> NDArray[numpy.bool_]:
    """Return the running `text` of posts and entries whose mean probability is high enough: the same part of a page
    several times, told apart by a number in its name ("div#post-17").
    """
    kept = numpy.zeros(len(blocks), dtype=bool)
    for own in _rows_by_numberless_path(blocks, text).values():
        if len({blocks[row].path for row in own}) >= _MIN_POSTS:
            kept[own] = float(probability[own].mean()) > GROUP_PROBABILITY
    return kept


def means_of_same_path(blocks: Sequence[Block], chosen: NDArray[numpy.bool_], probability: Column) -> Column:
    """Return the mean probability of the `chosen` blocks whose path is that of a block but for numbers, 0 for blocks
    that are not chosen, `float64[blocks]`.
    """
    means = numpy.zeros(len(blocks))
    for own in _rows_by_numberless_path(blocks, chosen).values():
        means[own] = probability[own].mean()
    return means


def _rows_by_numberless_path(blocks: Sequence[Block], chosen: NDArray[numpy.bool_]) -> dict[str, list[int]]:
    """Return the rows of the `chosen` blocks by their path without numbers: posts are told apart by one."""
    rows: defaultdict[str, list[int]] = defaultdict(list)
    for row in numpy.flatnonzero(chosen).tolist():
        rows[_NUMBER.sub("", blocks[row].path)].append(row)
    return rows


def teaser_lists(
    blocks: Sequence[Block], texts: Sequence[str], features: Columns, probability: Column, keep: NDArray[numpy.bool_]
) -> NDArray[numpy.bool_]:
    """Return the blocks of lists of teasers, `bool[blocks]`.

    A teaser is a paragraph that follows a headline that is a link, always at the same two paths, while an article of
    its own stays elsewhere on the page. It is a list where five paragraphs stay whose headline does not, or begins with
    a time of day; then all that stands at its paths belongs to it. `texts` are the texts of the blocks.
    """
    words, text = features["words"], keep & (features["prose"] > 0)
    linked = (features["links"] > LINK_DENSITY) & (words >= _MIN_HEADLINE_WORDS)
    timed = numpy.zeros(len(blocks), dtype=bool)
    for row in numpy.flatnonzero(linked).tolist():
        timed[row] = _TIME.match(texts[row]) is not None
    found = numpy.zeros(len(blocks), dtype=bool)
    teasers = _by_paths(blocks, numpy.flatnonzero(text[1:] & (linked & ~keep | timed)[:-1]) + 1)
    lists = {
        paths: rows
        for paths, rows in teasers.items()
        if len(rows) >= _MIN_TEASERS and _are_headlines([texts[row - 1] for row in rows])
    }
    members = _by_paths(blocks, numpy.flatnonzero(linked[:-1]) + 1) if lists else {}
    for paths, rows in lists.items():
        own = _with_following(blocks, keep, rows)
        is_list = probability[own].mean() < _CONFIDENT_LIST or timed[numpy.array(rows) - 1].all()
        if is_list and _article_stays_beside(own, text, words):
            whole = _with_following(blocks, keep, members[paths])
            whole[numpy.array(members[paths]) - 1] = True
            found |= whole if _article_stays_beside(whole, text, words) else own
    return found


def _are_headlines(lines: Sequence[str]) -> bool:
    """Return whether linked lines are headlines of other articles: they differ in their words, most have three of
    letters, and they do not count entries ("1. …", "2. …"), as roundups and reviews do.
    """
    keys = [tuple(_LETTERS.findall(line.lower())) for line in lines]
    wordy = sum(sum(map(len, key)) >= _MIN_HEADLINE_LETTERS for key in keys)
    counted = [int(number[1]) for line in lines if (number := _ENTRY_NUMBER.match(line))]
    steps = {abs(after - before) for before, after in pairwise(counted)}
    is_enumeration = len(counted) == len(lines) and steps == {1}
    return len(set(keys)) >= _MIN_DISTINCT * len(keys) and wordy >= _MIN_DISTINCT * len(keys) and not is_enumeration


def _by_paths(blocks: Sequence[Block], rows: NDArray[numpy.int64]) -> dict[tuple[str, str], list[int]]:
    """Return `rows` by the path of the block before each and by its own, numbers left out."""
    lists: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for row in rows.tolist():
        lists[_NUMBER.sub("", blocks[row - 1].path), _NUMBER.sub("", blocks[row].path)].append(row)
    return lists


def _with_following(blocks: Sequence[Block], keep: NDArray[numpy.bool_], rows: Sequence[int]) -> NDArray[numpy.bool_]:
    """Return the blocks at `rows`, each with the blocks to `keep` that follow it on the same path."""
    found = numpy.zeros(len(blocks), dtype=bool)
    for row in rows:
        end = row + 1
        while end < len(blocks) and keep[end] and blocks[end].path == blocks[row].path:
            end += 1
        found[row:end] = True
    return found


def _article_stays_beside(own: NDArray[numpy.bool_], text: NDArray[numpy.bool_], words: Column) -> bool:
    """Return whether an article's worth of running text stays beside a list's `own` blocks."""
    return bool(words[text & ~own].sum() >= ARTICLE_WORDS)
