"""Runs of lines that follow one another on several pages of a site: its menus, its lists of news, its rules.

In a bare text a line has no place, and a line alone that recurs may be a refrain or a heading. Lines that stand on
another page in the same order, word for word and digit for digit, are what the site prints there.
"""

from __future__ import annotations

import re
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final

from saaf.cleaning.site.evidence import RUNS
from saaf.cleaning.site.fingerprints import has_text, line_digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from saaf.cleaning.site.evidence import Follows, KeptBlock

_LEADING: Final = 5  # lines at the least before the article: a series may introduce itself in a few
_GAP: Final = 2  # lines in between that differ: the items of a list change one by one
_EDGE: Final = 2  # paragraphs of prose on either side, between which a run is amid the article: a poem, a quotation
_CODE: Final = re.compile(r"[{}=;<>]")
_CODED: Final = 0.25  # share of lines: of a listing, which manuals print on several pages


def find_repeated_runs(lines: Sequence[KeptBlock], known: Follows) -> set[int]:
    """Return the indices of the lines of runs that are the site's: they stand before the article or after it."""
    told = [line for line in lines if has_text(line.text)]
    links = [known.get(pair, 0) for pair in pairwise([line_digest(line.text) for line in told])]
    found = [run for stories, length in RUNS for run in _runs(told, [link >= stories for link in links], length)]
    inside = {place for run in found for place in run}
    before = [0, *accumulate(line.prose and place not in inside for place, line in enumerate(told))]
    taken = (
        run
        for run in found
        if (before[run.start] > 0 or len(run) >= _LEADING)
        and min(before[run.start], before[-1] - before[run.stop]) < _EDGE
        and not _is_code([told[place].text for place in run])
    )
    return {told[place].index for run in taken for place in run}


def _runs(lines: Sequence[KeptBlock], linked: Sequence[bool], length: int) -> Iterator[range]:
    """Yield the runs of at least `length` lines that are `linked` to the one before or after, from the first such line
    to the last.
    """
    members = [before or after for before, after in pairwise([False, *linked, False])]
    start = last = count = 0
    for place, line in enumerate(lines):
        if members[place] and not line.user_veto:  # a headline that other pages have in the same company is none
            start, last, count = (start, place, count + 1) if count else (place, place, 1)
        elif line.spared or line.prose or place - last > _GAP:
            if count >= length:
                yield range(start, last + 1)
            count = 0
    if count >= length:
        yield range(start, last + 1)


def _is_code(texts: Sequence[str]) -> bool:
    return sum(_CODE.search(text) is not None for text in texts) >= _CODED * len(texts)
