import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saaf.cleaning.dates.calendars import vocabulary
from saaf.cleaning.dates.conversions import from_ethiopian, from_jalali, from_nepali
from saaf.cleaning.dates.parser import date_line, find_date, machine_date
from saaf.cleaning.dates.words import update_note, without_update

ROOT = Path(__file__).resolve().parents[2]
FETCHED = datetime(2025, 3, 20, 12, 0, tzinfo=UTC)

# Every line says 14 December 2024 and nothing else.
LINES = [
    ("ar", "تاريخ النشر: 14th, December 2024 GMT"),
    ("ar", "السبت 14 كانون الأول / ديسمبر 2024 - 10:30"),
    ("ar", "تم نشره السبت 14 كانون الأول 2024 09:22 مساءً"),
    ("ar", "١٤ ديسمبر ٢٠٢٤"),
    ("ar", "14 دجنبر 2024"),
    ("ar", "14 جمادى الآخرة 1446 هـ الموافق 14 ديسمبر 2024"),
    ("hi", "14 दिसंबर 2024, 10:30 AM IST"),
    ("hi", "शनिवार, १४ दिसम्बर २०२४"),
    ("hi", "प्रकाशित: 14 दिसंबर, 2024"),
    ("mr", "14 डिसेंबर 2024"),
    ("ur", "14 دسمبر، 2024"),
    ("ur", "تاریخ اشاعت: ۱۴ دسمبر ۲۰۲۴"),
    ("fa", "۲۴ آذر ۱۴۰۳ - ۱۰:۳۰"),
    ("fa", "1403/09/24"),
    ("ps", "۲۴ لیندۍ ۱۴۰۳"),
    ("am", "ታኅሣሥ 5 ቀን 2017 ዓ.ም"),
    ("am", "5 ታህሳስ 2017"),
    ("am", "ዲሴምበር 14 2024"),
    ("ne", "२९ मंसिर २०८१, शनिबार"),
    ("ne", "२०८१ मंसिर २९ गते"),
    ("ne", "१४ डिसेम्बर २०२४"),
    ("bn", "প্রকাশিত: ১৪ ডিসেম্বর ২০২৪, ১০:৩০"),
    ("bn", "১৪ই ডিসেম্বর, ২০২৪"),
    ("ta", "14 டிசம்பர் 2024"),
    ("te", "14 డిసెంబర్ 2024"),
    ("tr", "14 Aralık 2024 Cumartesi 10:30"),
    ("ru", "14 декабря 2024 г., 10:30"),
    ("uk", "Опубліковано 14 грудня 2024 року"),
    ("zh", "2024年12月14日 星期六 10:30"),
    ("zh", "发布时间：2024-12-14"),
    ("ja", "2024年12月14日(土) 10:30"),
    ("ko", "입력 2024년 12월 14일 오전 10:30"),
    ("th", "14 ธ.ค. 2567 เวลา 10:30 น."),
    ("th", "วันเสาร์ที่ 14 ธันวาคม พ.ศ. 2567"),
    ("my", "၁၄ ဒီဇင်ဘာ ၂၀၂၄"),
    ("vi", "Thứ bảy, 14 tháng 12 năm 2024"),
    ("id", "Sabtu, 14 Des 2024 10:30 WIB"),
    ("sw", "14 Desemba 2024"),
    ("he", "14 בדצמבר 2024"),
    ("el", "14 Δεκεμβρίου 2024"),
    ("pl", "14 grudnia 2024"),
    ("hu", "2024. december 14."),
    ("lv", "2024. gada 14. decembris"),
    ("fr", "Publié le 14 décembre 2024 à 10h30"),
    ("fr", "14 DECEMBRE 2024"),
    ("es", "14 de diciembre de 2024"),
    ("pt", "14 de dez. de 2024"),
    ("it", "Pubblicato il 14 dicembre 2024 alle ore 10:30"),
    ("de", "Samstag, 14. Dezember 2024, 10:30 Uhr"),
    ("en", "Dec. 14, 2024 at 10:30 a.m. ET"),
    ("en", "Saturday, December 14th, 2024"),
    ("en", "14-Dec-2024"),
    ("tl", "ika-14 ng Disyembre 2024"),
    ("sr", "14. децембра 2024."),
    ("sr", "14. decembra 2024."),
    ("ka", "14 დეკემბერს 2024"),
    ("kk", "2024 жылғы 14 желтоқсан"),
    ("uz", "2024-yil 14-dekabr"),
    ("uz", "14 декабр 2024"),
    ("so", "14 Disembar 2024"),
    ("ha", "14 ga Disamba, 2024"),
    ("yo", "14 Oṣù Kejìlá 2024"),
    ("ckb", "14ی کانوونی یەکەمی 2024"),
    ("te", "డిసెంబరు 14, 2024"),
    ("ml", "14 ഡിസംബര്‍ 2024"),
    ("km", "ថ្ងៃទី១៤ ខែធ្នូ ឆ្នាំ២០២៤"),
    ("lo", "ວັນທີ 14 ເດືອນທັນວາ 2024"),
    ("hy", "2024 թ. դեկտեմբերի 14"),
    (None, "14 décembre 2024"),
    (None, "2024-12-14"),
]


@pytest.mark.parametrize(("language", "line"), LINES, ids=[f"{language}-{line}" for language, line in LINES])
def test_a_date_line_is_read_in_its_language(language: str | None, line: str) -> None:
    assert find_date(line, language=language, fetched_at=FETCHED) == "2024-12-14"
    assert date_line(line, language=language, fetched_at=FETCHED) == "2024-12-14"


@pytest.mark.parametrize(
    ("language", "expected"), [("en", "2024-04-05"), ("en-GB", "2024-05-04"), ("fr", "2024-05-04"), (None, None)]
)
def test_the_language_decides_whether_the_day_or_the_month_comes_first(
    language: str | None, expected: str | None
) -> None:
    assert find_date("04/05/2024", language=language, fetched_at=FETCHED) == expected


def test_a_reading_that_lies_after_the_fetch_is_not_the_one() -> None:
    assert find_date("03/04/2025", language="fr", fetched_at=FETCHED) == "2025-03-04"


@pytest.mark.parametrize(
    "line",
    [
        "On 14 December 2024 the council met again.",
        "Deadline: 14 December 2024",
        "Date: 12-14 December 2024",
        "في 14 ديسمبر 2024 اجتمع المجلس",
        "14 दिसंबर 2024 को परिषद की बैठक हुई",
        "By Ann Example, 14 December 2024",
        "December 2024",
        "14 December",
        "10:30",
        "",
    ],
)
def test_a_line_that_says_more_or_less_than_a_day_is_no_date_line(line: str) -> None:
    assert date_line(line, language=None, fetched_at=FETCHED) is None


@pytest.mark.parametrize(
    "text", ["14 December", "March 2024", "2024", "30 February 2024", "32/12/2024", "1.2.3", "May 12"]
)
def test_a_date_is_never_completed(text: str) -> None:
    assert find_date(text, language="en", fetched_at=FETCHED) is None


def test_the_fetch_bounds_dates_with_one_day_of_grace() -> None:
    assert find_date("21 March 2025", language="en", fetched_at=FETCHED) == "2025-03-21"
    assert find_date("22 March 2025", language="en", fetched_at=FETCHED) is None
    assert find_date("22 March 2025", language="en", fetched_at=None) == "2025-03-22"


def test_the_first_possible_date_of_a_line_counts() -> None:
    line = "Valid until 1 January 2030. Published 14 December 2024, updated 15 December 2024"
    assert find_date(line, language="en", fetched_at=FETCHED) == "2024-12-14"


def test_history_is_not_publication() -> None:
    assert find_date("14 July 1789", language="en", fetched_at=FETCHED) is None


@pytest.mark.parametrize(
    ("jalali", "gregorian"),
    [
        ((1403, 1, 1), "2024-03-20"),
        ((1399, 12, 30), "2021-03-20"),
        ((1400, 1, 1), "2021-03-21"),
        ((1357, 11, 22), "1979-02-11"),
    ],
)
def test_iranian_dates_around_leap_years(jalali: tuple[int, int, int], gregorian: str) -> None:
    assert from_jalali(*jalali).isoformat() == gregorian


def test_months_whose_name_means_two_things_are_left_out_where_the_language_is_unknown() -> None:
    assert "listopad" not in vocabulary(None).months
    assert vocabulary("hr").months["listopad"].number == 10
    assert vocabulary("pl").months["listopad"].number == 11


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024-12-14T10:30:00Z", "2024-12-14T10:30:00+00:00"),
        ("2024-12-14T10:30:00.123+0530", "2024-12-14T10:30:00+05:30"),
        ("2024-12-14T10:30+02", "2024-12-14T10:30:00+02:00"),
        ("2024-12-14 10:30", "2024-12-14T10:30:00"),
        ("2024-12-14 10:30 PM", "2024-12-14"),
        ("2024/12/14", "2024-12-14"),
        ("20241214", "2024-12-14"),
        ("Sat, 14 Dec 2024 10:30:00 GMT", "2024-12-14T10:30:00+00:00"),
        ("Sat Dec 14 2024 10:30:00 GMT+0200", "2024-12-14T10:30:00+02:00"),
        ("1403-09-24", "2024-12-14"),
        ("1970-01-01T00:00:00Z", None),
        ("2026-01-01", None),
        ("2024-13-45", None),
        ("0000-00-00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_machine_dates_keep_their_precision(written: str, expected: str | None) -> None:
    assert machine_date(written, fetched_at=FETCHED) == expected


@settings(max_examples=150, derandomize=True, deadline=None)
@given(
    st.text(alphabet="0123456789١٢٣年月日-/. :,Decmbrفانी", max_size=60),
    st.sampled_from(["en", "fa", "th", "zh", None]),
)
def test_any_line_gives_a_day_before_the_fetch_or_nothing(line: str, language: str | None) -> None:
    found = find_date(line, language=language, fetched_at=FETCHED)
    assert found is None or "1991-01-01" <= found <= "2025-03-21"
    assert date_line(line, language=language, fetched_at=FETCHED) in {found, None}
    assert machine_date(line, fetched_at=FETCHED) is None or not line.isspace()


def test_the_clock_of_the_machine_is_never_read() -> None:
    program = (
        "import sys, datetime, saaf.cleaning.dates.parser as dates\n"
        "class Stopped(datetime.date):\n"
        "    @classmethod\n"
        "    def today(cls): raise SystemExit('the clock was read')\n"
        "dates.date = Stopped\n"
        "print(dates.find_date(sys.argv[1], language='en', fetched_at=None))\n"
    )
    command = [sys.executable, "-W", "error", "-c", program, "14 December 2024"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "2024-12-14"


@pytest.mark.parametrize(
    ("written", "language", "found"),
    [
        ("04.05.2024", None, "2024-05-04"),
        ("०४.०५.२०२४", None, "2024-05-04"),
        ("04.05.2024", "en-US", "2024-05-04"),
        ("04/05/2024", None, None),
        ("04/05/2024", "en-US", "2024-04-05"),
        ("04/05/2024", "hi", "2024-05-04"),
        ("13/05/2024", None, "2024-05-13"),
    ],
)
def test_with_dots_the_day_comes_first_else_in_the_order_of_the_language(
    written: str, language: str | None, found: str | None
) -> None:
    assert find_date(written, language=language, fetched_at=None) == found


def test_a_month_s_number_may_have_a_zero_before_it() -> None:
    for language, text in (("zh", "2024年02月04日"), ("ja", "2024年02月04日 09時00分"), ("ko", "2024년 02월 04일")):
        assert find_date(text, language=language, fetched_at=FETCHED) == "2024-02-04"


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ((2017, 1, 1), "2024-09-11"),
        ((2016, 1, 1), "2023-09-12"),  # after a year with a leap day
        ((2015, 13, 6), "2023-09-11"),
        ((2016, 13, 5), "2024-09-10"),
    ],
)
def test_ethiopian_days(day: tuple[int, int, int], expected: str) -> None:
    assert from_ethiopian(*day).isoformat() == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ((2047, 1, 1), "1990-04-14"),
        ((2081, 1, 1), "2024-04-13"),
        ((2081, 8, 29), "2024-12-14"),
        ((2082, 2, 1), "2025-05-15"),
    ],
)
def test_nepali_days(day: tuple[int, int, int], expected: str) -> None:
    assert from_nepali(*day).isoformat() == expected


@pytest.mark.parametrize("day", [(2016, 13, 6), (2017, 14, 1), (2017, 1, 31), (2017, 0, 1), (0, 1, 1)])
def test_there_is_no_such_ethiopian_day(day: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="Ethiopian"):
        from_ethiopian(*day)


@pytest.mark.parametrize("day", [(2046, 12, 30), (2084, 1, 1), (2081, 13, 1), (2081, 8, 31), (2081, 1, 0)])
def test_there_is_no_such_nepali_day(day: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="Nepali"):
        from_nepali(*day)


@pytest.mark.parametrize(
    ("line", "rest", "note"),
    [
        ("Updated on 20 November 2025", "", "Updated on 20 November 2025"),
        ("5 May 2024 | Updated 6 May 2024", "5 May 2024 | ", "Updated 6 May 2024"),
        ("Aktualisiert: 6. Mai 2024, veröffentlicht: 5. Mai 2024", "veröffentlicht: 5. Mai 2024", None),
        ("2019.03.26 lastupdate", "2019.03.26 ", "lastupdate"),
        ("آخر تحديث: 14 ديسمبر 2024", "", "تحديث: 14 ديسمبر 2024"),
        ("अपडेट: 14 दिसंबर 2024", "", "अपडेट: 14 दिसंबर 2024"),
        ("Published 5 May 2024", "Published 5 May 2024", ""),
        ("An update on the bridge", "An update on the bridge", ""),
    ],
)
def test_a_note_of_an_update_is_told_from_a_publication(line: str, rest: str, note: str | None) -> None:
    assert without_update(line) == rest
    if note is not None:
        assert update_note(line).endswith(note)
