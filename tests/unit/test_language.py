import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saaf.cleaning.text.language import identify
from saaf.cleaning.text.scripts import han_variant, letter_counts

ROOT = Path(__file__).resolve().parents[2]
SEEDS = sorted((ROOT / "seeds").glob("*.txt"))

HEADLINES = [
    ("en", "Latn", "Council votes to reopen the old river crossing next spring"),
    ("de", "Latn", "Der Stadtrat beschließt die Öffnung der alten Brücke im Frühjahr"),
    ("fr", "Latn", "Le conseil municipal décide de rouvrir le vieux pont au printemps"),
    ("es", "Latn", "El ayuntamiento decide reabrir el viejo puente en primavera"),
    ("pt", "Latn", "A câmara municipal decide reabrir a velha ponte na primavera"),
    ("it", "Latn", "Il consiglio comunale decide di riaprire il vecchio ponte in primavera"),
    ("pl", "Latn", "Rada miasta zdecydowała o otwarciu starego mostu na wiosnę"),
    ("tr", "Latn", "Belediye meclisi eski köprünün ilkbaharda yeniden açılmasına karar verdi"),
    ("id", "Latn", "Dewan kota memutuskan untuk membuka kembali jembatan tua pada musim semi"),
    ("vi", "Latn", "Hội đồng thành phố quyết định mở lại cây cầu cũ vào mùa xuân"),
    ("sw", "Latn", "Baraza la mji limeamua kufungua tena daraja la zamani mwezi ujao"),
    ("ru", "Cyrl", "Городской совет решил открыть старый мост весной"),
    ("uk", "Cyrl", "Міська рада вирішила відкрити старий міст навесні"),
    ("el", "Grek", "Το δημοτικό συμβούλιο αποφάσισε να ανοίξει ξανά την παλιά γέφυρα"),
    ("hi", "Deva", "नगर परिषद ने वसंत में पुराने पुल को फिर से खोलने का फैसला किया"),
    ("mr", "Deva", "नगर परिषदेने वसंत ऋतूत जुना पूल पुन्हा सुरू करण्याचा निर्णय घेतला आहे"),
    ("ar", "Arab", "قرر مجلس المدينة إعادة فتح الجسر القديم في الربيع المقبل"),
    ("fa", "Arab", "شورای شهر تصمیم گرفت پل قدیمی را در بهار بازگشایی کند"),
    ("ur", "Arab", "شہری کونسل نے پرانے پل کو بہار میں دوبارہ کھولنے کا فیصلہ کیا ہے"),
    ("ps", "Arab", "د ښار شورا پرېکړه وکړه چې زوړ پل به په پسرلي کې بېرته پرانیستل شي"),
    ("sd", "Arab", "شهر جي ڪائونسل پراڻي پل کي بهار ۾ ٻيهر کولڻ جو فيصلو ڪيو آهي"),
    ("bn", "Beng", "নগর পরিষদ বসন্তে পুরনো সেতু আবার খোলার সিদ্ধান্ত নিয়েছে"),
    ("ta", "Taml", "பழைய பாலத்தை மீண்டும் திறக்க நகர சபை முடிவு செய்தது"),
    ("th", "Thai", "สภาเมืองตัดสินใจเปิดสะพานเก่าอีกครั้งในฤดูใบไม้ผลิ"),
    ("my", "Mymr", "မြို့တော်ကောင်စီက တံတားဟောင်းကို ပြန်ဖွင့်ရန် ဆုံးဖြတ်ခဲ့သည်"),
    ("ko", "Hang", "시의회는 봄에 옛 다리를 다시 열기로 결정했다"),
    ("ja", "Jpan", "市議会は春に古い橋を再び開くことを決定した"),
    ("zh", "Hans", "市议会决定明年春天重新开放这座旧桥，让行人通过"),
    ("zh", "Hant", "市議會決定明年春天重新開放這座舊橋，讓行人通過"),
    ("he", "Hebr", "מועצת העיר החליטה לפתוח מחדש את הגשר הישן באביב"),
    ("yi", "Hebr", "דער שטאָטראַט האָט באַשלאָסן װידער צו עפֿענען די אַלטע בריק"),
]


@pytest.mark.parametrize(("path", "code"), list(zip(SEEDS, ["hi", "hi", "ur", "hi", "ar"], strict=True)), ids=str)
def test_the_seeds_are_in_their_languages(path: Path, code: str) -> None:
    assert identify(path.read_text(encoding="utf-8")).code == code


@pytest.mark.parametrize(("code", "script", "headline"), HEADLINES, ids=[f"{row[0]}-{row[1]}" for row in HEADLINES])
def test_a_headline_is_enough(code: str, script: str, headline: str) -> None:
    language = identify(headline)
    assert (language.code, language.script) == (code, script)
    assert 0.3 < language.score <= 1.0


def test_english_residue_does_not_flip_a_hindi_text() -> None:
    prose = "इराक के विदेश मंत्री ने बुधवार शाम को फोन पर बातचीत के दौरान कहा कि सहयोग जारी रहेगा। " * 3
    residue = (
        "LEAVE A REPLY\nPlease enter your comment!\nPlease enter your name here\nHot Topics\nRelated Articles\n" * 8
    )
    assert len(residue) > len(prose)
    assert identify(residue + prose + "\n" + residue).code == "hi"


def test_an_english_text_that_quotes_arabic_stays_english() -> None:
    text = "The paper appeared on Friday under the headline «واشنطن تؤكد ضرورة العمل» and sold out within hours, " * 3
    assert identify(text).code == "en"


def test_urdu_written_with_arabic_code_points_is_still_urdu() -> None:
    headline = HEADLINES[18][2].replace("ی", "ي").replace("ک", "ك")
    assert headline != HEADLINES[18][2]
    assert identify(headline).code == "ur"


def test_a_long_text_without_urdu_letters_is_not_urdu() -> None:
    assert identify("قرر مجلس المدينة إعادة فتح الجسر القديم في الربيع المقبل بعد أعمال الصيانة. " * 4).code == "ar"


@pytest.mark.parametrize("text", ["", " \n\t", "2024-12-14 10:30", "–––", "🙂🙂", "\x00"])
def test_without_letters_nothing_is_claimed(text: str) -> None:
    language = identify(text)
    assert (language.code, language.script, language.score) == ("und", "Zyyy", 0.0)


@pytest.mark.parametrize("text", ["ok", "x1 y2 z3", "OK 12"])
def test_a_scrap_is_undetermined_but_has_a_script(text: str) -> None:
    language = identify(text)
    assert (language.code, language.script) == ("und", "Latn")


def test_mixed_chinese_is_neither_simplified_nor_traditional() -> None:
    assert han_variant("这個") == "Hani"


def test_letters_are_counted_by_script_and_nothing_else_is() -> None:
    assert letter_counts("abc अआ 12 — ١٢ é") == {"Latn": 4, "Deva": 2}


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.text(max_size=200))
def test_any_text_gets_one_answer_and_the_same_one_twice(text: str) -> None:
    language = identify(text)
    assert language == identify(text)
    assert 0.0 <= language.score <= 1.0
    assert language.code.islower()
    assert len(language.script) == 4


def test_another_process_gives_the_same_answer_without_warnings_or_network() -> None:
    program = (
        "import socket, sys\n"
        "from saaf.cleaning.text.language import identify\n"
        "socket.socket = None\n"
        "print(identify(sys.argv[1]))\n"
    )
    command = [sys.executable, "-W", "error", "-c", program, HEADLINES[0][2]]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == str(identify(HEADLINES[0][2]))
    assert run.stderr == ""


@pytest.mark.parametrize("text", ["東京都庁", "佢哋喺度", "佢哋喺度等緊巴士" * 10, "市議会決定", "北京市"])
def test_few_han_characters_or_cantonese_are_not_certain(text: str) -> None:
    language = identify(text)
    assert language.code == "zh"
    assert 0.5 < language.score < 1.0


def test_the_score_of_han_characters_grows_with_the_length() -> None:
    text = "市议会决定明年春天重新开放这座旧桥让行人通过并且维修附近的道路和公园"
    scores = [identify(text[:length]).score for length in (2, 4, 8, 16, 34)]
    assert scores == sorted(set(scores))
    assert scores[-1] == 1.0
