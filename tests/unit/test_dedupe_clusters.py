"""Chains and stars, the pairs that just missed the threshold, and paragraphs that several texts have."""

import itertools
import random

import pytest

from saaf.dedupe import Linkage, Settings, closest_rejected, find_duplicates, jaccard
from saaf.dedupe.columns import column
from saaf.dedupe.index_sketches import sketch
from saaf.dedupe.paragraphs import (
    MIN_TOKENS,
    Paragraphs,
    column_paragraphs,
    concatenate_paragraphs,
    on_more_hosts_than,
    repeated_paragraphs,
    repeats_of_earlier_documents,
)

WORDS = [f"word{number}" for number in range(4000)]
STORY = random.Random(1).choices(WORDS, k=400)
CHAIN = [" ".join(STORY[15 * step : 15 * step + 200]) for step in range(10)]
"""Each text is like the next, and the ends have nothing in common."""


def article(length: int, seed: int) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=length))


def extract_paragraphs(texts: list[str], *, folded: bool = True) -> Paragraphs:
    sketches = sketch(texts, Settings(fold=folded))
    return column_paragraphs(column(texts), sketches.content, sketches.tokens, folded=folded)


def test_a_component_is_all_that_hangs_together_with_its_weakest_link_and_longest_chain() -> None:
    assert all(jaccard(one, other) >= 0.7 for one, other in itertools.pairwise(CHAIN))
    quality = [(float(place == 0),) for place in range(len(CHAIN))]
    (cluster,) = find_duplicates(
        [*CHAIN, article(200, 9)], linkage=Linkage.COMPONENTS, quality=[*quality, (0.0,)]
    ).clusters
    assert cluster.members == tuple(range(10))
    assert cluster.representative == 0
    reach = max(step for step in range(10) if jaccard(CHAIN[0], CHAIN[step]) >= 0.7)
    assert cluster.chain_length == -(-9 // reach), "the fewest steps from one end to the other"
    assert len(cluster.pairs) == 9, "one link for each member but the representative"
    assert cluster.least_similar.jaccard == min(pair.jaccard for pair in cluster.pairs) >= 0.7
    assert (
        f"least similar link has Jaccard {cluster.least_similar.jaccard:.2f}, and up to {cluster.chain_length} links"
        in cluster.why
    )


def test_stars_have_no_chains() -> None:
    clusters = find_duplicates(CHAIN).clusters
    assert len(clusters) > 1
    assert {cluster.chain_length for cluster in clusters} == {1}


@pytest.mark.parametrize("linkage", Linkage)
def test_copies_go_with_what_they_are_copies_of(linkage: Linkage) -> None:
    texts = [text for text in CHAIN[:3] for _ in range(2)] + [article(50, 3).upper(), article(50, 3)]
    quality = [(float(place == 0),) for place in range(len(texts))]
    found = find_duplicates(texts, linkage=linkage, quality=quality)
    assert [cluster.members for cluster in found.clusters] == [(0, 1, 2, 3, 4, 5), (6, 7)]
    for cluster in found.clusters:
        for pair in cluster.pairs:
            assert pair.jaccard == jaccard(texts[pair.left], texts[pair.right])


@pytest.mark.parametrize("linkage", Linkage)
def test_the_order_of_the_texts_does_not_matter(linkage: Linkage) -> None:
    texts = [*CHAIN, *(f"{text} end" for text in CHAIN[::3])]
    order = random.Random(3).sample(range(len(texts)), len(texts))
    first = {frozenset(cluster.members) for cluster in find_duplicates(texts, linkage=linkage).clusters}
    other = find_duplicates([texts[place] for place in order], linkage=linkage).clusters
    assert {frozenset(order[member] for member in cluster.members) for cluster in other} == first


def test_the_closest_rejected_pairs_are_exact_and_under_the_threshold() -> None:
    text = article(300, 1)
    texts = [
        text,
        f"{text} {article(130, 2)}",
        f"{text} {article(150, 3)}",
        article(300, 4),
        f"{text} end",
        text.upper(),
    ]
    short = article(30, 5)
    texts += [short, f"{short} {article(13, 6)}"]
    found = closest_rejected(texts)
    truth = sorted(
        (
            (value, left, right)
            for left, right in itertools.combinations(range(len(texts)), 2)
            if 0.5 < (value := jaccard(texts[left], texts[right])) < 0.7
        ),
        reverse=True,
    )
    assert found[0].jaccard == truth[0][0]
    assert all(pair.jaccard == jaccard(texts[pair.left], texts[pair.right]) < 0.7 for pair in found)
    assert (6, 7) in {(pair.left, pair.right) for pair in found}, "short texts by short runs of words"
    named = [number for pair in found for number in (pair.left, pair.right)]
    assert len(named) == len(set(named))
    assert closest_rejected(texts, max_pairs=1) == found[:1]
    assert closest_rejected([]) == closest_rejected(["", "one text"]) == ()


def test_paragraphs_are_the_same_by_their_words_and_counted_by_documents_and_hosts() -> None:
    line = "یہ خبر پڑھنے والوں کے لیے ہے"
    texts = [
        f"{line}\nOne two three four five.\n{line}",
        f"x\n{line.replace('ی', 'ي')}!",
        "one, two\nONE TWO THREE four five",
    ]
    found = extract_paragraphs(texts)
    first, other = repeated_paragraphs(found, ["a", "b", "a"])
    assert (first.documents, first.hosts, first.occurrences) == (2, 2, 3)
    assert texts[first.document][first.start : first.end] == line
    assert (other.documents, other.hosts, other.occurrences) == (2, 1, 2)
    assert texts[other.document][other.start : other.end] == "One two three four five."
    assert extract_paragraphs([" ".join(["word"] * (MIN_TOKENS - 1))] * 2).content.size == 0
    assert repeated_paragraphs(extract_paragraphs([]), []) == []


def test_where_repeated_paragraphs_are_cut() -> None:
    texts = ["first line of the five\nfirst line of the five", "first line of the five", "first line of the FIVE"]
    found = extract_paragraphs(texts)
    assert repeats_of_earlier_documents(found).tolist() == [False, False, True, True], (
        "a refrain within a document is its own"
    )
    assert on_more_hosts_than(found, ["a", "a", "b"], 1).all()
    assert not on_more_hosts_than(found, ["a", "a", "b"], 2).any()
    assert on_more_hosts_than(found, ["", "", ""], 2).all(), "documents without a host count as one each"
    assert extract_paragraphs(texts, folded=False).content.tolist() != found.content.tolist()


def test_thousands_of_texts_in_pieces_are_as_one_after_the_other() -> None:
    texts = [f"{article(30, seed)}\n{article(20, seed % 7)}" for seed in range(60)]
    whole = extract_paragraphs(texts)
    parts = [extract_paragraphs(texts[first : first + 9]).shifted(first) for first in range(0, len(texts), 9)]
    pieces = concatenate_paragraphs(parts)
    assert (whole.content == pieces.content).all()
    assert (whole.document == pieces.document).all()
    assert len(repeated_paragraphs(pieces, [""] * 60)) == 7
