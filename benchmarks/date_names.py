"""Generate `saaf/cleaning/dates/date_names.json`: the folded names of months and weekdays of every CLDR locale.

    python -m benchmarks.date_names

It needs no data directory. `babel` takes 20 to 30 ms to load one locale and a second for those of fifty languages; the
file takes 4 ms. It depends on babel's release of CLDR alone. `tests/unit/test_date_names.py` compares the file with
babel: all of it where that is of the same release of CLDR, else that nearly all names are the same. Look at what a new
release takes away before you generate the file anew: CLDR 49 has no Gregorian months in Sinhala.
"""

import json
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final

from babel import Locale, localedata
from babel.core import get_cldr_version

from saaf.cleaning.dates.calendars import date_name_key

# Affixes: a prefix of a month's name ("14 בדצמבר") and a suffix of a weekday's ("วันเสาร์ที่ 14"), by language.
_MONTH_PREFIX: Final = {"he": "ב"}
_WEEKDAY_SUFFIX: Final = {"th": "ที่"}
_WIDTHS: Final = ("wide", "abbreviated")


def names_of(identifier: str) -> dict[str, object]:
    """Return the folded names of a locale: its months with their numbers, its weekdays, and the order of its dates."""
    # babel writes what it resolves for one locale into dictionaries that others share: Thai days among the Urdu ones.
    localedata._cache.clear()  # noqa: SLF001  (babel has no other way to forget)
    locale = Locale.parse(identifier)
    pattern = locale.date_formats["short"].pattern.lower()
    months: dict[str, int] = {}
    for context in ("format", "stand-alone"):
        for width in _WIDTHS:
            for number, name in locale.months[context][width].items():
                months.setdefault(date_name_key(name), number)
                months.setdefault(date_name_key(_MONTH_PREFIX.get(identifier, "") + name), number)
    days = [name for context in locale.days.values() for width in _WIDTHS for name in context[width].values()]
    weekdays = {word for name in days for word in date_name_key(name).split()}
    weekdays |= {date_name_key(name + _WEEKDAY_SUFFIX.get(identifier, "")) for name in days}
    return {
        "months": {name: number for name, number in months.items() if name and not name.isdigit()},
        "weekdays": sorted(weekdays),
        "month_first": pattern.index("m") < pattern.index("d"),
    }


def table(identifiers: Iterable[str]) -> dict[str, object]:
    """Return the content of the file: `locales` maps identifiers to indices of `names`, which has no repeats."""
    rows: dict[str, int] = {}
    found = {one: json.dumps(names_of(one), ensure_ascii=False) for one in sorted(identifiers)}
    locales: Mapping[str, int] = {one: rows.setdefault(names, len(rows)) for one, names in found.items()}
    return {"cldr": get_cldr_version(), "locales": locales, "names": [json.loads(row) for row in rows]}


def main() -> None:
    """Write the file, one row of names per line."""
    content = table([*localedata.locale_identifiers(), "root"])
    rows = content["names"]
    assert isinstance(rows, list)
    lines = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
    head = json.dumps({name: content[name] for name in ("cldr", "locales")}, separators=(",", ":"))
    path = Path(str(files("saaf.cleaning.dates") / "date_names.json"))
    path.write_text(f'{head[:-1]},"names":[\n{lines}\n]}}\n', encoding="utf-8")
    print(f"{path}: {len(rows)} rows, CLDR {content['cldr']}")


if __name__ == "__main__":
    main()
