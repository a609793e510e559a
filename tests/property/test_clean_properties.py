"""What holds for any text: nothing is lost, everything is accounted for, and clean is clean."""

from hypothesis import given, settings
from hypothesis import strategies as st

from saaf.cleaning import clean_text
from saaf.cleaning.phrases.packs import PACKS
from saaf.cleaning.types import apply_removals

PROSE = (
    "The old bridge in the middle of the town opened to traffic on Friday after two years of repairs.",
    "शहर के बीच का पुराना पुल दो साल की मरम्मत के बाद शुक्रवार की सुबह यातायात के लिए खोल दिया गया।",
    "شہر کے وسط میں واقع پرانا پل دو سال کی مرمت کے بعد جمعے کی صبح ٹریفک کے لیے کھول دیا گیا۔",
    "افتتح الجسر القديم في وسط المدينة صباح الجمعة أمام حركة المرور بعد عامين من أعمال الإصلاح.",
    "市中心的老桥经过两年的维修，于星期五上午重新开放通车，数百名市民前来观看了开通仪式。",
    "สะพานเก่ากลางเมืองเปิดให้รถสัญจรอีกครั้งเมื่อเช้าวันศุกร์หลังจากปิดซ่อมแซมมานานถึงสองปี",
    "ಸೇತುವೆಯು ಎರಡು ವರ್ಷಗಳ ದುರಸ್ತಿಯ ನಂತರ ಶುಕ್ರವಾರ ಬೆಳಿಗ್ಗೆ ಸಂಚಾರಕ್ಕೆ ಮುಕ್ತವಾಯಿತು ಎಂದು ಅಧಿಕಾರಿಗಳು ತಿಳಿಸಿದ್ದಾರೆ.",
    "Short answer.",
    "He left. – AB/CD",
)
LINES = (
    "Ten ways to cook rice that your grandmother never knew",
    "Ten ways to cook rice that your grandmother never knew Wash it and",
    "चावल पकाने के दस तरीके जो आपकी दादी भी नहीं जानती थीं",
    "متحف لشبونة يعرض لوحات منسية منذ سنوات طويلة في القبو",
    "煮米饭的十种方法，你的祖母也不知道",
    "14 December 2024",
    "16 مارس، 2025",
    "केके/एएस",
    "–",
    "1,204",
    "10:32",
    "© 2024 Island Post",
    "Home | News | Sport",
    "https://island.example/",
    "By Jane Roe",
    "Tags: bridge, river",
    "أخبار ذات صلةأكد وزير الخارجية لنظيره أن الجسر القديم في وسط المدينة آمن تماما.",
    "READ ALSO: Why cats purr at night",
    "",
    "  ",
    "\t",
)
PHRASES = tuple(phrase for rule in PACKS for phrase in sorted(rule.phrases)[:3])
line = st.one_of(st.sampled_from(PROSE), st.sampled_from(LINES), st.sampled_from(PHRASES))
pages = st.lists(line, max_size=40).map("\n".join)
texts = st.one_of(pages, st.text(), st.text(alphabet="ab \n.:|–\u0301\u200c\r\0", max_size=200))
bounded = settings(max_examples=150, deadline=None, derandomize=True)


@bounded
@given(texts)
def test_kept_and_removed_give_the_whole_text(text: str) -> None:
    clean = clean_text(text)
    whole = clean.document.text
    position = 0
    for removal in clean.removals:
        assert position <= removal.start < removal.end <= len(whole)
        assert 0 < removal.score <= 1
        position = removal.end
    assert clean.text == apply_removals(whole, clean.removals)
    assert len(clean.text) + sum(removal.end - removal.start for removal in clean.removals) == len(whole)


@bounded
@given(texts)
def test_clean_is_clean(text: str) -> None:
    assert clean_text(clean_text(text).text).removals == ()


@bounded
@given(texts)
def test_nothing_is_emptied(text: str) -> None:
    clean = clean_text(text)
    assert bool(clean.text.strip()) == bool(clean.document.text.strip())


@bounded
@given(texts)
def test_the_same_text_gives_the_same_removals(text: str) -> None:
    assert clean_text(text) == clean_text(text)


@bounded
@given(st.lists(st.one_of(st.sampled_from(PROSE), st.sampled_from(PHRASES)), max_size=30).map("\n".join))
def test_paragraphs_of_prose_stay(text: str) -> None:
    """Labels take no paragraph along: where no headlines stand, there are neither excerpts nor appended articles."""
    clean = clean_text(text)
    if "model.residue" not in {removal.rule for removal in clean.removals}:
        kept = clean.text.split("\n")
        for paragraph in PROSE[:5]:
            assert (paragraph in text.split("\n")) == (paragraph in kept)
