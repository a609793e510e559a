"""Which lines are copies of one line: numbers count by their value, and signs that carry meaning count."""

from __future__ import annotations

import pytest

from saaf.cleaning import clean_text
from saaf.cleaning.text.copies import are_copies, copy_key, has_numbers_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Harbour news, day 1", "HARBOUR NEWS – DAY 1"),
        ("**Results 2024**", "# Results 2024"),
        ("École d’été", "ÉCOLE D'ÉTÉ"),
        ("E\u0301cole d\u2019e\u0301te\u0301", "École d'été"),
        ("Kırmızı gemi limana girdi", "KIRMIZI GEMİ LİMANA GİRDİ"),
        ("Гавань снова открыта, всё готово", "ГАВАНЬ СНОВА ОТКРЫТА – ВСЁ ГОТОВО"),
        ("Об\u2019єднання гаваней", "ОБ\u02bcЄДНАННЯ ГАВАНЕЙ"),
        ("“The harbour” isn’t closed", "'The harbour' isn't closed"),
        ("The harbour—open again", "The harbour — open again"),
        ("The north\u2011west ferry", "The north-west ferry"),
        ("ΤΟ ΛΙΜΆΝΙ ΤΗΣ ΠΌΛΗΣ", "Το λιμάνι της πόλης"),
        ("فُتِحَ المِينَاءُ", "فتح المينـــاء"),
        ("\ufedf\ufee0\ufee4\ufef4\ufee8\ufe8e\ufe80", "للميناء"),
        ("می\u200cرود کشتی", "می رود كشتي"),
        ("Tiếng Việt ở cảng", "TIẾNG VIỆT Ở CẢNG"),
        ("ﾊﾞｽが港に着く", "バスが港に着く"),
        ("सड़क बंद", "सड\u093cक बंद"),
        ("ｘ ＝ ５", "x = 5"),
        ("a =\u0338 b", "a ≠ b"),
        ("नदी की खबर, दिन १२", "नदी की खबर, दिन 12"),
        ("أخبار الميناء، اليوم ٠٣", "اخبار الميناء اليوم 3"),
        ("بندرگاہ کی خبر، دن ۳", "بندرگاه كي خبر دن 3"),
        ("የወደብ ዜና ፳፻፲፯", "የወደብ ዜና 2017"),
        ("ข่าวท่าเรือ วันที่ ๑๒", "ข่าวท่าเรือ วันที่ 12"),
        ("「港のニュース」第１２号", "■ 港のニュース 第12号"),
        ("Part Ⅱ", "Part II"),
        ("−5 °C at noon", "-5 °C at noon"),
        ("Up ۵٪", "Up 5 %"),
        ("Covid-19", "Covid 19"),
        ("ወደቡ ተከፈተ፧", "ወደቡ ተከፈተ?"),
        ("", "|---|"),
    ],
)
def test_copies_in_other_dress_have_one_key(one: str, other: str) -> None:
    assert copy_key(one) == copy_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Harbour news, day 1", "Harbour news, day 2"),
        ("Harbour news, day 1", "Harbour news, day 12"),
        ("Harbour news, day 1", "Harbour news"),
        ("7 ways to mend a net", "Ways to mend a net"),
        ("Results 2024", "2024 results"),
        ("| 1 | 2 |", "| 12 |"),
        ("दिन १", "दिन २"),
        ("اليوم ١", "اليوم ٢"),
        ("دن ۱", "دن ۲"),
        ("ቀን ፩", "ቀን ፪"),
        ("第一天", "第二天"),
        ("第Ⅰ章", "第Ⅱ章"),
        ("Part ① of the log", "Part ② of the log"),
        ("10² boats", "102 boats"),
        ("2½ boats", "21/2 boats"),
        ("1.5 m of water", "15 m of water"),
        ("1.05 m of water", "1.5 m of water"),
        ("Heron 3:2", "Heron 32"),
        ("-5 °C at noon", "5 °C at noon"),
        ("+5 at noon", "5 at noon"),
        ("Up 5 %", "Up 5"),
        ("$5 a day", "€5 a day"),
        ("Learning C", "Learning C++"),
        ("Learning C", "Learning C#"),
        ("Learning .NET", "Learning net"),
        ("A/B tests", "AB tests"),
        ("Grade A- milk", "Grade A milk"),
        ("The ferry sails?", "The ferry sails"),
        ("هل تبحر العبارة؟", "هل تبحر العبارة"),
        ("Πλέει το πλοίο;", "Πλέει το πλοίο"),
        ("दिल की बात", "दाल की बात"),
        ("Film ★★★", "Film ★★★★★"),
        ("Where a ≤ b", "Where a ≰ b"),
        ("Where a = b", "Where a ≠ b"),
        ("Where a = b", "Where a != b"),
        ("Where a ∈ B", "Where a ∉ B"),
        ("Where ∃ a", "Where ∄ a"),
        ("Where a ∥ b", "Where a ∦ b"),
        ("About ~5 boats", "About 5 boats"),
        ("Con ma ở cảng", "Con má ở cảng"),
        ("Con má ở cảng", "Con mã ở cảng"),
        ("Con ma ở cảng", "Con mạ ở cảng"),
        ("Cumple un año", "Cumple un ano"),
        ("Barnet får mat", "Barnet far mat"),
        ("Все готово", "Всё готово"),
        ("Їх човни", "Іх човни"),
        ("Гавань мой", "Гавань мои"),
        ("Çok sinirli adam", "Çok sınırlı adam"),
        ("Πότε ανοίγει", "Ποτέ ανοίγει"),
        ("Trinken in Maßen", "Trinken in Massen"),
        ("Un pêcheur au port", "Un pécheur au port"),
        ("Robił łaskę", "Robił laskę"),
        ("قال أن البحر", "قال إن البحر"),
        ("سأل الماء", "سال الماء"),
        ("القارب على الشاطئ", "القارب علي الشاطئ"),
        ("مدرسة القرية", "مدرسه القرية"),
        ("میرا بھائی", "میرا بہائی"),
        ("हंस रहा है", "हँस रहा है"),
        ("जरा देखो", "ज़रा देखो"),
        ("はしがある", "ばしがある"),
        ("The captain re-signed", "The captain resigned"),
        ("We're here", "Were here"),
        ("Law §5", "Law ¶5"),
        ("Law §5", "Law 5"),
        ("H₂ rises", "H² rises"),
        ("10² boats", "10 2 boats"),
        ("x⁻ rises", "x⁺ rises"),
    ],
)
def test_lines_that_say_something_else_have_two_keys(one: str, other: str) -> None:
    assert copy_key(one) != copy_key(other)


def test_no_number_is_the_beginning_of_another() -> None:
    assert not copy_key("Day 12").startswith(copy_key("Day 1"))
    assert copy_key("Day 1, morning").startswith(copy_key("दिन १".replace("दिन", "Day")))
    assert has_numbers_of("Day 1", "Log of day ١, and of day 2")
    assert not has_numbers_of("Day 1", "Log of day 12")


@pytest.mark.parametrize(
    ("headline", "other"),
    [
        ("Proof of the case in which a ≤ b holds", "Proof of the case in which a ≰ b holds"),
        ("La isla del norte cumple un año de ferris", "La isla del norte cumple un ano de ferris"),
        ("На острове все готово к приходу парома", "На острове всё готово к приходу парома"),
        ("قالت المدينة أن الميناء القديم مفتوح", "قالت المدينة إن الميناء القديم مفتوح"),
        ("The captain of the ferry re-signed on Monday", "The captain of the ferry resigned on Monday"),
    ],
)
def test_another_headline_below_the_first_stays(headline: str, other: str) -> None:
    lead = "The ferry to the outer islands sailed again on Tuesday, five days after the storm had closed the harbour."
    assert other in clean_text(f"{headline}\n{other}\n{lead}").text
    assert clean_text(f"{headline}\n{headline.upper()}\n{lead}").text.count("\n") == 1


def test_a_printing_in_capitals_may_leave_out_what_capitals_have_not() -> None:
    assert are_copies("ΤΟ ΛΙΜΑΝΙ ΤΗΣ ΠΟΛΗΣ", "Το λιμάνι της πόλης")
    assert are_copies("DIE STRASSE ZUM HAFEN", "Die Straße zum Hafen")
    assert not are_copies("Πότε ανοίγει", "Ποτέ ανοίγει")
    assert not are_copies("ΠΌΤΕ ΑΝΟΊΓΕΙ", "ΠΟΤΈ ΑΝΟΊΓΕΙ")
    assert not are_copies("CUMPLE UN ANO", "Cumple un año")
