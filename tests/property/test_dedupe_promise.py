"""No two kept texts are near-duplicates, whatever the texts: against brute force over all pairs.

Large groups of texts of one form, which are compared in star order, are what the tests with a small `LARGE_BUCKET` are
about: with it nearly all texts that share anything are in one.
"""

from __future__ import annotations

import itertools
import random
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from benchmarks.dedupe_forms import KINDS, kept_near_duplicates, kept_texts
from saaf.dedupe import (
    Duplicates,
    Linkage,
    Settings,
    candidates,
    engine,
    find_duplicates,
    jaccard,
    near_pairs,
    star_join,
)
from saaf.dedupe.index_find import find_in_sketches
from saaf.dedupe.index_sketches import sketch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

WORDS = [f"word{number}" for number in range(4000)]
_letters = st.sampled_from(["sea", "wind", "नदी", "पानी", "بحر", "ہوا", "ንፋስ", "ባሕር", "山", "水", "火", "ก่อน"])
_form = ["市", "场", "price", "of", "the", "day", "के", "दाम", "سعر", "اليوم", "ዋጋ", "ቀን"]
_texts = st.lists(
    st.tuples(st.lists(_letters, max_size=5), st.integers(0, 3), st.lists(_letters, max_size=3)).map(
        lambda parts: " ".join([*parts[0], *_form[parts[1] :], *parts[2]])
    ),
    max_size=24,
)
ENGINES: list[engine.Engine] = ["numpy", "numba"] if find_spec("numba") else ["numpy"]


def article(length: int, seed: int) -> list[str]:
    return random.Random(seed).choices(WORDS, k=length)


def near(texts: Sequence[str], numbers: Sequence[int], settings: Settings) -> list[tuple[int, int]]:
    """Return the pairs of some texts at the threshold or over it, by comparing all of them."""
    return [
        pair
        for pair in itertools.combinations(numbers, 2)
        if jaccard(texts[pair[0]], texts[pair[1]], settings=settings) >= settings.threshold
    ]


def check_promise(texts: Sequence[str], found: Duplicates, settings: Settings) -> None:
    assert near(texts, kept_texts(texts, found), settings) == []
    listed = {(pair.left, pair.right) for pair in found.pairs}
    copies = {text for pair in found.pairs if pair.jaccard == 1.0 for text in (pair.left, pair.right)}
    for cluster in found.clusters:
        links = {(pair.left, pair.right) for pair in cluster.pairs}
        assert len(links) == len(cluster.members) - 1
        assert not [link for link in links - listed if not copies & {*link}], "pairs of a copy follow from its twin's"


def greedy(texts: Sequence[str], quality: Sequence[float], settings: Settings) -> dict[int, int]:
    """Return by text the kept one that it joins, itself where it is kept: the definition, one text after the other."""
    joined: dict[int, int] = {}
    order = sorted(range(len(texts)), key=lambda text: -quality[text])
    rank = {text: place for place, text in enumerate(order)}
    for text in order:
        similarity = {other: jaccard(texts[text], texts[other], settings=settings) for other in {*joined.values()}}
        centres = [other for other, value in similarity.items() if value >= settings.threshold]
        joined[text] = max(centres, key=lambda other: (similarity[other], -rank[other]), default=text)
    return joined


@pytest.fixture
def everything_is_a_large_group() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(candidates, "LARGE_BUCKET", 1)
        patch.setattr(star_join, "BLOCK_TEXTS", 3)
        yield


@pytest.mark.parametrize("linkage", Linkage)
def test_a_centre_with_two_unlike_neighbours_leaves_no_pair_that_is_kept(linkage: Linkage) -> None:
    """Text 0 is like 1 and like 2, which are unlike each other; in 66 of these triples a pair was kept."""
    for seed in range(100):
        words = article(130, seed)
        base, new = words[:100], words[100:]
        texts = [" ".join(text) for text in (base, new[:15] + base[15:], base[:85] + new[15:])]
        found = find_duplicates(texts, linkage=linkage)
        assert len(found.pairs) == 2
        check_promise(texts, found, Settings())


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("kind", KINDS)
def test_hundreds_of_texts_of_one_form_leave_no_pair_that_is_kept(kind: str, name: engine.Engine) -> None:
    texts = KINDS[kind](500)
    with engine.using(name):
        found = find_duplicates(texts)
    kept = kept_texts(texts, found)
    assert kept_near_duplicates(texts, kept, Settings(), sample=len(kept)) == 0
    assert found.omitted == star_join.Omitted()
    if kind in {"variants", "prices"}:
        assert len(kept) < 500, "there is something to be found"


@given(texts=_texts, seed=st.integers(0, 99), levels=st.integers(1, 3), threshold=st.sampled_from([0.4, 0.7, 0.9]))
@examples(max_examples=80, derandomize=True, deadline=None)
def test_no_two_kept_texts_are_near_duplicates(texts: list[str], seed: int, levels: int, threshold: float) -> None:
    chosen = Settings(threshold=threshold, recall=0.9999)
    rng = random.Random(seed)
    quality = [(float(rng.randrange(levels)),) for _ in texts]
    for linkage in Linkage:
        check_promise(texts, find_duplicates(texts, quality=quality, settings=chosen, linkage=linkage), chosen)


@given(texts=_texts, seed=st.integers(0, 99), threshold=st.sampled_from([0.4, 0.7, 0.9]))
@examples(max_examples=60, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.usefixtures("everything_is_a_large_group")
def test_stars_of_large_groups_are_those_of_the_definition(texts: list[str], seed: int, threshold: float) -> None:
    texts = [text for text in dict.fromkeys(texts) if text]
    chosen = Settings(threshold=threshold, recall=0.9999, short_tokens=9)
    quality = [float(place) for place in random.Random(seed).sample(range(len(texts)), len(texts))]
    expected = greedy(texts, quality, chosen)
    for name in ENGINES:
        with engine.using(name):
            found = find_duplicates(texts, quality=[(value,) for value in quality], settings=chosen)
        joined = {text: text for text in range(len(texts))}
        joined |= {member: cluster.representative for cluster in found.clusters for member in cluster.members}
        assert joined == expected
        check_promise(texts, found, chosen)


@pytest.mark.usefixtures("everything_is_a_large_group")
@pytest.mark.parametrize("linkage", Linkage)
def test_the_order_of_arrival_leaves_no_trace_in_large_groups(linkage: Linkage) -> None:
    texts = KINDS["prices"](120)
    order = random.Random(1).sample(range(120), 120)

    def kept(found: Duplicates, names: Sequence[int]) -> set[int]:
        return {names[text] for text in kept_texts(texts, found)}

    plain = kept(find_duplicates(texts, linkage=linkage), range(120))
    shuffled = kept(find_duplicates([texts[text] for text in order], linkage=linkage), order)
    assert plain == shuffled


def test_the_engines_agree_on_texts_of_one_form_and_so_does_an_index() -> None:
    texts = [*KINDS["prices"](300), *KINDS["variants"](300), *(f"{text} end" for text in KINDS["disclaimer20"](100))]
    answers = []
    for name in ENGINES:
        with engine.using(name):
            answers.append(find_duplicates(texts))
            made = sketch(texts, Settings())
            answers.append(find_in_sketches(made, lambda rows: [texts[row] for row in rows], settings=Settings()))
    assert answers[0].clusters
    assert answers.count(answers[0]) == len(answers)


@pytest.mark.parametrize("missing", [lambda row: True, lambda row: row % 3 == 0])
def test_an_index_without_texts_keeps_no_pair_that_seems_near(
    missing: Callable[[int], bool],
) -> None:
    texts = [*KINDS["prices"](120), *KINDS["variants"](60)]
    made = sketch(texts, Settings())
    found = find_in_sketches(
        made, lambda rows: [None if missing(row) else texts[row] for row in rows], settings=Settings()
    )
    kept = kept_texts(texts, found)
    assert len(kept) < len(texts)
    tables = {each.shingle_size: dict(zip(each.rows.tolist(), each.signatures, strict=True)) for each in made.tables}
    for left, right in itertools.combinations(kept, 2):
        size = 2 if min(made.tokens[left], made.tokens[right]) < 60 else 3
        if missing(left) or missing(right):
            assert np.mean(tables[size][left] == tables[size][right]) < 0.7
        else:
            assert jaccard(texts[left], texts[right]) < 0.7
    assert {pair.verified for pair in found.pairs} >= {False}


def test_a_group_in_parts_keeps_the_promise_where_what_is_kept_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [" ".join([*article(60, 1), *WORDS[number : number + 3]]) for number in range(400)]
    texts += [" ".join([*article(60, 1)[:30], *article(60, seed)]) for seed in (2, 2, 3)]
    monkeypatch.setattr(near_pairs, "MAX_GROUP_TEXTS", 50)
    found = find_duplicates(texts)
    check_promise(texts, found, Settings())
    assert found.omitted == star_join.Omitted()
    monkeypatch.setattr(near_pairs, "MAX_GROUP_TEXTS", 1 << 16)
    monkeypatch.setattr(near_pairs, "MAX_GROUP_TOKENS", 4000)
    assert find_duplicates(texts).omitted == star_join.Omitted()


def test_what_is_too_large_to_be_compared_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = KINDS["disclaimer20"](300)
    monkeypatch.setattr(near_pairs, "MAX_GROUP_TEXTS", 100)
    omitted = find_duplicates(texts).omitted
    assert 100 < omitted.texts < 300
    assert omitted.comparisons > omitted.texts


def test_counted_pairs_are_bounded_and_the_likeliest_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = KINDS["prices"](400)
    quality = [(float(-text),) for text in range(400)]
    texts.append(f"{texts[0]} end")
    monkeypatch.setattr(star_join, "MAX_COUNTED", 2)
    found = find_duplicates(texts, quality=[*quality, (-1000.0,)])
    assert found.omitted.texts > 0
    assert [cluster.representative for cluster in found.clusters if 400 in cluster.members] == [0]
