"""An index that lasts: the same clusters whatever the batches, removed means gone, killed at any moment it is whole."""

import json
import random
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from saaf.dedupe import Settings, find_duplicates, jaccard
from saaf.dedupe.index import BusyIndexError, Index, Segment, UnusableIndexError, change, open_index
from saaf.dedupe.index_find import Match, find_in_sketches, live_sketches, matches
from saaf.dedupe.index_sketches import reorder, sketch
from tests.unit.index_helpers import run_script

WORDS = [f"word{number}" for number in range(4000)]
SETTINGS = Settings()


def article(length: int, seed: int) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=length))


def edited(text: str, rate: float) -> str:
    rng = random.Random(f"{text}{rate}")
    return " ".join(f"new{rng.random()}" if rng.random() < rate else word for word in text.split())


def family(seed: int, length: int) -> list[str]:
    text = article(length, seed)
    return [text, text.upper(), edited(text, 0.03), edited(text, 0.06)]


# Long and short texts, those around the border of the two shingle sizes, and one without a word.
TEXTS = [text for seed in range(40) for text in family(seed, (20, 58, 66, 150, 300)[seed % 5])] + ["—!"]


def reader(texts: Sequence[str]) -> Callable[[Sequence[int]], list[str | None]]:
    return lambda rows: [texts[row] for row in rows]


def filled(path: Path, batches: Sequence[Sequence[str]]) -> Index:
    for texts in batches:
        with change(path) as transaction:
            transaction.add(sketch(texts, SETTINGS))
    return open_index(path)


def asked(index: Index, texts: Sequence[str], stored: Sequence[Sequence[str]]) -> list[Match]:
    names = [segment.name for segment in index.segments]

    def old(segment: Segment) -> Callable[[Sequence[int]], list[str | None]]:
        return reader(stored[names.index(segment.name)])

    return list(matches(index, sketch(texts, SETTINGS), reader(texts), old))


@pytest.mark.parametrize("size", [len(TEXTS), 70, 9])
def test_whatever_the_order_and_the_batches_the_clusters_are_those_of_all_at_once(tmp_path: Path, size: int) -> None:
    order = random.Random(size).sample(range(len(TEXTS)), len(TEXTS))
    shuffled = [TEXTS[place] for place in order]
    index = filled(tmp_path / "index", [shuffled[start : start + size] for start in range(0, len(shuffled), size)])
    # One's own order, here that of TEXTS, is what the answer is in.
    sketches = reorder(live_sketches(index, tmp_path), np.argsort(order))
    found = find_in_sketches(sketches, reader(TEXTS), settings=index.settings)
    assert found == find_duplicates(TEXTS)
    assert len(found.clusters) == 40
    assert found.empty == (len(TEXTS) - 1,)


@pytest.mark.parametrize("kept", ["all", "every other"])
def test_a_large_group_of_texts_of_one_form_in_several_segments_has_the_stars_of_all_at_once(
    tmp_path: Path, kept: str
) -> None:
    form = article(150, 1).split()
    texts = [" ".join([*form, *article(number % 80, number + 2).split()]) for number in range(300)]
    order = random.Random(3).sample(range(300), 300)
    shuffled = [texts[place] for place in order]
    index = filled(tmp_path / "index", [shuffled[start : start + 90] for start in range(0, 300, 90)])
    with change(index.path) as transaction:
        transaction.remove(index.segments[1], [0, 7, 89])
    index = open_index(index.path)
    gone = {order[row] for row in (90, 97, 179)}
    live = [place for place in order if place not in gone]
    sketches = reorder(live_sketches(index, tmp_path), np.argsort(live))
    assert all(isinstance(table.signatures, np.memmap) for table in sketches.tables)
    left = [texts[place] for place in sorted(live)]
    available = [text if kept == "all" or number % 2 else None for number, text in enumerate(left)]
    found = find_in_sketches(sketches, lambda rows: [available[row] for row in rows], settings=index.settings)
    if kept == "all":
        assert found == find_duplicates(left)
    in_memory = find_in_sketches(
        sketch(left, SETTINGS), lambda rows: [available[row] for row in rows], settings=index.settings
    )
    assert found == in_memory
    aside = {member for one in found.clusters for member in one.members if member != one.representative}
    left_over = [number for number, text in enumerate(available) if text is not None and number not in aside]
    assert 1 < len(left_over) < 150
    for one, other in combinations(left_over, 2):
        assert jaccard(left[one], left[other]) < SETTINGS.threshold


def test_new_texts_meet_exactly_the_older_ones_that_are_like_them(tmp_path: Path) -> None:
    old, new = TEXTS[0::2], TEXTS[1::2]
    index = filled(tmp_path / "index", [old[:30], old[30:]])
    found = asked(index, new, [old[:30], old[30:]])
    first = {segment.name: start for segment, start in zip(index.segments, (0, 30), strict=True)}
    got = {(match.new, first[match.segment] + match.old): match.jaccard for match in found}
    truth = {
        (pair.right - len(old), pair.left): pair.jaccard
        for pair in find_duplicates([*old, *new], settings=SETTINGS).pairs
        if pair.left < len(old) <= pair.right
    }
    assert truth.items() <= got.items()
    assert all(jaccard >= SETTINGS.threshold for jaccard in got.values())
    assert all(match.verified for match in found)


def test_without_the_older_text_the_similarity_is_an_estimate_and_says_so(tmp_path: Path) -> None:
    text = article(300, 1)
    index = filled(tmp_path / "index", [[text]])
    new = [edited(text, 0.02), text.title()]
    near, same = matches(index, sketch(new, SETTINGS), reader(new), lambda _: lambda rows: [None for _ in rows])
    assert (near.verified, same.verified) == (False, True), "the same tokens need no text"
    assert near.jaccard == pytest.approx(asked(index, new, [[text]])[0].jaccard, abs=0.12)
    assert 0 < near.containment <= 1


def test_what_was_removed_matches_nothing_and_is_in_no_cluster(tmp_path: Path) -> None:
    path, text = tmp_path / "index", article(100, 1)
    index = filled(path, [[text, article(100, 2)], [text]])
    with change(path) as transaction:
        transaction.remove(index.segments[0], [0])
    index = open_index(path)
    assert [(match.segment, match.old) for match in asked(index, [text], [[text, ""], [text]])] == [
        (index.segments[1].name, 0)
    ]
    assert index.documents == len(live_sketches(index, tmp_path).content) == 2
    with change(path) as transaction:
        transaction.remove(index.segments[0], [1])
    assert open_index(path).documents == 1


def test_a_change_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "index"
    before = filled(path, [["one two three"]])

    def fail() -> None:
        with change(path) as transaction:
            transaction.add(sketch(["four five six"], SETTINGS))
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        fail()
    assert open_index(path) == before
    with change(path):
        assert len(list((path / "segments").iterdir())) == 1, "what it left is swept away"
    assert open_index(path) == before, "a change of nothing is none"


def test_two_changes_at_once_are_one_too_many(tmp_path: Path) -> None:
    with change(tmp_path / "index"), pytest.raises(BusyIndexError, match="another process"), change(tmp_path / "index"):
        pass


@pytest.mark.parametrize(
    ("entry", "value", "message"),
    [
        ("tokenizer", "0 (Unicode 1.1)", r"manifest\.json: made with tokenizer 0 \(Unicode 1\.1\), and this saaf has"),
        ("tokenizer", "2 (Unicode 14.0.0)", r"build the index again .*: saaf index add NEW_INDEX DOCUMENTS"),
        ("format", 99, r"format 99, and this saaf reads format 1"),
        ("format", None, r"something else's"),
        ("bands", {"count": 1, "rows": 1}, r"cut into bands"),
    ],
)
def test_an_index_of_another_version_is_never_mixed(tmp_path: Path, entry: str, value: object, message: str) -> None:
    path = tmp_path / "index"
    filled(path, [["one two three"]])
    manifest = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps(manifest | {entry: value}))
    with pytest.raises(UnusableIndexError, match=message):
        open_index(path)
    with pytest.raises(UnusableIndexError, match=message), change(path):
        pass


def test_other_settings_are_named(tmp_path: Path) -> None:
    filled(tmp_path / "index", [["one two three"]])
    with pytest.raises(UnusableIndexError, match=r"made with seed 1, and 2 is asked for"):
        open_index(tmp_path / "index", Settings(seed=2))


def test_damage_is_named_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "index"
    with pytest.raises(UnusableIndexError, match=r"is no index: it has no manifest\.json"):
        open_index(path)
    index = filled(path, [["one two three"]])
    keys = index.segments[0].directory / "content.npy"
    keys.write_bytes(keys.read_bytes()[:-1])
    with pytest.raises(UnusableIndexError, match=r"content\.npy has \d+ bytes, not \d+"):
        open_index(path)
    keys.unlink()
    with pytest.raises(UnusableIndexError, match=r"content\.npy is missing"):
        open_index(path)
    (path / "manifest.json").write_text("{")
    with pytest.raises(UnusableIndexError, match=r"manifest\.json is damaged"):
        open_index(path)
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("mine")
    with pytest.raises(UnusableIndexError, match=r"not empty \(a\.txt\)"), change(tmp_path / "texts"):
        pass


# Kills a process at each call that makes anything last on the disk or takes it away, and looks at what is left.
KILL = """
import os, shutil, signal, sys, tempfile
from pathlib import Path
from saaf.dedupe.index import change, open_index, reading
from saaf.dedupe.index_sketches import sketch
from saaf.dedupe.index_find import live_sketches

root = Path(sys.argv[1])
base, work = root / "base", root / "work"
for number in range(2):
    with change(base) as one:
        one.add(sketch([f"a story {number} told twice over", f"and another {number}"], one.index.settings))

def add(one):
    one.add(sketch(["a third text"], one.index.settings), lambda path: (path / "names").write_text("own file"))
def remove(one):
    one.remove(one.index.segments[0], [1])
def merge(one):
    one.merge(one.index.segments, lambda path: (path / "names").write_text("own file"))

def killed_at(place, what):
    child = os.fork()
    if child == 0:
        left = [place]
        def wrapped(call):
            def counted(*arguments, **more):
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                return call(*arguments, **more)
            return counted
        for name in ("fsync", "replace", "rename", "unlink", "rmdir", "mkdir"):
            setattr(os, name, wrapped(getattr(os, name)))
        with change(work) as one:
            what(one)
        os._exit(0)
    return os.waitpid(child, 0)[1] != 0

def content(path):
    with tempfile.TemporaryDirectory() as scratch, reading(path) as index:
        return sorted(live_sketches(index, Path(scratch)).content.tolist())

for what in (add, remove, merge):
    shutil.copytree(base, work)
    old = content(work), open_index(work).generation
    with change(work) as one:
        what(one)
    new = content(work), open_index(work).generation
    place, ends = 0, set()
    while True:
        place += 1
        shutil.rmtree(work)
        shutil.copytree(base, work)
        if not killed_at(place, what):
            break
        now = content(work), open_index(work).generation
        assert now in (old, new), (what, place)
        ends.add(now == new)
        with change(work) as one:
            pass
        assert (content(work), open_index(work).generation) == now
        named = {segment.name for segment in open_index(work).segments}
        assert {path.name for path in (work / "segments").iterdir()} == named, (what, place)
        assert not (work / "manifest.json.partial").exists()
    assert ends == {False, True}, "killed before and after the rename"
    print(what.__name__, place - 1)
    shutil.rmtree(work)
"""


def test_killed_at_any_instant_it_is_the_old_index_or_the_new_one(tmp_path: Path) -> None:
    printed = run_script(KILL, tmp_path)
    counts = dict(line.split() for line in printed.splitlines())
    assert counts.keys() == {"add", "remove", "merge"}
    assert all(int(count) >= 4 for count in counts.values())
