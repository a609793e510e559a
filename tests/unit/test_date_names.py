"""The file of months and weekdays holds what its script makes of babel, whatever release of CLDR that has."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from babel.core import get_cldr_version
from babel.localedata import locale_identifiers

from benchmarks.date_names import names_of
from saaf.cleaning.dates.calendars import vocabulary

STORED: dict[str, Any] = json.loads((files("saaf.cleaning.dates") / "date_names.json").read_text(encoding="utf-8"))


def test_the_file_is_what_its_script_makes_of_babel() -> None:
    known = sorted({*locale_identifiers(), "root"} & STORED["locales"].keys())
    stored = {one: STORED["names"][STORED["locales"][one]] for one in known}
    made: dict[str, dict[str, Any]] = {one: names_of(one) for one in known[::29]}
    if get_cldr_version() == STORED["cldr"]:
        assert len(known) == len(STORED["locales"])
        assert made == {one: stored[one] for one in made}
    # Releases of CLDR differ in a few names: between 47 and 49, 98.6 % of the months of these locales are the same.
    names = [(one, name) for one in made for name in stored[one]["months"].items()]
    same = sum(name in made[one]["months"].items() for one, name in names)
    assert same > 0.97 * len(names)
    assert len(known) > 0.97 * len(STORED["locales"])


@pytest.mark.parametrize(
    ("language", "month", "number"),
    [("no", "desember", 12), ("zh-TW", "12 月", 12), ("de@euro", "dezember", 12), ("sr-Latn", "avgust", 8)],
)
def test_a_language_is_found_as_babel_finds_it(language: str, month: str, number: int) -> None:
    assert vocabulary(language).months[month].number == number


def test_the_words_of_a_language_do_not_depend_on_those_asked_for_before() -> None:
    assert "ที" not in " ".join(vocabulary(None).weekdays - vocabulary("th").weekdays)
