"""Texts that stand inside longer ones: quotations, agency texts, articles inside collections.

Containment is the share of a text's shingles that the other text has too (Broder 1997). A text is sketched by its
shingle hashes that are under a bound (Broder's sketch modulo m; FracMinHash), which does not depend on where the
shingle stands and keeps the share: of a contained text about the same share of the sketch is in the sketch of the
longer text. Candidates are those of a prefix filter (Chaudhuri, Ganti and Kaushik 2006) over an inverted index, and
each is verified on whole shingle sets.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.columns import batches
from saaf.dedupe.containment_candidates import FALSE_REJECTION, find_candidates
from saaf.dedupe.settings import DEFAULT_SETTINGS
from saaf.dedupe.signatures import shingles
from saaf.dedupe.sketches import choose_modulus, sketch_texts
from saaf.dedupe.star_join import Omitted
from saaf.dedupe.token_spans import token_spans
from saaf.dedupe.tokenizer import token_hashes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from saaf.dedupe.settings import Settings

MIN_TOKENS = 50
"""The least tokens of a text that is looked for in others: shorter ones are captions, forms and headlines. The sketch
is chosen for a text of this length, so that a longer one is missed less often."""

_TOKENS_PER_BATCH = 1 << 20  # of the texts of pairs verified at a time: text and shingles take about 15 bytes each
_GAP = 5  # shingles of another text that one shared shingle makes up for in a span


@dataclass(frozen=True, slots=True, kw_only=True)
class Containment:
    """A text that stands in a longer one, both by index.

    `share`, the threshold to 1, is the share of the distinct shingles of the text `contained` that `containing` has.
    `start` and `end`, half-open, in code points, are where it stands in `containing`: from the first to the last shared
    shingle of the part with most of them. What another hand put between is in the span where it is at most five times
    as long as what is shared before and after it.
    """

    contained: int
    containing: int
    share: float
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Containments:
    """The texts that stand in longer ones, sorted by (contained, containing).

    `omitted` counts pairs that might be containments and were not compared, and the contained texts of these: of one
    text at most `containment_candidates.MAX_CANDIDATES` pairs are compared, those that share the most.
    """

    found: tuple[Containment, ...]
    omitted: Omitted = field(default_factory=Omitted)


def find_contained(
    texts: Sequence[str], *, threshold: float = 0.8, settings: Settings = DEFAULT_SETTINGS
) -> Containments:
    """Find the texts that stand in longer ones; every index in the result is one into `texts`.

    A text is contained where `threshold`, over 0 and up to 1, of its distinct shingles of `Settings.shingle_size`
    tokens are in the other text and the other has more tokens. Each pair that is found is verified. A text of
    `MIN_TOKENS` tokens exactly at the threshold is found with the probability `Settings.recall`, a longer one more
    often; a shorter one is not looked for. Near-duplicates are not told apart from other pairs: leave out what is set
    aside. Raises ValueError where the threshold is out of its range.
    """
    if not 0.0 < threshold <= 1.0:
        raise ValueError(f"containment is {threshold}; give a share of a text over 0, at most 1, such as 0.8")
    recall = min(settings.recall + FALSE_REJECTION, (1 + settings.recall) / 2)  # what the sketch may miss is added
    modulus = choose_modulus(threshold * (MIN_TOKENS - settings.shingle_size + 1), recall)
    sketches = sketch_texts(texts, modulus, settings)
    pairs, omitted = find_candidates(sketches, threshold, MIN_TOKENS)
    found = [
        containment
        for batch in _pair_batches(pairs, sketches.tokens)
        for containment in _verify(texts, batch, threshold, settings)
    ]
    return Containments(found=tuple(sorted(found, key=lambda one: (one.contained, one.containing))), omitted=omitted)


def verify_containments(
    texts: Sequence[str],
    pairs: Sequence[tuple[int, int]],
    *,
    threshold: float = 0.8,
    settings: Settings = DEFAULT_SETTINGS,
) -> tuple[Containment, ...]:
    """Return those of the pairs (contained, containing) of indices into `texts` that are containments, in their order.

    Unlike `find_contained` it compares all of the pairs, whatever the number of their tokens.
    """
    return tuple(_verify(texts, np.array(pairs, np.int64).reshape(-1, 2), threshold, settings))


def _pair_batches(pairs: NDArray[np.int64], tokens: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return the pairs, int64[m, 2], in batches; those of one containing text are together, so that it is read once."""
    if not len(pairs):
        return []
    contained, containing = pairs[np.lexsort((pairs[:, 0], pairs[:, 1]))].T
    is_first = np.append(True, containing[1:] != containing[:-1])
    ends = np.cumsum(tokens[contained] + np.where(is_first, tokens[containing], 0))
    cuts = np.flatnonzero(np.diff(ends // _TOKENS_PER_BATCH)) + 1
    return np.split(np.stack([contained, containing], axis=1), cuts)


def _verify(texts: Sequence[str], pairs: NDArray[np.int64], threshold: float, settings: Settings) -> list[Containment]:
    values: dict[int, NDArray[np.uint64]] = {}
    read: dict[int, str] = {}
    containing_texts = set(pairs[:, 1].tolist())
    for rows, batch in batches(texts, np.unique(pairs)):
        column = shingles(token_hashes(batch, folded=settings.fold), settings.shingle_size)
        values.update(zip(rows.tolist(), np.split(column.values, column.offsets[1:-1]), strict=True))
        read.update((row, batch[at]) for at, row in enumerate(rows.tolist()) if row in containing_texts)
    sets = {contained: np.unique(values[contained]) for contained in set(pairs[:, 0].tolist())}
    orders = {containing: np.argsort(values[containing], kind="stable") for containing in containing_texts}
    found, requests = [], []
    for contained, containing in pairs.tolist():
        if len(values[containing]) <= len(values[contained]):  # a text has two shingles less than tokens
            continue
        share, shared = _shared_shingles(sets[contained], values[containing], orders[containing])
        if share >= threshold:
            first, last = _densest_part(shared)
            found.append((contained, containing, share))
            requests.append((read[containing], first, last + settings.shingle_size))
    spans = token_spans(requests, folded=settings.fold)
    return [
        Containment(contained=contained, containing=containing, share=share, start=start, end=end)
        for (contained, containing, share), (start, end) in zip(found, spans, strict=True)
    ]


def _shared_shingles(
    own: NDArray[np.uint64], values: NDArray[np.uint64], order: NDArray[np.int64]
) -> tuple[float, NDArray[np.int64]]:
    """Return the share of the shingle set `own` that is in `values`, and where in these it is, int64[m], ascending.

    `order` sorts `values`: a collection that holds thousands of texts is not read through for each. A text without a
    token has no shingle, and a share of 0.
    """
    left, right = (np.searchsorted(values, own, side, sorter=order) for side in ("left", "right"))
    counts = right - left
    ends = np.cumsum(counts)
    positions = order[np.arange(counts.sum()) + np.repeat(left - ends + counts, counts)]
    positions.sort()
    return int(np.count_nonzero(counts)) / max(len(own), 1), positions


def _densest_part(shared: NDArray[np.int64]) -> tuple[int, int]:
    """Return the first and the last position of the part with the highest score, the first such.

    `shared`, int64[m], ascending, m from 1, are the positions of shared shingles. It is the maximum subarray (Bentley
    1984) of `_GAP` for a shared shingle and -1 for another.
    """
    before = np.arange(len(shared)) * (_GAP + 1) - shared
    lowest = np.minimum.accumulate(before)
    last = int(np.argmax(before - lowest))
    first = int(np.flatnonzero(before[: last + 1] == lowest[last])[-1])
    return int(shared[first]), int(shared[last])
