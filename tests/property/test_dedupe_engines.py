"""The compiled code gives the bits that numpy gives, and both those of datasketch, whatever the text or the bytes."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from datasketch import MinHash
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from saaf.dedupe import Settings, engine, find_duplicates, tokens
from saaf.dedupe.columns import Column, column
from saaf.dedupe.fingerprints import fingerprint_texts, write_signatures
from saaf.dedupe.signatures import minhash_signatures, shingles
from saaf.dedupe.tokenizer import token_hashes

if TYPE_CHECKING:
    from collections.abc import Sequence

numba = pytest.importorskip("numba")

ROOT = Path(__file__).parents[2]
SETTINGS = Settings(num_perm=32, recall=0.5)
MARKS = "\u0301\u0323\u0327\u064b\u0651\u093c\u094d\u0e38\u0e48\u3099\u05b0\U0001e8d0"
ODD = "\x00\x1f \n\u00ad\u200d\u0149\ufdfa\u3316\ufb2c\uac01가ǅßİıＡ﷽\ud800\udfff\U0010ffff\U00020000\ufffd"
SCRIPTS = "aZ9éяΩאبیکहकি்ക്ക字かカー한ก์ກຂកម្မာ။।𐐷𝟗"

letters = st.one_of(st.characters(), st.sampled_from(MARKS), st.sampled_from(ODD), st.sampled_from(SCRIPTS))
texts = st.lists(st.lists(letters, max_size=40).map("".join), max_size=6)
byte = st.one_of(st.integers(0, 255), st.sampled_from(b" a\x80\xbf\xc2\xe0\xa0\xed\xef\xf0\x90\xf4\x8f\xc1\xf5\xff"))
buffers = st.lists(st.lists(byte, max_size=30).map(bytes), max_size=4)


def raw(parts: Sequence[bytes]) -> Column:
    return Column(np.frombuffer(b"".join(parts), np.uint8), np.cumsum([0, *map(len, parts)]))


def bits(given_texts: Sequence[str], *, folded: bool) -> list[list[int] | list[list[int]]]:
    hashes = token_hashes(given_texts, folded=folded)
    made = [shingles(hashes, size) for size in (1, 2, 3)]
    return [
        hashes.values.tolist(),
        hashes.offsets.tolist(),
        *(each.values.tolist() for each in made),
        *(each.offsets.tolist() for each in made),
        *(minhash_signatures(each, SETTINGS).tolist() for each in made),
    ]


def same_bits(given_texts: Sequence[str], folded: bool) -> None:
    with engine.using("numpy"):
        expected = bits(given_texts, folded=folded)
    with engine.using("numba"):
        assert bits(given_texts, folded=folded) == expected


@given(texts, st.booleans())
@examples(max_examples=200, derandomize=True, deadline=None)
def test_strings_of_any_script(given_texts: list[str], folded: bool) -> None:
    same_bits(given_texts, folded)
    same_bits(column(given_texts), folded)
    assert list(column(given_texts)) == given_texts


def test_a_code_point_that_folds_to_many_has_room() -> None:
    many = "\ufdfa" * 3000  # eighteen code points each, of three bytes
    same_bits([many, f"{many} x"], folded=True)
    same_bits(column([many]), folded=True)


@given(buffers, st.booleans())
@examples(max_examples=200, derandomize=True, deadline=None)
def test_bytes_that_may_be_no_utf8(parts: list[bytes], folded: bool) -> None:
    same_bits(raw(parts), folded)


def test_every_code_point_folds_alike() -> None:
    alone = [chr(code) for code in (*range(0x33500), *range(0xE0000, 0xE0200))]
    for given_texts in (alone, [f"a{letter}b{letter}" for letter in alone]):
        with engine.using("numpy"):
            expected = token_hashes(given_texts)
        with engine.using("numba"):
            found = token_hashes(given_texts)
        assert np.array_equal(found.values, expected.values)
        assert np.array_equal(found.offsets, expected.offsets)


@pytest.mark.parametrize(
    "text",
    [
        "\u0323\u0301" * 400 + "a" + "\u0301\u0323" * 9,  # marks beyond any language, to be sorted
        "e\u0301" + "\x01" * 9 + "\u0323",  # of which only deleted characters stand between
        "x" * 700 + " " + "y" * 64 + " " + "z" * 65,  # tokens longer than the table of powers
        "नमस्ते 字" * 3,
    ],
)
def test_runs_longer_than_any_language_has(text: str) -> None:
    same_bits([text, "", text + " end"], folded=True)


def test_texts_longer_than_a_batch() -> None:
    rng = random.Random(1)
    long = " ".join(f"w{rng.randrange(99999)}" for _ in range(60_000)) + "字" * 300_000
    same_bits([long, "short", ""], folded=True)
    same_bits(column([long, "short", ""]), folded=True)


def test_signatures_are_what_datasketch_computes() -> None:
    given_texts = ["the sea was calm and the wind low", "नदी का पानी ठंडा है", "بحر هادئ جدا", "山高水長", "a\ud800b", ""]
    for name in ("numpy", "numba"):
        with engine.using(name):
            made = shingles(token_hashes(given_texts), 2)
            rows = minhash_signatures(made, SETTINGS)
        for index, row in enumerate(rows):
            theirs = MinHash(num_perm=32, seed=1, scheme="affine32", hashfunc=lambda value: value)
            own = made.values[made.offsets[index] : made.offsets[index + 1]]
            theirs.update_batch([int(value) & 0xFFFFFFFF for value in own])
            assert row.tolist() == theirs.hashvalues.tolist()


def test_what_is_found_does_not_depend_on_the_engine_or_the_form_of_the_texts() -> None:
    rng = random.Random(2)
    words = [f"w{number}" for number in range(3000)]
    originals = [" ".join(rng.choices(words, k=length)) for length in (20, 80, 300) for _ in range(40)]
    given_texts = [*originals, *(text.replace("w1", "v1", 3) for text in originals), *originals[:5], "", "!"]
    answers = []
    for name in ("numpy", "numba"):
        with engine.using(name):
            answers += [find_duplicates(given_texts), find_duplicates(column(given_texts))]
    assert answers[0].clusters
    assert answers.count(answers[0]) == len(answers)


def test_numba_comes_in_when_there_is_enough_to_do() -> None:
    sizes = "(engine.NUMBA_MIN_CODE_POINTS - 1, 1, 0)"
    code = f"from saaf.dedupe import engine; print([bool(engine.compiled_kernels(size)) for size in {sizes}])"
    assert shown_by(code) == "[False, True, True]"


def shown_by(code: str) -> str:
    """Return what a process of its own prints: when numba is loaded is a matter of the whole process."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout.strip()


def test_importing_dedupe_waits_for_neither_numba_nor_datasketch() -> None:
    assert (
        shown_by("import sys, saaf.dedupe; print(sorted({'numba', 'datasketch', 'scipy'} & set(sys.modules)))") == "[]"
    )


def test_without_numba_numpy_does_the_work() -> None:
    code = """import sys
sys.modules["numba"] = None  # an import of it then fails
from saaf.dedupe import engine
from saaf.dedupe.tokenizer import token_hashes
print(engine.compiled_kernels(engine.NUMBA_MIN_CODE_POINTS), len(token_hashes(["one two"]).values))
try:
    with engine.using("numba"):
        pass
except ImportError as error:
    print(error)
"""
    said = shown_by(code)
    assert said.startswith("None 2\nnumba is not installed: install it with `pip install ")
    assert "[fast]" in said


@given(texts, st.lists(st.integers(0, 5), max_size=8))
@examples(max_examples=100, derandomize=True, deadline=None)
def test_a_column_is_a_sequence(given_texts: list[str], rows: list[int]) -> None:
    made = column(given_texts)
    assert len(made) == len(given_texts)
    assert list(made[1:4]) == given_texts[1:4]
    assert list(made[::-2]) == given_texts[::-2]
    inside = [row for row in rows if row < len(given_texts)]
    assert list(made.take(np.array(inside, np.int64))) == [given_texts[row] for row in inside]
    assert column(made) is made
    if given_texts:
        assert made[-1] == given_texts[-1]


@pytest.mark.parametrize(
    ("offsets", "message"),
    [([0, 4], "to 3"), ([2, 1], "rise"), ([-1, 2], "rise"), ([], "rise"), ([0.0, 1.0], "float64")],
)
def test_offsets_that_lead_astray(offsets: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Column(np.zeros(3, np.uint8), np.array(offsets, np.int64 if message != "float64" else np.float64))


def test_fingerprints_and_signatures_are_those_of_each_text_alone() -> None:
    given_texts = ["one two three", "", "four five six", "one, two: three!"]
    short = Settings(num_perm=32, recall=0.5, short_tokens=2)
    fingerprints = fingerprint_texts(given_texts, short)
    assert fingerprints.tokens.tolist() == [len(tokens(text)) for text in given_texts]
    assert fingerprints.content[0] == fingerprints.content[3] != fingerprints.content[2]
    assert fingerprints.content[1] == 0
    for row in (0, 2, 3):
        assert (
            fingerprints.signatures[row].tolist()
            == fingerprint_texts(given_texts[row : row + 1], short).signatures[0].tolist()
        )
    before = fingerprints.signatures.copy()
    write_signatures(given_texts, np.array([2, 0]), 2, short, fingerprints.signatures)
    alone = [minhash_signatures(shingles(token_hashes([given_texts[row]]), 2), short)[0].tolist() for row in (0, 2)]
    assert fingerprints.signatures[[0, 2]].tolist() == alone
    assert fingerprints.signatures[3].tolist() == before[3].tolist()
