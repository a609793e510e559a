"""Segments of an index that are merged: which ones, with which bytes, and what readers see meanwhile."""

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from saaf.dedupe import Settings
from saaf.dedupe.index import Index, Segment, change, open_index, reading
from saaf.dedupe.index_find import Match, matches
from saaf.dedupe.index_merge import MAX_SIMILAR_SEGMENTS, plan_merges
from saaf.dedupe.index_segments import MAX_BUCKET_MEMBERS
from saaf.dedupe.index_sketches import sketch

SETTINGS = Settings()
# Hindi, Urdu, Amharic, Chinese, English.
WORDS = ["ख़बर", "नदी", "خبر", "پانی", "ዜና", "ውሃ", "新", "聞", "water", "news"]


def story(seed: int) -> str:
    rng = random.Random(seed)
    return " ".join(f"{rng.choice(WORDS)}{rng.randrange(500)}" for _ in range(rng.choice((0, 3, 30, 58, 90, 200))))


def segment(number: int, documents: int, removed: int = 0) -> Segment:
    return Segment(name=f"{number:06}-1", directory=Path(), documents=documents, files={}, removed_documents=removed)


def sizes_after_adding(batches: Sequence[int]) -> list[int]:
    """Return the sizes of segments after additions of some sizes, each followed by the merges that are planned."""
    segments: list[Segment] = []
    for number, documents in enumerate(batches):
        segments.append(segment(number, documents))
        for group in plan_merges(segments):
            segments = [each for each in segments if each not in group]
            segments.append(segment(number, sum(each.live_documents for each in group)))
    return sorted(each.documents for each in segments)


def test_equal_additions_leave_few_segments() -> None:
    assert sizes_after_adding([20_000] * 3) == [20_000] * 3
    assert sizes_after_adding([20_000] * 4) == [80_000]
    assert sizes_after_adding([20_000] * 20) == [80_000, 320_000]
    assert sizes_after_adding([1] * 64) == [64], "full tiers are merged at once with those they fill"


@pytest.mark.parametrize("seed", range(5))
def test_additions_of_any_size_leave_at_most_three_segments_of_a_size(seed: int) -> None:
    rng = random.Random(seed)
    batches = [int(4 ** rng.uniform(0, 9)) for _ in range(200)]
    left = sizes_after_adding(batches)
    assert sum(left) == sum(batches)
    for size in left:
        alike = [other for other in left if (other.bit_length() - 1) // 2 == (size.bit_length() - 1) // 2]
        assert len(alike) <= MAX_SIMILAR_SEGMENTS


def test_a_segment_is_written_again_where_half_of_it_was_removed() -> None:
    mostly, little, gone = segment(1, 10, removed=5), segment(2, 1000, removed=499), segment(3, 7, removed=7)
    assert plan_merges([mostly, little, gone]) == [[mostly], [gone]]
    assert plan_merges([little]) == []
    assert plan_merges([]) == []


def test_a_merged_segment_has_the_bytes_of_one_that_was_written_at_once(tmp_path: Path) -> None:
    batches = [[story(100 * batch + n) for n in range(size)] for batch, size in enumerate((40, 1, 25, 12))]
    batches[2][3] = batches[0][5]
    for texts in batches:
        with change(tmp_path / "index") as one:
            one.add(sketch(texts, SETTINGS))
    index = open_index(tmp_path / "index")
    with change(tmp_path / "index") as one:
        one.remove(index.segments[0], [0, 7, 39])
        one.remove(index.segments[1], [0])
    index = open_index(tmp_path / "index")
    with change(tmp_path / "index") as one:
        one.merge(index.segments)
    (merged,) = open_index(tmp_path / "index").segments
    live = [text for number, text in enumerate(batches[0]) if number not in {0, 7, 39}] + batches[2] + batches[3]
    with change(tmp_path / "at once") as one:
        one.add(sketch(live, SETTINGS))
    (written,) = open_index(tmp_path / "at once").segments
    assert merged.documents == len(live)
    assert merged.files == written.files
    for name in written.files:
        assert (merged.directory / name).read_bytes() == (written.directory / name).read_bytes(), name


def matched(index: Index, text: str, ignored: dict[str, NDArray[np.int64]] | None = None) -> list[Match]:
    def same(rows: Sequence[int]) -> list[str]:
        return [text for _ in rows]

    return list(matches(index, sketch([text], SETTINGS), same, lambda _: same, ignored))


def test_removed_and_ignored_copies_hide_no_live_one(tmp_path: Path) -> None:
    text, copies = story(3), MAX_BUCKET_MEMBERS + 5
    with change(tmp_path / "index") as one:
        one.add(sketch([text] * (2 * copies + 1), SETTINGS))
    (segment_,) = open_index(tmp_path / "index").segments
    with change(tmp_path / "index") as one:
        one.remove(segment_, range(copies))
    own = {segment_.name: np.arange(copies, 2 * copies)}
    assert [match.old for match in matched(open_index(tmp_path / "index"), text, own)] == [2 * copies]


def test_a_reader_keeps_its_files_while_others_merge(tmp_path: Path) -> None:
    path = tmp_path / "index"
    for seed in range(3):
        with change(path) as one:
            one.add(sketch([story(1), story(seed + 10)], SETTINGS))
    with reading(path) as index:
        old = [each.directory for each in index.segments]
        with change(path) as one:
            one.merge(index.segments)
        assert len(open_index(path).segments) == 1
        assert [match.segment for match in matched(index, story(1))] == [each.name for each in index.segments]
    assert all(directory.exists() for directory in old)
    with change(path):
        pass
    assert not any(directory.exists() for directory in old), "nobody reads them any more"
    assert len(matched(open_index(path), story(1))) == 3


def test_what_a_failed_change_wrote_is_deleted_at_once(tmp_path: Path) -> None:
    path = tmp_path / "index"
    with change(path) as one:
        one.add(sketch([story(1)], SETTINGS))
    before = sorted((path / "segments").iterdir())

    def full(_: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"), change(path) as one:
        one.add(sketch([story(2)], SETTINGS), full)
    assert sorted((path / "segments").iterdir()) == before
