"""One text in two encodings, keyboards or printings has the same tokens; another word, or another spelling, has not."""

from __future__ import annotations

import random
import re
import time
import unicodedata

import numpy as np
import pytest

from saaf.dedupe import Settings, characters, engine, fold, jaccard, tokens
from saaf.dedupe.columns import column
from saaf.dedupe.sequences import PAIRS, rewrite
from saaf.dedupe.tokenizer import token_hashes

SAME = [
    ("ro", "Școala și țara noastră", "Şcoala şi ţara noastră"),  # comma below, cedilla of older code pages
    ("ro", "s\u0326i t\u0326ara", "şi ţara"),
    ("tr", "İSTANBUL'DA BALIKÇI", "İstanbul'da balıkçı"),
    ("tr", "istanbul ilçesi", "İSTANBUL İLÇESİ"),
    ("tr", "I\u0307zmir", "izmir"),  # decomposed
    ("az", "Ǝmək haqqı və ǝmǝk", "Əmək haqqı və əmək"),
    ("lt", "ji\u0307\u0301 kai\u0307\u0303p", "jí kaĩp"),  # the dot that Lithuanian keeps under an accent
    ("el", "Η Αθήνα είναι πόλη", "Η ΑΘΗΝΑ ΕΙΝΑΙ ΠΟΛΗ"),
    ("el", "Το νερό του ποταμού", "Το νερο του ποταμου"),
    ("el", "Ἐν ἀρχῇ ἦν ὁ λόγος", "Εν αρχηι ην ο λογος"),
    ("el", unicodedata.normalize("NFD", "Μαΐου καΐκι"), "Μαϊου καϊκι"),
    ("ru", "за\u0301мок на горе\u0301", "замок на горе"),
    ("ru", "Ёлка ещё стоит", "Елка еще стоит"),
    ("ru", "е\u0308лка", "ёлка"),
    ("uk", "украї\u0301нська мо\u0301ва", "українська мова"),
    ("be", "ёсць ляса\u0301", "есць ляса"),
    ("en", "an exam-\nple of wrap-\r\nping", "an example of wrapping"),
    ("en", "exam\u00ad\nple, co\u00adop", "example, coop"),
    ("en", "EXAM\u2010\nPLE", "EXAMPLE"),
    ("de", "Donau-\n   dampfer", "Donaudampfer"),
    ("de", "GROSSE STRASSE", "große Straße"),
    ("hu", "árvíztűrő", unicodedata.normalize("NFD", "ÁRVÍZTŰRŐ")),
    ("hi", "पुस्-\nतक", "पुस्तक"),
    ("nl", "ĳs vrĳ", "ijs vrij"),
    ("vi", "tiếng Việt", unicodedata.normalize("NFD", "Tiếng VIỆT")),
    ("haw", "Hawaiʻi ʻokina", "Hawai‘i 'okina"),
    ("uz", "oʻzbek gʻarb", "o‘zbek g’arb"),
    ("hy", "Հայերեն և", "ՀԱՅԵՐԵՆ ԵՒ"),
    ("hy", "հայե֊\nրեն", "հայերեն"),
    ("ka", "ᲡᲐᲥᲐᲠᲗᲕᲔᲚᲝ", "საქართველო"),
    ("chr", "ᏣᎳᎩ", "ꮳꮃꭹ"),
    ("th", "น้ำใจ", "นํ้าใจ"),  # nikhahit before the tone mark
    ("th", "น้ำ", "น\u0e49\u0e4dา"),
    ("th", "แม่และเด็ก", "เเม่เเละเด็ก"),  # e twice for ae
    ("th", "ที่นี่", "ท\u0e48\u0e35น\u0e48\u0e35"),  # tone before the vowel
    ("lo", "ນ້ຳ", "ນ\u0ecd\u0ec9າ"),
    ("lo", "ແມ່", "ເເມ່"),
    ("lo", "ທີ່", "ທ\u0ec8\u0eb5"),
    ("km", "ស្ត្រី", "ស្រ្តី"),  # the order of two subscripts
    ("km", "ផ្តល់", "ផ្ដល់"),  # subscripts of da and ta have one shape
    ("km", "ក្រុម", "កុ្រម"),  # vowel before the subscript
    ("km", "ស៊ីុ", "សី៊ុ"),
    ("km", "មេីល ទេា", "មើល ទោ"),  # vowels typed in two parts
    ("km", "ឲ្យ", "ឱ្យ"),
    ("my", "ဘဝ ဝင်", "ဘ၀ ၀င်"),  # zero for wa
    ("my", "၁၀၀ ကျပ်", "၁ဝဝ ကျပ်"),  # wa for zero
    ("my", "ရှိ", "၇ှိ"),  # seven for ra
    ("my", "၎င်း", "၄င်း"),
    ("my", "ကြွ", "ကွြ"),  # the order of medials
    ("my", "မြို့", "မြု့ိ"),
    ("my", "ယောက်ျား", "ယောကျ်ား"),
    ("my", "ဥာဏ်", "ဉာဏ်"),
    ("my", "၁၂၀၀", "1200"),
    ("ml", "കൌതുകം", "കൗതുകം"),  # au before and after the reform of types
    ("ml", "ക\u0d46\u0d57", "കൗ"),
    ("ml", "ഉ\u0d57ണ്", "ഊണ്"),
    ("hi", "अाज अाैर", "आज और"),  # vowel letters typed in two parts
    ("hi", "हंै मंे", "हैं में"),  # anusvara before the vowel sign
    ("ne", "अोखर", "ओखर"),
    ("mr", "ॲप", "अॅप"),
    ("bn", "অামার", "আমার"),
    ("as", "অাৰু", "আৰু"),
    ("pa", "ਪੁੱਤ ਸਿੰਘ", "ਪੱੁਤ ਸਿਂਘ"),  # addak before the vowel sign
    ("gu", "અાવો", "આવો"),
    ("or", "ଅାମେ", "ଆମେ"),
    ("ta", "கௌரவம் ஔவை", "கெளரவம் ஒளவை"),  # au and its look-alike
    ("te", "ఒౌషధం", "ఔషధం"),
    ("kn", "ಒೌಷಧ", "ಔಷಧ"),
    ("si", "අායුබෝවන්", "ආයුබෝවන්"),
    ("bo", "ཪྐ", "རྐ"),
    ("dz", "ཨོཾ\u0f0cབོད", "ཨོཾ་བོད"),
    ("am", "በ፲፱፻፺፱ ዓ.ም.", "በ1999 ዓ.ም."),
    ("am", "፳፻፲፪ ፼ ፻፳", "2012 10000 120"),
    ("ti", "ሰላም፡ዓለም", "ሰላም ዓለም"),
    ("am", "አ\u135fለ", "አለ"),  # gemination mark
    ("ar", "مُحَمَّدٌ كتــاب", "محمد كتاب"),
    ("ar", "ﷲ ﻻ", "الله لا"),
    ("ckb", "کوردستان هەیە", "كوردستان ههیه"),
    ("ug", "ئۇيغۇر", "ئۇیغۇر"),
    ("fa", "کتاب‌های ما", "كتابهاي ما"),
    ("ur", "کہانی", "كهاني"),
    ("ps", "ګټه", "گټه"),
    ("he", "שָׁלוֹם", "שלום"),
    ("yi", "ייִדיש", "יידיש"),
    ("arc", "ܫܠܳܡܳܐ", "ܫܠܡܐ"),
    ("ja", "がぎぐ ﾊﾟﾝ", "か゛き゛く゛ パン"),
    ("ja", "カ゚", "カ゜"),
    ("zh", "ＡＩ 第１０ 章", "AI 第10 章"),
    ("ko", "한국어", unicodedata.normalize("NFD", "한국어")),
    ("sr", "Љубав ХАЉИНА", "љубав хаљина"),
    ("hr", "ǆep ǈubav", "džep ljubav"),
]  # fmt: skip

DIFFERENT = [
    ("sv", "år", "ar"), ("sv", "höra", "hora"), ("da", "få", "fa"),
    ("no", "før", "for"), ("de", "schön", "schon"),
    ("de", "Müller", "Mueller"), ("de", "Maße", "Mase"), ("es", "año", "ano"),
    ("es", "sí", "si"), ("fr", "pêche", "péché"),
    ("it", "è", "e"), ("pt", "avó", "avô"), ("pl", "że", "ze"),
    ("pl", "źle", "żle"), ("lt", "ė", "e"), ("mt", "ġ", "g"),
    ("ro", "și", "si"), ("ro", "ța", "ta"), ("tr", "şu", "su"),
    ("tr", "gün", "gun"), ("vi", "ma", "má"), ("vi", "mã", "mạ"),
    ("yo", "ọkọ", "oko"), ("ru", "мой", "мои"), ("mk", "нѐ", "не"),
    ("bg", "ѝ", "и"), ("mk", "ѓ", "г"), ("uk", "їх", "іх"),
    ("uk", "гніт", "ґніт"), ("sr", "љубав", "ljubav"), ("uk", "сон", "coн"),
    ("el", "και", "κι"), ("el", "ϊ", "ι"),
    ("hy", "և", "ու"), ("ka", "ქარი", "ყარი"), ("am", "ሀገር", "ሐገር"),
    ("am", "ሰው", "ሠው"), ("am", "፲", "፩"),
    ("ar", "كتب", "كتاب"), ("ar", "سار", "صار"), ("fa", "گل", "کل"),
    ("ur", "کے", "کی"), ("ps", "ښه", "شه"), ("he", "כל", "קל"),
    ("hi", "कल", "काल"), ("hi", "बहु", "बहू"), ("sa", "रामः", "राम"),
    ("bn", "কি", "কী"), ("as", "ৰ", "র"), ("pa", "ਪਤਾ", "ਪੱਤਾ"),
    ("ta", "பல", "பால்"), ("te", "పలు", "పాలు"), ("kn", "ಕಲ", "ಕಾಲ"),
    ("ml", "കല", "കാല"), ("ml", "കെ", "കൗ"), ("si", "මල", "මාල"),
    ("th", "ใกล้", "ไกล"), ("th", "มา", "ม้า"), ("th", "เ", "แ"),
    ("lo", "ມາ", "ມ້າ"), ("km", "កា", "កៅ"), ("my", "မြို့", "မြို"),
    ("my", "ဖုန်း၀၉", "ဖုန်းဝ၉"), ("my", "၁၀ ရက်", "၁ ရက်"), ("bo", "ཀ", "ཁ"),
    ("ja", "かき", "がき"), ("ja", "びょういん", "びよういん"),
    ("zh", "国", "國"), ("ko", "가다", "까다"), ("en", "1990-\n1995", "19901995"),
    ("en", "one —\ntwo", "onetwo"),
    ("en", "one—\ntwo", "onetwo"), ("en", "a well-known man", "a wellknown man"), ("en", "colour", "color"),
]  # fmt: skip


@pytest.fixture(params=["numpy", "numba"], autouse=True)
def _engine(request: pytest.FixtureRequest) -> object:
    if request.param == "numba":
        pytest.importorskip("numba")
    with engine.using(request.param):
        yield


def hashes(text: str) -> list[int]:
    found = token_hashes([text]).values.tolist()
    assert found == token_hashes(column([text])).values.tolist()
    assert len(found) == len(tokens(text))
    return list(found)


def test_the_table_is_wide_enough() -> None:
    assert len(SAME) + len(DIFFERENT) >= 60
    assert len({row[0] for row in SAME}) >= 30
    assert len({row[0] for row in DIFFERENT}) >= 30


@pytest.mark.parametrize(("language", "one", "other"), SAME)
def test_two_writings_of_one_text_are_the_same(language: str, one: str, other: str) -> None:
    assert one != other
    assert tokens(one) == tokens(other), language
    assert hashes(one) == hashes(other)
    for form in ("NFC", "NFD"):
        assert tokens(unicodedata.normalize(form, one)) == tokens(other)
    assert fold(fold(one)) == fold(one)


@pytest.mark.parametrize(("language", "one", "other"), DIFFERENT)
def test_two_words_stay_two(language: str, one: str, other: str) -> None:
    assert tokens(one) != tokens(other), language
    assert hashes(one) != hashes(other)


def test_a_whole_document_in_another_writing_is_a_copy() -> None:
    old = "Şcoala din oraşul nostru începe în luna septembrie, iar copiii şi profesorii aşteaptă vacanţa de iarnă."
    assert jaccard(old, old.translate(str.maketrans("şţŞŢ", "șțȘȚ"))) == 1.0


def test_sequences_are_found_in_any_place_and_company() -> None:
    """One irregular text among regular ones changes its own tokens only, wherever its pair of characters stands."""
    odd = [f"{'x' * before}{text}{'y' * after}" for _, text, _ in SAME for before, after in ((0, 0), (7, 8), (8, 1))]
    plain = ["one two", "", "तीन चार", "пять"]
    mixed = [text for row in odd for text in (row, plain[len(row) % 4])]
    together = token_hashes(mixed)
    for index, text in enumerate(mixed):
        own = together.values[together.offsets[index] : together.offsets[index + 1]].tolist()
        assert own == hashes(text)


def test_what_has_no_pair_is_never_rewritten() -> None:
    """The tables that send a text to the rewriting miss nothing that it would change."""
    rng = random.Random(3)
    pool = sorted({c for pair in PAIRS for c in pair.firsts + pair.seconds} | set("ax ก\u0301\u200b\u094dक"))
    classes, pairs = characters._pair_classes()
    for _ in range(20_000):
        text = "".join(rng.choices(pool, k=rng.randint(1, 4)))
        found = [classes.get(ord(c), 0) for c in text]
        if not any(int(pairs[a]) >> b & 1 for a, b in zip([0, *found], found, strict=False)):
            assert rewrite(text) == text


def test_engines_agree_on_all_sequences() -> None:
    pytest.importorskip("numba")
    rng = random.Random(4)
    pool = sorted(
        {c for pair in PAIRS for c in pair.firsts + pair.seconds} | set("ax \n\x01\x02\u200b\u00ad\u0301\u0327")
    )
    texts = ["".join(rng.choices(pool, k=rng.randint(0, 24))) for _ in range(3000)]
    texts += [
        "a-\x01\nb",
        "a-b-c-\nde fghi jkl",
        "abcdefg-\nhij",
        "i" + "\x01" * 9 + "\u0307",
        "-\n",
        "a-\r\nb",
        "\u00ad",
    ]
    with engine.using("numpy"):
        expected = token_hashes(texts)
    with engine.using("numba"):
        for given in (texts, column(texts)):
            found = token_hashes(given)
            assert np.array_equal(found.values, expected.values)
            assert np.array_equal(found.offsets, expected.offsets)


@pytest.mark.parametrize(
    "unit", ["-\n", "a-\n", "\u00ad", "፻", "၀", "ဝ", "၁ဝ", "\u17d2រ", "កុ្", "เ", "α\u0301", "\u0d46", "ုိ"]
)
def test_long_runs_take_no_square_time(unit: str) -> None:
    short, long = (f"x {unit * count} y" for count in (2_000, 40_000))
    times = []
    for text in (short, long):
        start = time.process_time()
        token_hashes([text])
        times.append(time.process_time() - start)
    assert times[1] < 2.0  # 40,000 units; with the square of their number it would be minutes


def test_unfolded_tokens_are_not_rewritten() -> None:
    assert tokens("exam-\nple", folded=False) == ["exam", "ple"]
    assert jaccard("șase țări", "şase ţări", settings=Settings(fold=False)) == 0.0


def test_the_version_tells_of_the_change() -> None:
    assert re.match(r"3 \(Unicode", characters.VERSION)
