"""Texts inside longer ones, against the definition by other means, whatever the texts and their order."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.dedupe_truth import shingles, words
from saaf.dedupe import Settings, engine, find_contained, tokens, verify_containments
from saaf.dedupe.containment_candidates import find_candidates
from saaf.dedupe.sketches import sketch_texts
from saaf.dedupe.token_spans import token_spans

_VOCABULARY = [
    "sea",
    "wind",
    "lamp",
    "stone",
    "नदी",
    "पानी",
    "بحر",
    "ሰላም",
    "山",
    "水",
    "ก่อน",
    "Ⅳ",
    "½",
    "क़लम",
    "co-\nop",
]
_SHARES = st.sampled_from([0.3, 0.5, 0.8, 1.0])


def _texts(rng: random.Random, count: int, length: int) -> list[str]:
    """Return texts of random words, half of which have a part of an earlier text inside."""
    made: list[list[str]] = []
    for _ in range(count):
        text = rng.choices(_VOCABULARY, k=rng.randrange(length))
        if made and rng.random() < 0.5:
            at, quoted = rng.randrange(len(text) + 1), rng.choice(made)
            text[at:at] = quoted[: rng.randrange(len(quoted) + 1)]
        made.append(text)
    return [" ".join(text) for text in made]


def _shares(texts: list[str]) -> dict[tuple[int, int], float]:
    """Return the share of the first text's shingles in the second, for all pairs of a text and one of more tokens."""
    split = [words(text) for text in texts]
    sets = [shingles(each, 3) for each in split]
    return {
        (one, other): len(sets[one] & sets[other]) / len(sets[one])
        for one in range(len(texts))
        for other in range(len(texts))
        if 0 < len(split[one]) < len(split[other])
    }


@given(seed=st.integers(0, 2**32), threshold=_SHARES)
@settings(max_examples=150, derandomize=True, deadline=None)
def test_no_pair_at_the_threshold_is_rejected_where_the_sketch_is_the_whole_set(seed: int, threshold: float) -> None:
    texts = _texts(random.Random(seed), 12, 30)
    candidates, omitted = find_candidates(sketch_texts(texts, 1, Settings()), threshold, 1)
    true = {pair for pair, share in _shares(texts).items() if share >= threshold}
    assert true <= {(one, other) for one, other in candidates.tolist()}
    assert not omitted
    verified = verify_containments(texts, [(one, other) for one, other in candidates.tolist()], threshold=threshold)
    assert {(one.contained, one.containing) for one in verified} == true


@given(seed=st.integers(0, 2**32), threshold=_SHARES, compiled=st.booleans())
@settings(max_examples=60, derandomize=True, deadline=None)
def test_what_is_found_holds_and_does_not_depend_on_the_order(seed: int, threshold: float, compiled: bool) -> None:
    rng = random.Random(seed)
    texts = _texts(rng, 12, 150)
    order = rng.sample(range(len(texts)), len(texts))
    with engine.using("numba" if compiled else "numpy"):
        found = find_contained(texts, threshold=threshold).found
        shuffled = find_contained([texts[number] for number in order], threshold=threshold).found
    shares = _shares(texts)
    assert list(found) == sorted(found, key=lambda one: (one.contained, one.containing))
    for one in found:
        assert one.share == shares[one.contained, one.containing] >= threshold
        assert 0 <= one.start < one.end <= len(texts[one.containing])
    assert {(one.contained, one.containing, one.share, one.start, one.end) for one in found} == {
        (order[one.contained], order[one.containing], one.share, one.start, one.end) for one in shuffled
    }


@given(text=st.text(st.sampled_from("ab \n-.,½ﷺकि़ानुम्بُحرሰላ፡山水ก่อน้ำ\u200c\u00adÅé"), max_size=400), data=st.data())
@settings(max_examples=200, derandomize=True, deadline=None)
def test_the_span_of_tokens_reads_as_these_tokens(text: str, data: st.DataObject) -> None:
    known = tokens(text)
    if not known:
        return
    first = data.draw(st.integers(0, len(known) - 1))
    stop = data.draw(st.integers(first + 1, len(known)))
    [(start, end)] = token_spans([(text, first, stop)])
    assert 0 <= start < end <= len(text)
    read = "".join(tokens(text[start:end]))
    assert "".join(known[first + 1 : stop - 1]) in read  # a character that is several tokens may be cut by the borders
