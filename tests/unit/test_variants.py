"""A page made over keeps its surroundings and all words of its text, in shorter lines."""

from __future__ import annotations

from benchmarks.variants import variant
from saaf.corpus.evaluation.metrics import comparison_key

PARAGRAPHS = [
    "दादी ने खिड़की खोल के देखा और बच्चे बारिश में नाव चलाने गली की ओर दौड़ पड़े, किसी ने उन्हें नहीं रोका, और शाम तक पानी बरसता रहा।",
    "The council met on Monday, and after a long debate, it agreed to repair the old bridge before winter comes.",
    "市議会は月曜日に長い議論の末、冬が来る前に古い橋を修理することに合意した。技術者たちは春に、二本の橋脚が計画よりも弱いと警告していた。",
]
BODY = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
PAGE = f"<html><body><nav>Home</nav><div>{BODY}</div><p>Imprint</p></body></html>"


def test_every_word_stays_in_order_and_what_is_around_is_untouched() -> None:
    made = [variant(PAGE, "\n".join(PARAGRAPHS), seed) for seed in range(40)]
    pages = [one for one in made if one]
    assert len(pages) > 30
    assert len({page for page, _ in pages}) > 10, "forms, shares and cuts differ"
    for page, gold in pages:
        assert b"<nav>Home</nav>" in page
        assert b"<p>Imprint</p>" in page
        short = [line for line in gold.split("\n") if line not in PARAGRAPHS]
        assert short
        assert max(map(len, short)) < min(map(len, PARAGRAPHS))
        spelled = comparison_key(gold)
        assert all(comparison_key(word) in spelled for word in " ".join(PARAGRAPHS[:2]).split())


def test_the_same_seed_makes_the_same_variant_and_a_page_without_its_text_has_none() -> None:
    assert variant(PAGE, "\n".join(PARAGRAPHS), 7) == variant(PAGE, "\n".join(PARAGRAPHS), 7)
    assert (
        variant(PAGE, "Another text that stands nowhere on the page, and is long enough to be a paragraph.", 7) is None
    )
