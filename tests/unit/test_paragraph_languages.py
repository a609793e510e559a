"""Languages of the paragraphs of a document in several languages, its scripts, and the quality of its extraction."""

from saaf.cleaning import apply_profile, clean_html, clean_text
from saaf.cleaning.quality.paragraphs import main_language_share, paragraph_languages, script_shares
from saaf.cleaning.site.profile import SiteProfile
from saaf.cleaning.text.language import identify

ENGLISH = "The ferry to the outer islands sailed again on Tuesday, five days after the storm had closed the harbour."
HINDI = "पुल शुक्रवार को दो साल की मरम्मत के बाद यातायात के लिए खोल दिया गया और लोगों ने खुशी मनाई।"
URDU = "پل کو دو سال کی مرمت کے بعد جمعے کے روز ٹریفک کے لیے کھول دیا گیا اور لوگوں نے خوشی منائی۔"
ARABIC = "أعيد افتتاح الجسر القديم في وسط المدينة أمام حركة المرور يوم الجمعة بعد عامين من أعمال الترميم."
AMHARIC = "ድልድዩ ከሁለት ዓመት ጥገና በኋላ ዓርብ ዕለት ለትራፊክ ክፍት ሆኗል ሲሉ የከተማው ከንቲባ ለጋዜጠኞች ተናግረዋል።"
THAI = "สะพานเก่าใจกลางเมืองเปิดให้รถสัญจรอีกครั้งในวันศุกร์หลังจากซ่อมแซมมานานสองปี"
CHINESE = "市中心的老桥经过两年的维修之后于星期五重新通车，市长说这座桥还可以再用五十年。"


def languages(text: str) -> list[tuple[str, str, str]]:
    spans = paragraph_languages(text)
    return [(text[span.start : span.end], span.language.code, span.language.script) for span in spans]


def test_each_paragraph_has_its_language_and_its_span() -> None:
    paragraphs = (ENGLISH, HINDI, URDU, ARABIC, AMHARIC, THAI, CHINESE)
    assert languages("\n\n  ".join(paragraphs)) == [
        (ENGLISH, "en", "Latn"),
        (HINDI, "hi", "Deva"),
        (URDU, "ur", "Arab"),
        (ARABIC, "ar", "Arab"),
        (AMHARIC, "am", "Ethi"),
        (THAI, "th", "Thai"),
        (CHINESE, "zh", "Hans"),
    ]


def test_neighbours_in_one_language_are_merged_and_short_paragraphs_inherit() -> None:
    hindi = f"{HINDI}\nयह भी पढ़ें\n12.5\n{HINDI}"
    text = f"\n{hindi}\n\n{ENGLISH}\nRead more\n"
    assert languages(text) == [(hindi, "hi", "Deva"), (f"{ENGLISH}\nRead more", "en", "Latn")]


def test_a_short_paragraph_in_another_script_is_not_taken_for_its_neighbours_language() -> None:
    assert languages(f"{HINDI}\nShare on WhatsApp\n{HINDI}") == [
        (HINDI, "hi", "Deva"),
        ("Share on WhatsApp", "und", "Latn"),
        (HINDI, "hi", "Deva"),
    ]


def test_a_paragraph_of_75_bytes_has_a_language_of_its_own() -> None:
    for size, code in ((75, "en"), (74, "und")):
        assert languages(f"{HINDI}\n{ENGLISH[: size - 1]}.")[1][1:] == (code, "Latn")


def test_the_share_of_the_main_language_is_that_of_its_characters() -> None:
    text = f"{HINDI}\n{HINDI}\n{HINDI}\n{ENGLISH}"
    spans, main = paragraph_languages(text), identify(text)
    assert main.code == "hi"
    assert main_language_share(spans, main) == round((3 * len(HINDI) + 2) / (3 * len(HINDI) + 2 + len(ENGLISH)), 4)
    assert main_language_share(paragraph_languages(HINDI), main) == 1.0
    assert main_language_share((), main) is None


def test_a_text_without_letters_has_no_languages() -> None:
    assert paragraph_languages("") == paragraph_languages("12\n\n–") == ()
    assert script_shares("12 –") == {}


def test_the_scripts_of_a_document_are_shares_of_its_letters() -> None:
    assert script_shares("नमस्ते ABC") == {"Deva": 0.625, "Latn": 0.375}


def test_the_quality_of_an_extraction_is_what_the_block_classifier_expects() -> None:
    article = "".join(f"<p>{ENGLISH} It was day number {day} of the storm.</p>" for day in range(12))
    menu = "<nav><a href=/>Home</a> <a href=/n>News</a></nav>"
    cleaned = clean_html(f"<html><body>{menu}<article><h1>Ferry</h1>{article}</article></body></html>")
    assert cleaned.extraction_quality is not None
    assert 0.85 < cleaned.extraction_quality <= 1
    links = "".join(f"<div><a href=/{n}>Item number {n}</a> <span>{n} views</span></div>" for n in range(30))
    unsure = clean_html(f"<html><body>{links}</body></html>")
    assert unsure.extraction_quality is not None
    assert 0 <= unsure.extraction_quality < 0.85
    assert "methods_disagree" in unsure.flags


def test_the_quality_of_an_extraction_stays_where_the_profile_of_its_site_is_applied() -> None:
    cleaned = clean_html("<html><body>" + "".join(f"<p>{ENGLISH} {n}</p>" for n in range(9)) + "</body></html>")
    assert apply_profile(cleaned, SiteProfile(site="")).extraction_quality == cleaned.extraction_quality is not None


def test_plain_text_has_no_quality_of_extraction() -> None:
    assert clean_text(f"{ENGLISH}\nADVERTISEMENT\n{ENGLISH}").extraction_quality is None
