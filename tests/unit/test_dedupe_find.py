"""What a user of near-duplicate detection notices: which texts are found, which one represents them, and why."""

from __future__ import annotations

import itertools
import random

import pytest

from saaf.dedupe import Settings, find_duplicates, jaccard, tokens
from saaf.dedupe.columns import BATCH

WORDS = [f"word{number}" for number in range(4000)]


def article(length: int, seed: int) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=length))


def edited(text: str, rate: float, seed: int) -> str:
    """Replace words at a rate; every replacement is a word the text did not have."""
    rng = random.Random(seed)
    return " ".join(f"new{rng.random()}" if rng.random() < rate else word for word in text.split())


def sets(left: str, right: str, size: int) -> tuple[set[tuple[str, ...]], set[tuple[str, ...]]]:
    one, other = tokens(left), tokens(right)
    return (
        {tuple(one[i : i + size]) for i in range(max(len(one) - size + 1, 1))},
        {tuple(other[i : i + size]) for i in range(max(len(other) - size + 1, 1))},
    )


@pytest.mark.parametrize("length", [30, 80, 300])
def test_planted_copies_are_found_and_nothing_else(length: int) -> None:
    """Truth is Jaccard over sets of word tuples, without any hash, for all pairs of an original and its copy."""
    size = 2 if length < 60 else 3
    originals = [article(length, seed) for seed in range(150)]
    copies = [edited(text, rate, 1) for text in originals for rate in (0.0, 0.02, 0.05, 0.08)]
    texts = originals + copies
    truth = {}
    for left, right in itertools.combinations(range(len(texts)), 2):
        family_left = left if left < 150 else (left - 150) // 4
        family_right = right if right < 150 else (right - 150) // 4
        if family_left == family_right and texts[left] != texts[right]:
            one, other = sets(texts[left], texts[right], size)
            if len(one & other) / len(one | other) >= 0.7:
                truth[left, right] = len(one & other) / len(one | other), len(one & other) / min(len(one), len(other))
    found = {(p.left, p.right): (p.jaccard, p.containment) for p in find_duplicates(texts).pairs}
    near = {pair: value for pair, value in found.items() if value[0] < 1.0}
    assert near.items() <= truth.items(), "precision is 1: each pair has exactly the similarity the sets have"
    twins = {number: 150 + 4 * number for number in range(150)}  # the copy at rate 0 stands behind its original
    wanted = {pair for pair in truth if not {*pair} & {*twins.values()}}
    assert len(wanted & found.keys()) >= 0.99 * len(wanted)
    assert all(found[pair] == (1.0, 1.0) for pair in twins.items())


def test_nothing_in_nothing_out() -> None:
    assert find_duplicates([]).clusters == ()
    result = find_duplicates(["", " \n", "—!?", "\u200b", "\ud800"])
    assert result.empty == (0, 1, 2, 3, 4)
    assert result.pairs == ()


def test_short_texts_are_one_shingle() -> None:
    result = find_duplicates(["Yes.", "yes", "no", "", "so so"])
    assert [cluster.members for cluster in result.clusters] == [(0, 1)]
    assert result.empty == (3,)
    assert jaccard("Yes.", "no") == 0.0
    assert jaccard("", "") == 0.0


def test_texts_on_both_sides_of_the_short_limit_meet() -> None:
    longer = article(66, 1)
    shorter = " ".join(longer.split()[:56])
    unrelated = [article(300, seed) for seed in range(20, 30)]
    (pair,) = find_duplicates([longer, *unrelated, shorter]).pairs
    one, other = sets(longer, shorter, 2)
    assert (pair.left, pair.right) == (0, 11)
    assert pair.jaccard == len(one & other) / len(one | other) == jaccard(longer, shorter)
    assert pair.containment == 1.0


def test_the_same_shingle_size_for_all() -> None:
    settings = Settings(shingle_size=2)
    texts = [article(200, 1), article(200, 1) + " end", article(20, 2), article(20, 2) + " end"]
    assert [c.members for c in find_duplicates(texts, settings=settings).clusters] == [(0, 1), (2, 3)]


def test_a_wire_copy_inside_a_page_has_full_containment() -> None:
    wire = article(100, 1)
    (pair,) = find_duplicates([wire + " " + article(30, 2), wire]).pairs
    assert pair.containment == 1.0
    assert pair.jaccard < 0.8


def test_folding_finds_what_code_points_hide() -> None:
    urdu = "شہر کی پرانی لائبریری اتوار کو دوبارہ کھلے گی اور نئی کتابیں بڑے ہال میں رکھی گئی ہیں"
    typed = urdu.replace("ی", "ي").replace("ک", "ك").replace("ہ", "ه")
    assert find_duplicates([urdu, typed]).pairs[0].jaccard == 1.0
    assert find_duplicates([urdu, typed], settings=Settings(fold=False)).pairs == ()


def test_the_best_quality_represents_and_says_why() -> None:
    text = article(100, 1)
    texts = [text, text + " tail", text.upper()]
    quality = [(0.5, 9.0), (0.9, 1.0), (0.9, 0.5)]
    (cluster,) = find_duplicates(texts, quality=quality, criteria=["share kept", "length"]).clusters
    assert cluster.representative == 1
    assert cluster.members == (0, 1, 2)
    assert "Represents 3 texts: it is the best in length, 1 against 0.5" in cluster.why
    assert "least similar member has Jaccard 0.99" in cluster.why
    assert [(pair.left, pair.right) for pair in cluster.pairs] == [(0, 1), (1, 2)]


def test_among_equals_the_first_represents() -> None:
    for seed in range(8):
        text = article(100, seed)
        for quality in (None, [(1.0,)] * 3):
            (cluster,) = find_duplicates([text, text + " tail", text + " end"], quality=quality).clusters
            assert cluster.representative == 0
    assert "no quality was given" in find_duplicates(["a b c", "a b c"]).clusters[0].why
    assert "none is better" in find_duplicates(["a b c", "a b c"], quality=[(1.0,), (1.0,)]).clusters[0].why


def test_a_chain_of_small_changes_does_not_join_its_ends() -> None:
    words = article(400, 1).split()
    chain = [" ".join(words[15 * step : 15 * step + 200]) for step in range(10)]
    result = find_duplicates(chain)
    assert all(jaccard(one, other) > 0.7 for one, other in itertools.pairwise(chain))
    assert jaccard(chain[0], chain[3]) < 0.7
    for cluster in result.clusters:
        for member in cluster.members:
            if member != cluster.representative:
                assert jaccard(chain[member], chain[cluster.representative]) >= 0.7
    assert len(result.clusters) > 1


def test_unrelated_pages_of_one_template_are_no_cluster() -> None:
    template = article(120, 1)
    pages = [template + " " + article(180, seed) for seed in range(2, 122)]
    assert find_duplicates(pages).clusters == ()


def test_many_near_copies_are_one_cluster() -> None:
    text = article(300, 1)
    texts = [f"{text} copy{number}" for number in range(400)]
    (cluster,) = find_duplicates(texts).clusters
    assert cluster.members == (*range(400),)
    assert len(cluster.pairs) == 399
    assert all(cluster.representative in (pair.left, pair.right) for pair in cluster.pairs)


def test_many_identical_texts_are_listed_once_each() -> None:
    result = find_duplicates(["the same few words"] * 500)
    assert len(result.pairs) == 499
    assert result.clusters[0].members == (*range(500),)


@pytest.mark.parametrize(
    ("quality", "criteria", "message"),
    [
        ([(1.0,)], None, "1 quality tuples for 2 texts"),
        ([(1.0,), (1.0, 2.0)], None, "same length"),
        ([(1.0,), (float("nan"),)], None, "no NaN"),
        ([(1.0,), (2.0,)], ["a", "b"], "2 criteria"),
    ],
)
def test_quality_that_does_not_fit(quality: list[tuple[float, ...]], criteria: list[str] | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        find_duplicates(["a", "b"], quality=quality, criteria=criteria)


@pytest.mark.parametrize(("tokens_of_each", "found"), [(30, True), (100, False)])
def test_only_a_pair_with_a_short_text_is_compared_by_short_shingles(tokens_of_each: int, found: bool) -> None:
    words = [f"शब्द{letter}{other}" for letter in "कखगघचछजझटठ" for other in "तथदधनपफबभम"][:tokens_of_each]
    changed = words.copy()
    for place in range(10, tokens_of_each, 10 if tokens_of_each == 30 else 15):
        changed[place] = f"अलग{words[place]}"
    one, other, short = " ".join(words), " ".join(changed), "एक छोटा पाठ जो किसी से नहीं मिलता"
    by_short, by_long = (jaccard(one, other, settings=Settings(shingle_size=n, short_tokens=1)) for n in (2, 3))
    assert by_long < 0.7 <= by_short, "which shingles are compared decides"
    assert bool(find_duplicates([one, other, short]).pairs) is found


def test_a_pair_exactly_at_the_threshold_is_found() -> None:
    one = article(90, 1)
    other = f"{one} {article(30, 2)}"
    threshold = jaccard(one, other)
    assert 0.6 < threshold < 0.9
    found = [find_duplicates([one, other], settings=Settings(threshold=t)).pairs for t in (threshold, threshold + 1e-9)]
    assert list(map(len, found)) == [1, 0]


def test_lone_surrogates_separate_and_do_no_harm() -> None:
    text = article(80, 1)
    (pair,) = find_duplicates([text, text.replace(" ", "\ud83d ", 5) + "\udc00"]).pairs
    assert pair.jaccard == 1.0


def test_a_very_long_text_is_cut_where_no_token_is_lost() -> None:
    line = "नमस्ते दुनिया, यह लंबा पाठ है।\n"
    text = line * (BATCH // len(line) + 2)
    assert tokens(text) == tokens(line) * (len(text) // len(line))
    assert jaccard(text, line * 2) == 1.0
    assert len(tokens("x" * (2 * BATCH + 1))) == 3, "one without any space is cut at the limit"


def test_megabytes_do_no_harm() -> None:
    long = article(300_000, 1)
    result = find_duplicates([long, "short text", long + " end", "x" * 2_000_000, "字" * 1_000_000])
    assert [cluster.members for cluster in result.clusters] == [(0, 2)]
