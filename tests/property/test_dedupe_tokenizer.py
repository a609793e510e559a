"""What a reader does not see changes no fingerprint; what makes another word does."""

from __future__ import annotations

import itertools
import random
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.dedupe_truth import LONE, MARK, words
from saaf.dedupe import fold, jaccard, tokens
from saaf.dedupe.hashing import segment_hashes
from saaf.dedupe.tokenizer import token_hashes

if TYPE_CHECKING:
    from collections.abc import Callable

# A few sentences of our own in each script; digits, quotes and a dash where the language would have them.
TEXTS = {
    "en": "The harbour’s old lamp – lit since 1892 – went out on Monday; nobody said “well-known” about it again.",
    "de": "Die Straße zum großen Fluß war am 14. Mai gesperrt, weil Bäume über den Weg gefallen waren – und zwar 23.",
    "fr": "L’été dernier, la forêt près du château a brûlé ; 120 élèves ont planté des chênes où tout était noir.",
    "vi": "Người dân trong làng đã trồng 300 cây mới dọc theo con đường dẫn ra biển vào mùa xuân năm ngoái.",
    "tr": "Balıkçılar sabah erkenden yola çıktı, akşam 8 kasa balıkla döndü ve çocuklar onları kıyıda karşıladı.",
    "el": "Το παλιό λιμάνι άνοιξε ξανά την Κυριακή και οι ψαράδες γύρισαν με 12 καΐκια γεμάτα ψάρια.",
    "ru": "Старый маяк у моря снова зажгли в 1953 году, и ёлки на берегу стали видны каждый вечер.",
    "he": "הספרייה הישנה נפתחה מחדש ביום ראשון, ו־40 ילדים באו לקרוא ספרים על הים ועל הרוח.",
    "ar": "أعلنت المكتبة القديمة في المدينة أنها ستفتح أبوابها يوم الأحد، وقالت إن ١٢٠٠ كتاب وصلت إلى القاعة الكبرى.",
    "fa": "کتابخانهٔ قدیمی شهر روز یکشنبه دوباره باز می‌شود و ۱۲۰۰ کتاب تازه به تالار بزرگ آن رسیده است.",
    "ur": "شہر کی پرانی لائبریری اتوار کو دوبارہ کھلے گی اور ۱۲۰۰ نئی کتابیں بڑے ہال میں رکھی گئی ہیں۔",
    "hi": "शहर का पुराना पुस्तकालय रविवार को फिर खुलेगा। वहाँ १२०० नई किताबें आई हैं और बच्चे पढ़ने के लिए जाएँगे।",
    "mr": "गावातील जुने वाचनालय रविवारी पुन्हा उघडणार आहे. तेथे १२०० नवी पुस्तके आली असून मुले वाचायला जाणार आहेत.",
    "bn": "শহরের পুরোনো গ্রন্থাগার রবিবার আবার খুলবে। সেখানে ১২০০ নতুন বই এসেছে এবং চাঁদের আলোয় বড় মেলা বসবে।",
    "pa": "ਸ਼ਹਿਰ ਦੀ ਪੁਰਾਣੀ ਲਾਇਬ੍ਰੇਰੀ ਐਤਵਾਰ ਨੂੰ ਫਿਰ ਖੁੱਲ੍ਹੇਗੀ। ਉੱਥੇ ੧੨੦੦ ਨਵੀਆਂ ਕਿਤਾਬਾਂ ਆਈਆਂ ਹਨ।",
    "ta": "நகரின் பழைய நூலகம் ஞாயிற்றுக்கிழமை மீண்டும் திறக்கப்படும். அங்கே 1200 புதிய நூல்கள் வந்துள்ளன, போட்டியும் உண்டு.",
    "te": "నగరంలోని పాత గ్రంథాలయం ఆదివారం మళ్ళీ తెరుచుకుంటుంది. అక్కడికి 1200 కొత్త పుస్తకాలు వచ్చాయి.",
    "ml": "നഗരത്തിലെ പഴയ വായനശാല ഞായറാഴ്ച വീണ്ടും തുറക്കും. അവിടെ 1200 പുതിയ പുസ്തകങ്ങൾ വന്നു, കൊടിയും പോസ്റ്ററും തൂക്കി.",
    "am": "የከተማው አሮጌ ቤተ መጻሕፍት እሑድ ዕለት እንደገና ይከፈታል። 1200 አዳዲስ መጻሕፍት ወደ ትልቁ አዳራሽ ገብተዋል።",
    "ko": "도시의 오래된 도서관이 일요일에 다시 문을 연다. 새 책 1200권이 큰 방에 들어왔고 아이들이 읽으러 온다.",
    "zh": "城里的老图书馆将于星期日重新开放，一千二百本新书已经送到大厅，孩子们可以用手机App预约座位。",
    "ja": "町の古い図書館は日曜日に再び開きます。新しい本が千二百冊、ホールに届き、子どもがデータベースで調べます。",
    "th": "ห้องสมุดเก่าของเมืองจะเปิดอีกครั้งในวันอาทิตย์ หนังสือใหม่ ๑๒๐๐ เล่มมาถึงห้องโถงใหญ่แล้ว",
    "lo": "ຫໍສະໝຸດເກົ່າຂອງເມືອງຈະເປີດອີກຄັ້ງໃນວັນອາທິດ ປຶ້ມໃໝ່ ໑໒໐໐ ຫົວມາຮອດຫ້ອງໃຫຍ່ແລ້ວ",
    "km": "បណ្ណាល័យចាស់របស់ទីក្រុងនឹងបើកឡើងវិញនៅថ្ងៃអាទិត្យ សៀវភៅថ្មី ១២០០ ក្បាលបានមកដល់សាលធំហើយ",
    "my": "မြို့ရဲ့ စာကြည့်တိုက်ဟောင်းကို တနင်္ဂနွေနေ့မှာ ပြန်ဖွင့်မယ်။ စာအုပ်သစ် ၁၂၀၀ ရောက်ပြီ။",
}
SEEDS = sorted((Path(__file__).parents[2] / "seeds").glob("*.txt"))
ARABIC = ("ar", "fa", "ur")
INDIC = ("hi", "mr", "bn", "pa", "ta", "te", "ml")
SPACELESS = ("zh", "ja", "th", "lo", "km", "my")
SPACED = tuple(language for language in TEXTS if language not in SPACELESS)

INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff\u034f"
BIDI = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
HARAKAT = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0670"
VIRAMAS = "\u094d\u09cd\u0a4d\u0bcd\u0c4d\u0d4d"
NUKTAS = "\u093c\u09bc\u0a3c"
FAMILIES = ("يىیئ", "كکڪ", "هہةۃھە", "اأإآٱ", "وؤ")  # yeh, kaf, heh with teh marbuta, alef with hamza, waw with hamza
DIGITS = (
    "0123456789",
    "٠١٢٣٤٥٦٧٨٩",
    "۰۱۲۳۴۵۶۷۸۹",
    "०१२३४५६७८९",
    "০১২৩৪৫৬৭৮৯",
    "௦௧௨௩௪௫௬௭௮௯",
    "๐๑๒๓๔๕๖๗๘๙",
    "０１２３４５６７８９",
)

seeds = st.integers(0, 2**32)


def same(left: str, right: str) -> bool:
    assert left != right, "the change changed nothing: the example is no test"
    return jaccard(left, right) == 1.0 and tokens(left) == tokens(right)


def sprinkle(text: str, what: str, seed: int, after: Callable[[str], bool] = str.isalpha) -> str:
    """Put characters of `what` after some letters, always after at least one."""
    rng = random.Random(seed)
    places = [i for i, letter in enumerate(text) if after(letter)]
    chosen = {*rng.sample(places, max(1, len(places) // 4))}
    return "".join(letter + (rng.choice(what) if i in chosen else "") for i, letter in enumerate(text))


def swap(text: str, families: tuple[str, ...], seed: int) -> str:
    """Replace each letter of a family by one of the same family, at least one of them by another."""
    rng = random.Random(seed)
    table = {letter: family for family in families for letter in family}
    changed = "".join(rng.choice(table[c]) if c in table else c for c in text)
    first = next((i for i, c in enumerate(text) if c in table), None)
    if first is None or changed != text:
        return changed
    other = next(c for c in table[text[first]] if c != text[first])
    return text[:first] + other + text[first + 1 :]


@pytest.mark.parametrize("language", ["en", "de", "fr", "vi", "el", "ru", "tr"])
@pytest.mark.parametrize("change", [str.upper, str.lower, str.title, str.swapcase])
def test_case(language: str, change: Callable[[str], str]) -> None:
    assert same(TEXTS[language], change(TEXTS[language]))


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_normalisation_forms(language: str, form: Literal["NFC", "NFD", "NFKC", "NFKD"]) -> None:
    changed = unicodedata.normalize(form, TEXTS[language])
    assert tokens(changed) == tokens(TEXTS[language])
    assert jaccard(changed, TEXTS[language]) == 1.0


def test_full_width() -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in TEXTS["en"] + TEXTS["zh"])
    assert same(TEXTS["en"] + TEXTS["zh"], wide)
    assert same("データベース ガギグ", "ﾃﾞｰﾀﾍﾞｰｽ ｶﾞｷﾞｸﾞ")


def test_arabic_presentation_forms() -> None:
    assert same("لا سلام الله", "\ufefb \ufeb3\ufefc\ufee1 \ufdf2")


@pytest.mark.parametrize("language", TEXTS)
@given(seed=seeds)
@settings(max_examples=8, derandomize=True, deadline=None)
def test_soft_hyphens_and_zero_width(language: str, seed: int) -> None:
    assert same(TEXTS[language], sprinkle(TEXTS[language], INVISIBLE, seed))


@pytest.mark.parametrize("language", TEXTS)
@given(seed=seeds)
@settings(max_examples=8, derandomize=True, deadline=None)
def test_bidi_marks(language: str, seed: int) -> None:
    everywhere = sprinkle(TEXTS[language], BIDI, seed, after=lambda letter: True)
    assert same(TEXTS[language], everywhere)


def test_quotes_and_dashes() -> None:
    plain = TEXTS["en"].replace("’", "'").replace("–", "-").replace("“", '"').replace("”", '"')
    assert same(TEXTS["en"], plain)
    assert fold(TEXTS["en"].replace("–", "-")) == fold(plain)  # a dash stays one: only a hyphen may divide a word
    for apostrophe in "'’‘ʼ＇′":
        assert same("don`t go to Hawai`i", f"don{apostrophe}t go to Hawai{apostrophe}i")


@pytest.mark.parametrize("language", ARABIC)
@given(seed=seeds)
@settings(max_examples=25, derandomize=True, deadline=None)
def test_arabic_letter_families(language: str, seed: int) -> None:
    assert same(TEXTS[language], swap(TEXTS[language], FAMILIES, seed))


@pytest.mark.parametrize("family", FAMILIES)
def test_every_member_of_a_family_is_the_same_letter(family: str) -> None:
    for one, other in itertools.combinations(family, 2):
        assert same(f"ب{one}ت", f"ب{other}ت")


@pytest.mark.parametrize("language", ARABIC)
@pytest.mark.parametrize("marks", [HARAKAT, "\u0640", "\u0654\u0655", "\u06d6\u06dc\u06e1"])
@given(seed=seeds)
@settings(max_examples=8, derandomize=True, deadline=None)
def test_harakat_and_tatweel(language: str, marks: str, seed: int) -> None:
    assert same(TEXTS[language], sprinkle(TEXTS[language], marks, seed))


def test_hebrew_points() -> None:
    assert same(TEXTS["he"], sprinkle(TEXTS["he"], "\u05b0\u05b7\u05bc\u05c1", 1))


@pytest.mark.parametrize("language", [name for name, text in TEXTS.items() if regex.search(r"\d", text)])
@pytest.mark.parametrize("digits", DIGITS)
def test_digits_of_all_scripts(language: str, digits: str) -> None:
    text = TEXTS[language] + " ١"  # at least one digit is of another script than `digits`, whichever that is
    changed = "".join(digits[unicodedata.decimal(c)] if c.isdecimal() else c for c in text + " 7")
    assert tokens(changed) == tokens(text + " 7")
    assert jaccard(changed, text + " 7") == 1.0


@pytest.mark.parametrize(
    ("language", "letters"), [("hi", "कखगजडढफ"), ("bn", "ডঢয"), ("pa", "ਸਲਖਗਜਫ"), ("mr", "कखगजडढफ")]
)
def test_nukta(language: str, letters: str) -> None:
    with_nukta = "".join(
        c + unicodedata.lookup(_script(language) + " SIGN NUKTA") if c in letters else c for c in TEXTS[language]
    )
    assert same(with_nukta, TEXTS[language])
    assert same(with_nukta, "".join(c for c in unicodedata.normalize("NFD", with_nukta) if c not in NUKTAS))


@pytest.mark.parametrize("language", INDIC)
@given(seed=seeds)
@settings(max_examples=8, derandomize=True, deadline=None)
def test_joiners_after_virama(language: str, seed: int) -> None:
    changed = sprinkle(TEXTS[language], "\u200c\u200d", seed, after=lambda letter: letter in VIRAMAS)
    assert same(TEXTS[language], changed)


@pytest.mark.parametrize(("atomic", "joined"), [("അവൻ", "അവന്\u200d"), ("കാൽ", "കാല്\u200d"), ("উৎসব", "উত্\u200dসব")])
def test_letters_once_written_with_a_joiner(atomic: str, joined: str) -> None:
    assert same(atomic, joined)


@pytest.mark.parametrize("language", ["hi", "bn", "pa"])
def test_chandrabindu_and_anusvara(language: str) -> None:
    script = _script(language)
    bindu = "\u0a70" if language == "pa" else unicodedata.lookup(script + " SIGN CANDRABINDU")
    dot = unicodedata.lookup(script + (" SIGN BINDI" if language == "pa" else " SIGN ANUSVARA"))
    assert same(TEXTS[language], TEXTS[language].replace(bindu, dot))
    for script_name in ("GUJARATI", "ORIYA", "TELUGU", "KANNADA", "MALAYALAM"):
        one, other = (unicodedata.lookup(f"{script_name} SIGN {sign}") for sign in ("CANDRABINDU", "ANUSVARA"))
        letter = unicodedata.lookup(f"{script_name} LETTER KA")
        assert same(letter + one, letter + other)


@pytest.mark.parametrize("language", ["bn", "ta", "ml"])
def test_two_part_vowels(language: str) -> None:
    parts = {c: unicodedata.normalize("NFD", c) for c in "\u09cb\u09cc\u0bca\u0bcb\u0bcc\u0d4a\u0d4b\u0d4c"}
    assert same(TEXTS[language], "".join(parts.get(c, c) for c in TEXTS[language]))


@pytest.mark.parametrize("language", ["hi", "bn", "pa", "my", "am", "ur"])
def test_space_before_danda(language: str) -> None:
    assert same(TEXTS[language], regex.sub(r"([।॥۔።။])", r" \1", TEXTS[language]))


@pytest.mark.parametrize("language", SPACELESS)
@given(seed=seeds, width=st.integers(3, 20))
@settings(max_examples=15, derandomize=True, deadline=None)
def test_line_wraps_in_scripts_without_spaces(language: str, seed: int, width: int) -> None:
    clusters = regex.findall(r"\P{M}\p{M}*", TEXTS[language].replace("App", ""))  # a wrapped Latin word is two words
    clusters = [part for part in clusters if not part.isdecimal()]
    wrapped = "\n".join("".join(clusters[i : i + width]) for i in range(seed % width, len(clusters), width))
    whole = "".join(clusters[seed % width :])
    assert jaccard(wrapped, whole) == 1.0


@pytest.mark.parametrize("language", SPACED)
def test_line_wraps_between_words(language: str) -> None:
    assert same(TEXTS[language], TEXTS[language].replace(" ", "\n  "))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("कल", "काल"), ("दिन", "दीन"), ("विद्या", "विदया"), ("बहु", "बहू"),  # vowel signs and virama make words
        ("কল", "কাল"), ("பல", "பால்"), ("பல்", "பல"), ("കല", "കാല"), ("ਦਿਨ", "ਦੀਨ"),
        ("كتب", "كتاب"), ("گل", "كل"), ("چین", "جین"), ("ٹالی", "تالی"), ("کے", "کی"),
        ("café", "cafe"), ("schön", "schon"), ("まち", "まぢ"), ("ใกล้", "ไกล"), ("မြို့", "မြို"),
        ("x1", "x2"), ("日本", "本日"),
    ],
)  # fmt: skip
def test_another_word_stays_another_word(one: str, other: str) -> None:
    assert jaccard(one, other) < 1.0


def test_tokens_of_mixed_text() -> None:
    assert tokens("我用Python写 3 行") == ["我", "用", "python", "写", "3", "行"]
    assert tokens("हिन्दी, किताबें") == ["हिन्दी", "किताबें"]
    assert tokens("ก่อน") == ["ก่", "อ", "น"]
    assert tokens("  —  !?\n") == []


@given(st.text())
@settings(max_examples=200, derandomize=True, deadline=None)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_every_code_point_folds_to_something_stable() -> None:
    once = fold("\n".join(map(chr, range(0x110000))))
    assert fold(once) == once


@given(st.lists(st.sampled_from([c for text in TEXTS.values() for c in text]), max_size=80).map("".join))
@settings(max_examples=300, derandomize=True, deadline=None)
def test_tokens_are_what_the_definition_says(text: str) -> None:
    marks_between = regex.search(rf"(?:^|[^\p{{L}}\p{{M}}\p{{Nd}}])\p{{M}}|\p{{M}}\p{{M}}|(?!{LONE}).{MARK}", text)
    if not marks_between:  # where no language puts a mark, the definition is silent
        assert tokens(text) == words(text)


@pytest.mark.parametrize("text", [*TEXTS.values(), *(path.read_text("utf-8") for path in SEEDS)])
@pytest.mark.parametrize("folded", [True, False])
def test_tokens_of_real_sentences_are_what_the_definition_says(text: str, folded: bool) -> None:
    assert tokens(text, folded=folded) == words(text, folded=folded)


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("مُؤَسَّسَةٌ", ["موسسه"]), ("کتابخانهٔ می‌شود", ["كتابخانه", "ميشود"]), ("۱۲٬۳۴۵", ["12", "345"]),
        ("ज़मीन हैं।", ["जमीन", "हैं"]), ("চাঁদ উৎসব", ["চাংদ", "উত্সব"]), ("അവൻ", ["അവന്"]),
        ("ＡＢＣ１２３年", ["abc123", "年"]), ("ｶﾞﾗｽ", ["カ\u3099", "ラ", "ス"]),
        ("Straße Ⅷ ﬁn", ["strasse", "viii", "fin"]), ("Ёж, Ӄа\u0301", ["еж", "ӄа"]), ("İı", ["ii"]),
        ("don´t don\x92t", ["don", "t", "don", "t"]), ("co\u00adop\x00erate", ["cooperate"]),
    ],
)  # fmt: skip
def test_definition_and_tokenizer_agree_with_what_was_written_down_by_hand(text: str, listed: list[str]) -> None:
    assert tokens(text) == listed
    assert words(text) == listed


@given(st.lists(st.text(max_size=30), max_size=12))
@settings(max_examples=100, derandomize=True, deadline=None)
def test_neighbours_in_a_batch_do_not_matter(texts: list[str]) -> None:
    together = token_hashes(texts)
    for index, text in enumerate(texts):
        alone = token_hashes([text])
        own = together.values[together.offsets[index] : together.offsets[index + 1]]
        assert own.tolist() == alone.values.tolist()
        assert len(own) == len(tokens(text))


def test_a_segment_hash_is_the_running_sum_it_says() -> None:
    values = np.array([7, 0, 99, 2**21], np.uint32)
    whole = segment_hashes(values, np.array([0, 1, 1]), np.array([4, 3, 4])).tolist()
    for found, (start, end) in zip(whole, [(0, 4), (1, 3), (1, 4)], strict=True):
        total = sum((int(v) + 1) * pow(0x9E3779B97F4A7C15, i, 2**64) for i, v in enumerate(values[start:end])) % 2**64
        for shift, factor in ((33, 0xFF51AFD7ED558CCD), (33, 0xC4CEB9FE1A85EC53), (33, 1)):
            total = (total ^ (total >> shift)) * factor % 2**64
        assert found == total


def _script(language: str) -> str:
    return {"hi": "DEVANAGARI", "mr": "DEVANAGARI", "bn": "BENGALI", "pa": "GURMUKHI"}[language]
