"""Repeated runs: lines that follow one another in the same order on several pages of a site.

For the text track, where a line has no path, and a single line that recurs may be a refrain or a heading. Lines that
stand on another page in the same order, word for word and digit for digit, are the site's: its menus, its lists of
news, its terms of use.
"""

from __future__ import annotations

import re
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final

from saaf.cleaning.site.evidence import RUN_THRESHOLDS
from saaf.cleaning.site.fingerprints import has_alphanumeric, line_digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from saaf.cleaning.site.evidence import KeptBlock, SuccessorCounts

_MIN_LEADING_LINES: Final = 5  # of a run before the article: a series may introduce itself in a few
_MAX_GAP: Final = 2  # lines in between that differ: the items of a list change one by one
_MIN_PROSE_ON_EITHER_SIDE: Final = 2  # paragraphs, between which a run is amid the article: a poem, a quotation
_CODE_SIGN: Final = re.compile(r"[{}=;<>]")
_MIN_CODE_SHARE: Final = 0.25  # of a run's lines, in a listing of source code: manuals print it on several pages


def find_repeated_runs(blocks: Sequence[KeptBlock], successors: SuccessorCounts) -> set[int]:
    """Return the document indices of the blocks in repeated runs that stand before or after the article.

    `blocks` are those that the single-page pass keeps, in order; `successors` counts the distinct articles with each
    pair of lines.
    """
    lines = [block for block in blocks if has_alphanumeric(block.text)]
    counts = [successors.get(pair, 0) for pair in pairwise([line_digest(line.text) for line in lines])]
    runs = [
        run
        for articles, length in RUN_THRESHOLDS
        for run in _runs(lines, [count >= articles for count in counts], length)
    ]
    covered = {position for run in runs for position in run}
    prose_before = [
        0,
        *accumulate(line.is_prose and position not in covered for position, line in enumerate(lines)),
    ]
    removed = (
        run
        for run in runs
        if (prose_before[run.start] > 0 or len(run) >= _MIN_LEADING_LINES)
        and min(prose_before[run.start], prose_before[-1] - prose_before[run.stop]) < _MIN_PROSE_ON_EITHER_SIDE
        and not _is_code([lines[position].text for position in run])
    )
    return {lines[position].index for run in removed for position in run}


def _runs(lines: Sequence[KeptBlock], linked: Sequence[bool], length: int) -> Iterator[range]:
    """Yield the runs of at least `length` linked lines, as ranges of positions from the first such line to the last.

    `linked` has a value for each pair of neighbours: whether other pages have the one line after the other.
    """
    members = [before or after for before, after in pairwise([False, *linked, False])]
    start = last = count = 0
    for position, line in enumerate(lines):
        if members[position] and not line.user_veto:  # a headline between the same two lines on other pages is none
            start, last, count = (start, position, count + 1) if count else (position, position, 1)
        elif line.is_protected or line.is_prose or position - last > _MAX_GAP:
            if count >= length:
                yield range(start, last + 1)
            count = 0
    if count >= length:
        yield range(start, last + 1)


def _is_code(texts: Sequence[str]) -> bool:
    return sum(_CODE_SIGN.search(text) is not None for text in texts) >= _MIN_CODE_SHARE * len(texts)
