"""The five seed texts, and texts of the same kinds in other orders, words, languages and scripts.

A variant is one file: the text as it came, a line `=====`, and what must be left, blank lines aside.
"""

from pathlib import Path

import pytest

from saaf.cleaning import clean_text
from saaf.cleaning.types import CleanDocument

ROOT = Path(__file__).resolve().parent.parent.parent
SEEDS = ROOT / "seeds"
VARIANTS = sorted((Path(__file__).parent / "seed_variants").glob("*.txt"))
SEPARATOR = "\n=====\n"


def seed(number: str) -> str:
    (path,) = SEEDS.glob(f"{number}_*.txt")
    return path.read_text(encoding="utf-8")


def lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def removed(clean: CleanDocument, words: str) -> list[str]:
    """Return the rules of the removals that hold `words`."""
    return [removal.rule for removal in clean.removals if words in clean.document.text[removal.start : removal.end]]


def test_000_comment_form_and_boxes_go_and_the_headline_stays_once() -> None:
    clean = clean_text(seed("000"))
    given = lines(clean.document.text)
    assert lines(clean.text) == [given[0], *given[2:12]]
    assert given[11].endswith("स्थिरता स्थापित की जा सके।")
    assert clean.document.metadata.title == given[0] == given[1]
    assert clean.document.language.code == "hi"
    for words, rule in {
        "LEAVE A REPLY": "en.comment_form",
        "Please enter your comment!": "en.comment_form",
        "Please enter your name here": "en.comment_form",
        "Hot Topics": "en.popular",
        "Related Articles": "en.related",
        given[0]: "echo.title",
    }.items():
        assert removed(clean, words) == [rule]


def test_001_the_popular_box_goes_with_all_its_teasers() -> None:
    clean = clean_text(seed("001"))
    given = lines(clean.document.text)
    assert lines(clean.text) == given[:6]
    assert "आज सीरिया के विदेश मंत्री" in clean.text
    assert given[5].endswith("पहचान कर रहे हैं।")
    assert len(clean.removals) == 17
    assert clean.document.language.code == "hi"


def test_001_the_headline_glued_to_the_lead_is_never_guessed_wrong() -> None:
    title = clean_text(seed("001")).document.metadata.title
    assert title in {None, "सीरियाई विदेश मंत्री ने की रूसी समकक्ष से मुलाकात, मास्को-दमिश्क सहयोग जारी रखने पर दिया जोर"}


def test_002_empty_boxes_and_the_correspondent_go() -> None:
    clean = clean_text(seed("002"))
    given = lines(clean.document.text)
    assert lines(clean.text) == [given[0], *given[2:12]]
    assert given[11].endswith("تاکید کی ہے۔")
    assert clean.document.metadata.title == given[0]
    assert clean.document.language.code == "ur"
    assert removed(clean, "اہم ترین ایران خبریں") == ["ur.popular"]
    assert removed(clean, "خبرنگار افتخاری") == ["ur.author"]


def test_003_initials_and_the_recommender_go_and_no_headline_is_invented() -> None:
    clean = clean_text(seed("003"))
    given = lines(clean.document.text)
    assert lines(clean.text) == given[:7]
    assert "President" in clean.text
    assert "Prime Minister" in clean.text
    assert clean.document.metadata.title is None
    assert removed(clean, "केके/एएस") == ["line.initials"]
    assert removed(clean, "You may also like") == ["en.recommended"]


def test_004_labels_become_metadata_and_the_appended_article_goes() -> None:
    clean = clean_text(seed("004"))
    given = lines(clean.document.text)
    lead = given[3].removeprefix("أخبار ذات صلة")
    assert lines(clean.text) == [given[0], given[2], lead, given[4], given[5]]
    assert lead.startswith("أكد وزير الخارجية")
    metadata = clean.document.metadata
    assert metadata.title == given[0]
    assert metadata.published == "2024-12-14"
    assert metadata.source == "صحيفة الاتحاد"
    assert {"داعش", "أنتوني بلينكن", "بشار الأسد"} <= set(metadata.tags)
    assert removed(clean, "أخبار ذات صلة") == ["ar.related"]
    assert removed(clean, "See author's posts") == ["appended.article"]


@pytest.mark.parametrize("number", ["000", "001", "002", "003", "004"])
def test_what_is_left_of_a_seed_is_clean(number: str) -> None:
    assert clean_text(clean_text(seed(number)).text).removals == ()


@pytest.mark.parametrize("number", ["000", "001", "002", "003", "004"])
def test_windows_line_breaks_change_nothing(number: str) -> None:
    assert clean_text(seed(number).replace("\n", "\r\n")).text == clean_text(seed(number)).text


@pytest.mark.parametrize("number", ["000", "002", "003"])
def test_the_residue_goes_from_the_front_too(number: str) -> None:
    clean = clean_text(seed(number))
    start = next(r.start for r in clean.removals if r.rule != "echo.title")
    text = clean.document.text
    moved = clean_text(text[start:].strip() + "\n\n" + text[:start].strip())
    assert lines(moved.text) == lines(clean.text)
    assert moved.document.metadata.title == clean.document.metadata.title


@pytest.mark.parametrize("number", ["000", "001", "002"])
def test_the_residue_goes_from_the_middle_too(number: str) -> None:
    clean = clean_text(seed(number))
    start = next(r.start for r in clean.removals if r.rule != "echo.title")
    body, box = lines(clean.document.text[:start]), clean.document.text[start:].strip()
    moved = clean_text("\n\n".join([*body[:5], box, *body[5:]]))
    assert lines(moved.text) == lines(clean.text)


@pytest.mark.parametrize("path", VARIANTS, ids=lambda path: path.stem)
def test_variant(path: Path) -> None:
    given, expected = path.read_text(encoding="utf-8").split(SEPARATOR)
    clean = clean_text(given)
    assert lines(clean.text) == lines(expected)
    assert clean_text(clean.text).removals == ()
