"""Signatures are datasketch's, bands keep their promise, and settings that cannot work say so."""

from __future__ import annotations

import random

import numpy as np
import pytest
from datasketch import LeanMinHash, MinHash, MinHashLSH

from saaf.dedupe import Settings
from saaf.dedupe.candidates import LARGE_BUCKET, candidate_pairs, min_equal_values
from saaf.dedupe.hashing import segment_hashes, window_hashes
from saaf.dedupe.large_groups import LargeGroups
from saaf.dedupe.settings import choose_bands
from saaf.dedupe.signatures import lean_minhash, minhash_signatures, shingles
from saaf.dedupe.tokenizer import token_hashes


def words(count: int, seed: int) -> str:
    rng = random.Random(seed)
    return " ".join(f"w{rng.randrange(5000)}" for _ in range(count))


TEXTS = [words(300, 1), "", "one", "two words", "नमस्ते दुनिया यह एक वाक्य है", words(70_000, 2), "!", "三个字", words(5, 3)]


@pytest.mark.parametrize("num_perm", [16, 128])
@pytest.mark.parametrize("seed", [1, 7])
def test_rows_are_what_datasketch_computes(num_perm: int, seed: int) -> None:
    settings = Settings(num_perm=num_perm, seed=seed, recall=0.5)
    made = shingles(token_hashes(TEXTS), 3)
    rows = minhash_signatures(made, settings)
    assert rows.dtype == np.uint32
    assert rows.shape == (len(TEXTS), num_perm)
    for index in range(len(TEXTS)):
        theirs = MinHash(num_perm=num_perm, seed=seed, scheme="affine32", hashfunc=lambda value: value)
        own = made.values[made.offsets[index] : made.offsets[index + 1]]
        theirs.update_batch([int(value) & 0xFFFFFFFF for value in own])
        assert rows[index].tolist() == theirs.hashvalues.tolist()
        assert LeanMinHash(theirs) == lean_minhash(rows[index], settings)


def test_rows_work_in_datasketch_lsh() -> None:
    text = words(300, 4)
    rows = minhash_signatures(shingles(token_hashes([text, text + " more", words(300, 5)]), 3), Settings())
    index = MinHashLSH(threshold=0.8, num_perm=128)
    for number in (1, 2):
        index.insert(number, lean_minhash(rows[number], Settings()))
    assert index.query(lean_minhash(rows[0], Settings())) == [1]


def test_shingles_stay_within_their_text() -> None:
    texts = ["a b c d", "", "a b", "a b c", "a"]
    made = shingles(token_hashes(texts), 3)
    assert np.diff(made.offsets).tolist() == [2, 0, 1, 1, 1]
    assert made.values[0] == made.values[3]
    assert len({*made.values.tolist()}) == 4
    swapped = shingles(token_hashes(["c b a"]), 3)
    assert swapped.values[0] != made.values[0], "the order of words matters"


def test_windows_are_segments() -> None:
    values = token_hashes([words(40, 6)]).values
    for size in (1, 2, 3, 40, 41):
        starts = np.arange(max(len(values) - size + 1, 0))
        assert window_hashes(values, size).tolist() == segment_hashes(values, starts, starts + size).tolist()


@pytest.mark.parametrize("threshold", [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0])
@pytest.mark.parametrize("recall", [0.9, 0.99])
def test_bands_keep_the_promise_with_the_most_rows(threshold: float, recall: float) -> None:
    bands = choose_bands(threshold, recall, 128)
    assert bands.count * bands.rows <= 128
    assert bands.recall(threshold) >= recall
    more = bands.rows + 1
    assert more > 128 or 1 - (1 - threshold**more) ** (128 // more) < recall


def test_bands_at_the_defaults() -> None:
    bands = Settings().bands
    assert (bands.count, bands.rows) == (17, 4)
    assert bands.recall(0.65) < bands.recall(0.7) < bands.recall(0.75)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"threshold": 0.0}, "threshold is 0.0"),
        ({"threshold": 1.5}, "threshold is 1.5"),
        ({"recall": 1.0}, "recall is 1.0"),
        ({"shingle_size": 0}, "give 1 or more"),
        ({"scheme": "legacy"}, "affine32"),
        ({"threshold": 0.03}, "raise num_perm or threshold"),
    ],
)
def test_settings_that_cannot_work(wrong: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Settings(**wrong)  # type: ignore[arg-type]  # wrong on purpose


def test_the_filter_rarely_rejects_a_pair_at_the_threshold() -> None:
    low = min_equal_values(0.7, 128)
    agreeing = np.random.default_rng(1).binomial(128, 0.7, 200_000)
    assert (agreeing < low).mean() <= 2e-4
    assert low / 128 > 0.5, "or it would filter nothing"


def test_a_large_bucket_costs_no_square() -> None:
    settings = Settings()
    rows = np.repeat(minhash_signatures(shingles(token_hashes([words(300, 1)]), 3), settings), 3000, axis=0)
    rows[:, -8:] = np.arange(3000, dtype=np.uint32)[:, None]  # alike, never equal
    assert len(candidate_pairs(rows, settings)) < 3000 * LARGE_BUCKET
    groups = LargeGroups(3000)
    assert not len(candidate_pairs(rows, settings, large=groups))
    assert [members.tolist() for members in groups.members()] == [[*range(3000)]]


def test_groups_are_what_hangs_together_by_large_buckets_whatever_the_order() -> None:
    groups = LargeGroups(9)
    assert groups.empty
    groups.link(np.array([7]), np.array([8]))  # joined by a pair, without a large bucket
    groups.add_buckets(np.array([4, 4]), np.array([5, 6]))
    groups.link(np.array([6, 3]), np.array([3, 1]))
    groups.add_buckets(np.array([0]), np.array([2]))
    assert [members.tolist() for members in groups.members()] == [[0, 2], [1, 3, 4, 5, 6]]
    assert groups.same_group(np.array([1, 0]), np.array([5, 1])).tolist() == [True, False]
