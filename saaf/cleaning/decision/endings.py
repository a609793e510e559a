"""What stands after the end of an article and is no part of it: lines under its copyright notice, other articles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy

from saaf.cleaning.text.lines import COPYRIGHT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from saaf.cleaning.model.text_features import Column, Columns
    from saaf.cleaning.types import Block

_MAX_NOTICE_LENGTH: Final = 200  # characters
_MAX_IMPRINT_WORDS: Final = 60.0
_MIN_ARTICLE: Final = 2.0  # times the words of the imprint, before it
_MIN_DECLARED_WORDS: Final = 100.0
_MIN_DECLARED_SHARE: Final = 0.95
_MAX_AFTER_DECLARED: Final = 2.0  # times the declared words: where more follows, the page is a list
_SURE_TEXT: Final = 0.9  # probability of running text from which it belongs to the article


def imprint_lines(
    blocks: Sequence[Block], texts: Sequence[str], features: Columns, probability: Column, keep: NDArray[numpy.bool_]
) -> NDArray[numpy.bool_]:
    """Return the blocks that would stay below a copyright notice at the end of a page, in the same element: how to
    unsubscribe from a newsletter, its address; `bool[blocks]`.

    A notice between paragraphs is the credit of a picture: after it, surely running text follows.
    """
    found = numpy.zeros(len(blocks), dtype=bool)
    words = features["words"]
    for row in numpy.flatnonzero(~keep).tolist():
        text = texts[row]
        if len(text) > _MAX_NOTICE_LENGTH or not _may_be_notice(text.lower()) or not COPYRIGHT.search(text):
            continue
        after = row + 1 + numpy.flatnonzero(keep[row + 1 :])
        size = float(words[after].sum())
        is_article = bool(((probability[after] >= _SURE_TEXT) & (features["prose"][after] > 0)).any())
        before = float(words[:row][keep[:row]].sum())
        if len(after) and size <= _MAX_IMPRINT_WORDS and before >= _MIN_ARTICLE * size and not is_article:
            own = blocks[row].path.rpartition("/")[0]
            found[after] = all(blocks[one].path.startswith(own) for one in after.tolist())
            break
    return found


def _may_be_notice(lowered: str) -> bool:
    """Return whether a text in lower case holds one of the signs of which every `COPYRIGHT` has one."""
    return "©" in lowered or "copyr" in lowered or "(c)" in lowered or "ⓒ" in lowered


def after_declared_body(features: Columns, keep: NDArray[numpy.bool_]) -> NDArray[numpy.bool_]:
    """Return the blocks to `keep` that stand after the article whose text the page's JSON-LD declares, `bool[blocks]`.

    Only where the declared text is long, holds nearly all running text up to its end, and a line that is no running
    text follows, as the headline of another article does: a declared text may be cut off.
    """
    found = numpy.zeros(len(keep), dtype=bool)
    words, declared, text = features["words"], features["vote json-ld"] > 0, keep & (features["prose"] > 0)
    rows = numpy.flatnonzero(declared & keep)
    if not len(rows) or words[rows].sum() < _MIN_DECLARED_WORDS:
        return found
    first, end = int(rows[0]), int(rows[-1]) + 1
    held = float(words[first:end][(text & declared)[first:end]].sum())
    after = end + numpy.flatnonzero(keep[end:])
    if held >= _MIN_DECLARED_SHARE * float(words[first:end][text[first:end]].sum()) and len(after):
        found[after] = not text[after[0]] and words[after].sum() <= _MAX_AFTER_DECLARED * held
    return found
