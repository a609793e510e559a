"""What the table [crawl] of saaf.toml says: defaults of the options of `saaf crawl`, and settings of the crawl."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

SETTINGS_OF_KEYS: Final = {
    "user_agent": "USER_AGENT",
    "depth": "DEPTH_LIMIT",
    "max_pages": "CLOSESPIDER_PAGECOUNT",
}
"""The keys of [crawl] that are settings of Scrapy, each with the name of the setting."""
ARGUMENTS: Final = ("since", "until")
"""The keys of [crawl] that are arguments of the spider."""
SETTINGS: Final = "settings"
"""The key of [crawl] with settings by their own names: the table [crawl.settings]."""
_NAMED: Final = f"{SETTINGS}."
CRAWL_KEYS: Final = (*SETTINGS_OF_KEYS, *ARGUMENTS, SETTINGS)
"""The keys of the table [crawl]."""
WITHOUT_VALUE: Final = {
    "user_agent": "saaf's own, which is refused by crawls of the network",
    "depth": "that of the spider",
    "max_pages": "that of the spider",
    "since": "no limit",
    "until": "no limit",
}
"""What a crawl does where a key of [crawl] is not stated, in words."""
_SETTING_NAME: Final = re.compile(r"[A-Z][A-Z0-9_]*")
_ELSEWHERE: Final = {
    "SAAF_OUTPUT": "--output says where a crawl is written",
    "SAAF_CONFIG": "--config names this file",
    "SAAF_FRESH": "--fresh is for one run",
    "SAAF_FIXTURES": "--fixtures is for one run",
    "SAAF_SOURCE": "--source is for one run",
    "SAAF_BUILD_OPTIONS": "settings of the build are keys of this file, above the tables",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlDefaults:
    """Defaults of a crawl: `stated` are the values by their keys in the file, as "depth", "settings.DOWNLOAD_DELAY"."""

    stated: Mapping[str, Any] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of Scrapy and saaf, by name; those of [crawl.settings] precede those with keys of their own."""
        own = {name: self.stated[key] for key, name in SETTINGS_OF_KEYS.items() if key in self.stated}
        named = {key.removeprefix(_NAMED): one for key, one in self.stated.items() if key.startswith(_NAMED)}
        return own | named

    @property
    def arguments(self) -> dict[str, str]:
        """The arguments of the spider, by name."""
        return {key: self.stated[key] for key in ARGUMENTS if key in self.stated}


def parse_crawl_defaults(table: Mapping[str, Any]) -> CrawlDefaults:
    """Return what the table [crawl] says; its keys are known. Raises ValueError for a value that cannot be used."""
    stated: dict[str, Any] = {}
    for key, value in table.items():
        if key == SETTINGS:
            stated |= {f"{_NAMED}{name}": one for name, one in _named_settings(value).items()}
        else:
            stated[key] = _day(key, value) if key in ARGUMENTS else _of_option(key, value)
    return CrawlDefaults(stated=stated)


def _of_option(key: str, value: object) -> object:
    if key == "user_agent":
        if isinstance(value, str) and value.strip() and value.isprintable():
            return value
        raise ValueError(f"{key} of [crawl] is a text in quotation marks, not {value!r}")
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{key} of [crawl] is a whole number, 0 for no limit, not {value!r}")
    return value


def _day(key: str, value: object) -> str:
    """Return a day as 2026-01-31; TOML has days of its own, which need no quotation marks."""
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value.isoformat()
    try:
        return datetime.date.fromisoformat(value if isinstance(value, str) else "").isoformat()
    except ValueError:
        raise ValueError(f"{key} of [crawl] is a day such as 2026-01-31, not {value!r}") from None


def _named_settings(table: object) -> dict[str, Any]:
    settings = dict(table) if isinstance(table, dict) else None
    if settings is None:
        raise ValueError("settings of [crawl] is a table: write [crawl.settings], and below it DOWNLOAD_DELAY = 3")
    for name, value in settings.items():
        is_day = isinstance(value, datetime.date | datetime.time)
        if not _SETTING_NAME.fullmatch(name):
            raise ValueError(f"[crawl.settings] has {name!r}: settings have names such as DOWNLOAD_DELAY")
        if name in _ELSEWHERE:
            raise ValueError(f"[crawl.settings] cannot have {name}: {_ELSEWHERE[name]}")
        if is_day:
            raise ValueError(f"{name} of [crawl.settings] is a day: write it in quotation marks")
    return settings
