"""Which lines are copies of one line: numbers count by their value, and signs that carry meaning count."""

from __future__ import annotations

import pytest

from saaf.cleaning.text.copies import copy_key, has_numbers_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Harbour news, day 1", "HARBOUR NEWS – DAY 1"),
        ("**Results 2024**", "# Results 2024"),
        ("École d’été", "ecole d'ete"),
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
    ],
)
def test_lines_that_say_something_else_have_two_keys(one: str, other: str) -> None:
    assert copy_key(one) != copy_key(other)


def test_no_number_is_the_beginning_of_another() -> None:
    assert not copy_key("Day 12").startswith(copy_key("Day 1"))
    assert copy_key("Day 1, morning").startswith(copy_key("दिन १".replace("दिन", "Day")))
    assert has_numbers_of("Day 1", "Log of day ١, and of day 2")
    assert not has_numbers_of("Day 1", "Log of day 12")
