"""Texts that stand inside longer ones: which are found, where, and what is not one."""

from __future__ import annotations

import random
from typing import Any

import pytest

from benchmarks.dedupe_containment import LANGUAGES, plant, truth
from saaf.dedupe import Settings, find_contained, find_duplicates, verify_containments
from saaf.dedupe.containment_candidates import MAX_CANDIDATES
from saaf.dedupe.sketches import choose_modulus

_WORDS = [f"word{number}" for number in range(5000)]


def draw(seed: int, length: int) -> list[str]:
    return random.Random(seed).choices(_WORDS, k=length)


def test_an_agency_text_of_300_words_in_a_page_of_800_is_found_where_it_stands() -> None:
    agency, page = draw(1, 300), draw(2, 500)
    texts = [" ".join(draw(3, 700)), " ".join(agency), " ".join(page[:200] + agency + page[200:])]
    assert find_duplicates(texts).pairs == (), "near-duplicates cannot tell: 0.37 of all shingles are shared"
    [found] = find_contained(texts).found
    assert (found.contained, found.containing, found.share) == (1, 2, 1.0)
    assert texts[2][found.start : found.end] == texts[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_planted_texts_are_found_with_no_false_one(language: str) -> None:
    texts = plant(language, 12, alone=2, seed=7)
    true = truth(texts)
    found = {(one.contained, one.containing) for one in find_contained(texts).found}
    assert found == set(true), "at most 1 of 100 of 50 words may be missed; of these none is"
    assert len(found) >= 5


@pytest.mark.parametrize(
    ("quoted", "gap", "note"),
    [
        ("किसानों ने कल मंडी में {} किलो आलू बेचे", "। ", "यह बात संवाददाता ने कही"),
        ("باع المزارعون أمس في السوق {} كيلوغراما من البطاطس", "، ", "قال مراسلنا"),
        ("ገበሬዎች ትናንት በገበያ {} ኪሎ ድንች ሸጡ", "። ", "ዘጋቢያችን ተናገረ"),
        ("农民昨天在市场卖了{}公斤土豆", "。", "记者说"),
    ],
)
def test_the_span_is_in_code_points_of_the_text_in_any_script(quoted: str, gap: str, note: str) -> None:
    contained = gap.join(quoted.format(number * 7) for number in range(9))
    before = gap.join(f"{note} {number}" for number in range(20)) + "\n\n"
    containing = f"{before}{contained}\n\n" + gap.join(f"{note} {number}" for number in range(50, 70))
    [found] = find_contained([contained, containing]).found
    assert containing[found.start : found.end] == contained


def test_other_code_points_of_the_same_letters_are_the_same_text() -> None:
    arabic = " ".join(f"كتاب{letter}ي علي" for letter in "ابتثجحخدذرزسشصضطظعغفقلمنهو")
    persian = arabic.replace("ي", "ی").replace("ك", "ک")
    [found] = find_contained([arabic, f"{' '.join(draw(4, 100))}. {persian}!"]).found
    assert found.share == 1.0


def test_one_pair_on_each_side_of_the_threshold() -> None:
    contained = draw(5, 102)  # 100 shingles
    at, under = contained[:82] + draw(6, 100), contained[:81] + draw(7, 100)  # 80 and 79 shingles
    texts = [" ".join(each) for each in (contained, at, under)]
    assert [one.share for one in verify_containments(texts, [(0, 1), (0, 2)], threshold=0.5)] == [0.80, 0.79]
    assert [(one.containing, one.share) for one in find_contained(texts).found] == [(1, 0.80)]


def test_a_part_in_between_is_in_the_span_and_a_chance_shingle_far_away_is_not() -> None:
    agency, page = draw(8, 200), draw(9, 400)
    containing = agency[50:53] + page[:200] + agency[:100] + draw(10, 30) + agency[100:] + page[200:]
    texts = [" ".join(agency), " ".join(containing)]
    [found] = find_contained(texts).found
    assert texts[1][found.start : found.end] == " ".join(containing[203:433])


def test_texts_of_one_length_and_short_texts_are_not_contained() -> None:
    text = draw(11, 80)
    assert find_contained([" ".join(text), " ".join(text)]).found == ()
    assert find_contained([" ".join(text[:49]), " ".join(text)]).found == ()
    assert len(find_contained([" ".join(text[:50]), " ".join(text)]).found) == 1
    assert find_contained(["", " ", "one", " ".join(text)]).found == ()
    assert find_contained([]).found == ()


def test_a_text_that_hundreds_have_is_found_in_the_longest_and_the_rest_is_counted() -> None:
    notice = " ".join(draw(12, 60))
    texts = [notice, *(f"{' '.join(draw(100 + number, 100 + number))} {notice}" for number in range(200))]
    result = find_contained(texts)
    assert {one.contained for one in result.found} == {0}
    assert len(result.found) == MAX_CANDIDATES
    assert min(one.containing for one in result.found) > len(texts) - MAX_CANDIDATES - 1, "the longest are taken"
    assert result.omitted.texts >= 1
    assert result.omitted.comparisons >= 200 - MAX_CANDIDATES


@pytest.mark.parametrize("threshold", [0.0, -0.5, 1.01, float("nan")])
def test_a_threshold_out_of_range_says_what_to_give(threshold: float) -> None:
    with pytest.raises(ValueError, match=r"give a share of a text over 0, at most 1, such as 0\.8"):
        find_contained(["a"], threshold=threshold)


@pytest.mark.parametrize("shared", [5.0, 38.4, 80.0])
def test_the_sketch_keeps_the_promised_recall_and_no_larger_one_would(shared: float) -> None:
    recall = Settings().recall
    modulus = choose_modulus(shared, recall)
    assert 1 - (1 - 1 / modulus) ** shared >= recall > 1 - (1 - 1 / (modulus + 1)) ** shared


def test_a_collection_that_holds_a_thousand_texts_is_read_once_and_all_are_found() -> None:
    texts = [" ".join(draw(1000 + number, 60)) for number in range(1000)]
    texts.append("\n\n".join(texts))
    reads = [0] * len(texts)

    class Counted(list[str]):
        def __getitem__(self, index: Any) -> Any:
            reads[index] += 1
            return super().__getitem__(index)

    found = find_contained(Counted(texts)).found
    assert [one.contained for one in found] == list(range(1000))
    assert all(texts[-1][one.start : one.end] == texts[one.contained] for one in found)
    assert max(reads) <= 3, "once for the sketch, once or twice for the comparison"


def test_a_word_divided_at_a_line_end_does_not_move_the_span() -> None:
    contained, page = " ".join(draw(13, 60)), " ".join(draw(14, 100))
    containing = f"{page} exam-\nple {contained} and co-\n operation {page}"
    [found] = find_contained([contained, containing]).found
    assert containing[found.start : found.end] == contained
