"""The file of months and weekdays holds what babel holds, as long as babel is of the release that it was made from."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from babel.core import get_cldr_version
from babel.localedata import locale_identifiers

from benchmarks.date_names import names_of
from saaf.cleaning.dates.calendars import vocabulary

STORED = json.loads((files("saaf.cleaning.dates") / "date_names.json").read_text(encoding="utf-8"))


@pytest.mark.skipif(get_cldr_version() != STORED["cldr"], reason="babel is of another release of CLDR")
def test_the_file_is_what_its_script_makes_of_babel() -> None:
    identifiers = sorted([*locale_identifiers(), "root"])
    assert sorted(STORED["locales"]) == identifiers
    for identifier in identifiers[::7]:
        assert STORED["names"][STORED["locales"][identifier]] == names_of(identifier), identifier


@pytest.mark.parametrize(
    ("language", "month", "number"),
    [("no", "desember", 12), ("zh-TW", "12 月", 12), ("de@euro", "dezember", 12), ("sr-Latn", "avgust", 8)],
)
def test_a_language_is_found_as_babel_finds_it(language: str, month: str, number: int) -> None:
    assert vocabulary(language).months[month].number == number


def test_the_words_of_a_language_do_not_depend_on_those_asked_for_before() -> None:
    assert "ที" not in " ".join(vocabulary(None).weekdays - vocabulary("th").weekdays)
