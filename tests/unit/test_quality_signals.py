"""Quality signals: their definitions on small texts of many scripts, thresholds and the reasons that they give."""

import json
import random
from functools import cache

import pytest

from saaf.cleaning.quality.derive import METHODS, derive_thresholds
from saaf.cleaning.quality.histograms import Histograms
from saaf.cleaning.quality.signal_table import SIGNALS
from saaf.cleaning.quality.signals import MAX_NGRAM_WORDS, quality_signals
from saaf.cleaning.quality.thresholds import (
    PRESETS,
    Threshold,
    first_failed,
    parse_thresholds,
    preset,
    thresholds_for,
    to_limits,
    unfiltered_note,
)

HINDI = "पुल शुक्रवार को यातायात के लिए खोल दिया गया। महापौर ने कहा कि यह पचास साल चलेगा॥"
URDU = "پل جمعے کو کھول دیا گیا۔ کیا یہ پچاس سال چلے گا؟"
ARABIC = "افتتح الجسر في المدينة يوم الجمعة. هل يصمد خمسين عاما؟"
AMHARIC = "ድልድዩ ዓርብ ዕለት ተከፈተ። ከንቲባው ምን አሉ፧ ነገር ግን ጥሩ ነው።"
THAI = "สะพานเปิดให้สัญจรเมื่อวันศุกร์และเป็นของเมือง"
CHINESE = "大桥在星期五通车了。市长说：“它能用五十年吗？”是的！"
ENGLISH = "The bridge of the town opened on Friday. Will it stand for 50.5 years, e.g. with care?"


def value(name: str, text: str, language: str = "en", script: str = "Latn") -> float | int | None:
    return quality_signals(text, language, script)[name]


@pytest.mark.parametrize(
    ("text", "language", "script", "words", "sentences", "stop_words"),
    [
        (HINDI, "hi", "Deva", 17, 2, 2),
        (URDU, "ur", "Arab", 12, 2, 1),
        (ARABIC, "ar", "Arab", 10, 2, 1),
        (AMHARIC, "am", "Ethi", 11, 3, 3),
        (THAI, "th", "Thai", 35, 0, 3),
        (CHINESE, "zh", "Hans", 21, 3, 5),
        (ENGLISH, "en", "Latn", 19, 3, 4),
    ],
)
def test_words_and_sentences_are_those_of_the_script(
    text: str, language: str, script: str, words: int, sentences: int, stop_words: int
) -> None:
    signals = quality_signals(text, language, script)
    assert (signals["word_count"], signals["sentence_count"], signals["stop_word_count"]) == (
        words,
        sentences,
        stop_words,
    )


@pytest.mark.parametrize("line", [HINDI, URDU, ARABIC, AMHARIC, CHINESE, ENGLISH])
def test_a_line_that_ends_as_a_sentence_in_its_script_is_punctuated(line: str) -> None:
    text = f"{line}\n{line[:8]}"
    assert value("line_punctuation_share", text) == value("terminal_line_share", text) == 0.5


def test_every_signal_has_a_value_of_its_type_or_none() -> None:
    for text in ("", " \n\t", "!", "\ud800", "a", ENGLISH, "汉", "\u0301\u0301", "१२३", "_"):
        signals = quality_signals(text, "xx", "Zyyy", language_score=0.5)
        assert list(signals) == [signal.name for signal in SIGNALS]
        for signal in SIGNALS:
            found = signals[signal.name]
            assert type(found) is signal.type or (found is None and signal.is_absent_when)
            assert found is None or not signal.is_share or 0 <= found <= 1


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("mean_word_length", "ab abcd", 3.0),
        ("hash_word_ratio", "#a #b c d", round(2 / 6, 6)),
        ("ellipsis_word_ratio", "a… b... c", round(2 / 7, 6)),
        ("bullet_line_share", "• a\n- b\nc\n\n* d", 0.75),
        ("ellipsis_line_share", "a…\nb...\nc.\nd", 0.5),
        ("alphabetic_word_share", "a 1 b2 ,", 0.5),
        ("duplicate_line_share", "a\nb\na\na", 0.5),
        ("duplicate_line_character_share", "aaa\nb\n\naaa", round(3 / 7, 6)),
        ("duplicate_paragraph_share", "a\nb\n\nc\n\na\nb", round(1 / 3, 6)),
        ("duplicate_paragraph_character_share", "a\nb\n \nc\n\na\nb", round(3 / 7, 6)),
        ("top_2gram_character_share", "a b c a b d", 1.0 * 6 / 11),
        ("top_2gram_character_share", "a b c d e f", 0.0),
        ("duplicate_5gram_character_share", "a b c d e a b c d e", round(5 / 19, 6)),
        ("duplicate_5gram_character_share", "a b c d e a b c d f", 0.0),
        ("javascript_line_share", "Enable JavaScript now.\nText", 0.5),
        ("lorem_ipsum_count", "Lorem ipsum dolor, LOREM IPSUM", 2),
        ("curly_bracket_count", "a{b}{", 2),
        ("short_line_share", f"{'a' * 30}\n{'a' * 31}", 0.5),
        ("new_line_ratio", "a\nb\nc.", 0.5),
        ("sentence_count", "3.14 and x.com? Yes!! No… (Really.) End", 4),
        ("terminal_line_share", "one two.\none two three.\none two three...\n一二三。", 0.5),
    ],
)
def test_definitions(name: str, text: str, expected: float) -> None:
    assert value(name, text) == pytest.approx(expected, abs=1e-6)


def test_a_long_text_is_measured_as_its_pieces_are() -> None:
    """Texts of more than a million characters are read in pieces: no word is cut where there is white space."""
    line = "alpha beta gamma delta, epsilon zeta.\n"
    number = 40_000
    signals = quality_signals(line * number, "en", "Latn")
    assert (signals["word_count"], signals["sentence_count"]) == (6 * number, number)
    assert signals["mean_word_length"] == 5.0


def test_ngrams_are_those_of_the_first_words_of_a_very_long_text() -> None:
    different = " ".join(map(str, range(MAX_NGRAM_WORDS)))
    assert value("duplicate_5gram_character_share", f"{different} {' same' * 100}") == 0
    assert value("duplicate_5gram_character_share", different.partition(" ")[2] + " 1 2 3 4 5") == 0
    few = different.rpartition(" 262000 ")[0]
    assert value("duplicate_5gram_character_share", f"{few} {' same' * 100}") != 0


def test_the_reason_says_what_was_wrong_in_plain_words() -> None:
    signals = quality_signals("the same five words of " * 40, "en", "Latn")
    short = quality_signals("Too few words.", "en", "Latn")
    english = preset(["gopher"])["en_Latn"]
    assert first_failed(short, english) == "it has 3 words, less than 50 (Gopher)"
    assert first_failed(signals, english[7:]) == (
        "43 % of its characters are in its most frequent 2-gram, more than 20 % (Gopher)"
    )
    assert first_failed(signals, None) is None
    assert first_failed(quality_signals("", "en", "Latn"), english) == "it has 0 words, less than 50 (Gopher)"


@pytest.mark.parametrize(
    ("bound", "passing", "failing"),
    [("min", 0.15, 0.149), ("max", 0.15, 0.151), ("above", 0.151, 0.15), ("below", 0.149, 0.15)],
)
def test_a_limit_has_two_sides(bound: str, passing: float, failing: float) -> None:
    (threshold,) = parse_thresholds({"short_line_share": {bound: 0.15}}, "mine")
    assert threshold.passes(passing)
    assert threshold.passes(None)
    assert not threshold.passes(failing)
    reason = first_failed({"short_line_share": failing}, (threshold,))
    assert reason is not None
    assert reason.endswith("than 15 % (mine)")


def test_a_value_and_its_limit_are_never_written_alike_where_they_differ() -> None:
    threshold = Threshold(signal="short_line_share", bound="max", limit=0.15, source="mine")
    assert first_failed({"short_line_share": 0.150001}, (threshold,)) == (
        "15.0001 % of its lines have at most 30 characters, more than 15 % (mine)"
    )


def test_presets_are_for_the_languages_that_they_were_published_for() -> None:
    assert [set(preset([name])) for name in PRESETS[:3]] == [{"en_Latn"}] * 3
    table = preset(["fineweb2"])
    hindi = thresholds_for(table, "hi", "Deva")
    assert hindi is not None
    assert to_limits(hindi)["duplicate_5gram_character_share"] == {"max": 0.135}
    assert parse_thresholds(to_limits(hindi), "FineWeb2") == hindi
    assert thresholds_for(table, "hi", "Latn") is None
    assert thresholds_for(table, "zh", "Hant") == thresholds_for(table, "zh", "Hans") is not None
    with pytest.raises(ValueError, match="no preset"):
        preset(["gropher"])


def test_a_language_without_thresholds_passes_and_that_is_said() -> None:
    note = unfiltered_note("ti", "Ethi", 1200)
    assert note == (
        "There are no quality thresholds for Tigrinya (ti_Ethi): its 1,200 documents were kept whatever their quality."
    )


@pytest.mark.parametrize(
    "limits",
    [{"word_cuont": {"min": 5}}, {"word_count": {"least": 5}}, {"word_count": {"min": "5"}}],
)
def test_a_table_of_thresholds_with_a_mistake_is_refused(limits: dict[str, dict[str, float]]) -> None:
    with pytest.raises(ValueError, match="word_c"):
        parse_thresholds(limits, "mine")


@cache
def _corpus() -> list[tuple[str, str, dict[str, float | int | None]]]:
    draw = random.Random(18)
    documents = []
    for language, script, size in (("hi", "Deva", 400), ("en", "Latn", 300), ("ti", "Ethi", 20)):
        for _ in range(size):
            words = [f"w{draw.randrange(60)}" for _ in range(draw.randrange(20, 200))]
            text = " ".join(word + draw.choice(["", "", "", ".\n", ","]) for word in words)
            documents.append((language, script, quality_signals(text, language, script, language_score=draw.random())))
    return documents


def test_thresholds_are_the_same_whatever_the_order_of_documents_and_parts() -> None:
    documents = _corpus()
    whole, parts = Histograms(), [Histograms() for _ in range(7)]
    for number, document in enumerate(documents):
        whole.add(*document)
        parts[number % 7].add(*document)
    merged = Histograms()
    for part in reversed(parts):
        merged.merge(Histograms.from_json(json.loads(json.dumps(part.to_json()))))
    assert json.dumps(merged.to_json()) == json.dumps(whole.to_json())
    for method in METHODS:
        derived = derive_thresholds(merged, method=method)
        assert derived == derive_thresholds(whole, method=method)
        assert derived.thresholds.keys() == {"en_Latn", "hi_Deva"}
        assert derived.without == {"ti_Ethi": "20 documents are fewer than the 100 that thresholds are derived from"}


def test_a_derived_tail_fails_at_most_its_share_and_nearly_as_many() -> None:
    documents, histograms = _corpus(), Histograms()
    for document in documents:
        histograms.add(*document)
    thresholds = derive_thresholds(histograms, tail=0.1).thresholds["hi_Deva"]
    hindi = [signals for language, _, signals in documents if language == "hi"]
    for threshold in thresholds:
        failing = sum(not threshold.passes(signals[threshold.signal]) for signals in hindi)
        if threshold.signal != "language_score":
            assert failing <= 0.1 * len(hindi)
    by_name = {one.signal: one for one in thresholds if one.bound == "max"}
    failing = sum(not by_name["new_line_ratio"].passes(signals["new_line_ratio"]) for signals in hindi)
    assert failing > 0.07 * len(hindi)
    assert 0.3 <= next(one.limit for one in thresholds if one.signal == "language_score") <= 0.9


def test_english_limits_carried_over_to_english_stay_where_they_are() -> None:
    histograms = Histograms()
    for document in _corpus():
        histograms.add(*document)
    published = {one.signal: one.limit for one in preset(["gopher"])["en_Latn"] if one.bound == "max"}
    for method in ("median_ratio", "mean_std"):
        derived = derive_thresholds(histograms, method=method).thresholds["en_Latn"]
        limits = {one.signal: one.limit for one in derived if one.bound == "max" and one.signal in published}
        assert limits
        assert limits == pytest.approx({name: published[name] for name in limits}, abs=1e-4)


def test_what_cannot_be_derived_is_refused() -> None:
    histograms = Histograms()
    histograms.add("hi", "Deva", quality_signals(HINDI, "hi", "Deva"))
    with pytest.raises(ValueError, match="fewer than 100 English documents"):
        derive_thresholds(histograms, method="quantile")
    with pytest.raises(ValueError, match="between 0 and"):
        derive_thresholds(histograms, tail=0.5)
    with pytest.raises(ValueError, match="damaged"):
        Histograms.from_json({"hi_Deva": {"documents": 1}})
