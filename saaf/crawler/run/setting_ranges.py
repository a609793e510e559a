"""Ranges of Scrapy's numeric settings: outside of them a crawl would hang, or a guard would be off."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy.settings import BaseSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Numbers that a setting may have: from `least` to `most`, both included, unless `is_open` leaves `least` out.

    `is_whole` says that it has no fraction. `example` is a value to use.
    """

    least: float = 0
    most: float = math.inf
    is_open: bool = False
    is_whole: bool = False
    example: float = 0

    def problem(self, value: object) -> str | None:
        """Return what a value should be instead, None where it is in the range."""
        try:
            number = float(value)  # type: ignore[arg-type]  # what is no number raises
        except (TypeError, ValueError):
            number = math.nan
        above = number > self.least if self.is_open else number >= self.least
        if above and number <= self.most and math.isfinite(number) and not (self.is_whole and number % 1):
            return None
        kind = "whole number" if self.is_whole else "number"
        from_on = f"above {self.least:g}" if self.is_open else f"from {self.least:g} on"
        return f"a {kind} {from_on}" if math.isinf(self.most) else f"a {kind} from {self.least:g} to {self.most:g}"


def _whole(least: int, example: int) -> Range:
    return Range(least=least, is_whole=True, example=example)


_SECONDS = Range(example=1)
RANGES: Mapping[str, Range] = {
    "AUTOTHROTTLE_MAX_DELAY": Range(is_open=True, example=60),
    "AUTOTHROTTLE_START_DELAY": _SECONDS,
    "AUTOTHROTTLE_TARGET_CONCURRENCY": Range(is_open=True, example=1),
    "CLOSESPIDER_ERRORCOUNT": _whole(0, 0),
    "CLOSESPIDER_ITEMCOUNT": _whole(0, 0),
    "CLOSESPIDER_PAGECOUNT": _whole(0, 0),
    "CLOSESPIDER_PAGECOUNT_NO_ITEM": _whole(0, 0),
    "CLOSESPIDER_TIMEOUT": Range(),
    "CLOSESPIDER_TIMEOUT_NO_ITEM": _whole(0, 0),
    "CONCURRENT_ITEMS": _whole(1, 4),
    "CONCURRENT_REQUESTS": _whole(1, 32),
    "CONCURRENT_REQUESTS_PER_DOMAIN": _whole(1, 1),
    "CONCURRENT_REQUESTS_PER_IP": _whole(0, 0),
    "DEPTH_LIMIT": _whole(0, 0),
    "DNSCACHE_SIZE": _whole(1, 10_000),
    "DNS_TIMEOUT": Range(is_open=True, example=20),
    "DOWNLOAD_DELAY": _SECONDS,
    "DOWNLOAD_DELAY_JITTER": Range(most=1, example=0.5),
    "DOWNLOAD_MAXSIZE": _whole(1, 10_485_760),
    "DOWNLOAD_TIMEOUT": Range(is_open=True, example=30),
    "DOWNLOAD_WARNSIZE": _whole(0, 33_554_432),
    "MEMUSAGE_CHECK_INTERVAL_SECONDS": Range(is_open=True, example=60),
    "MEMUSAGE_LIMIT_MB": _whole(0, 0),
    "MEMUSAGE_WARNING_MB": _whole(0, 0),
    "REACTOR_THREADPOOL_MAXSIZE": _whole(1, 20),
    "REDIRECT_MAX_TIMES": _whole(0, 20),
    "RETRY_TIMES": _whole(0, 2),
    "SCRAPER_SLOT_MAX_ACTIVE_SIZE": _whole(1, 5_000_000),
    "URLLENGTH_LIMIT": _whole(0, 2083),
}
"""The range of each setting that is checked."""
_OF_SLOT: Mapping[str, Range] = {
    "concurrency": _whole(1, 1),
    "delay": _SECONDS,
    "jitter": Range(most=1, example=0.5),
}  # keys of an entry of DOWNLOAD_SLOTS


def range_problem(settings: BaseSettings) -> tuple[str, str] | None:
    """Return the name of the first numeric setting of Scrapy that is out of its range, and a sentence that says so.

    None where there is none. A setting of None is left to its component.
    """
    for name, allowed in RANGES.items():
        value: Any = settings.get(name)
        if value is not None and (wanted := allowed.problem(value)) is not None:
            return name, f"{name} is {wanted}, not {value!r}: for example -s {name}={allowed.example}"
    for slot, options in settings.getdict("DOWNLOAD_SLOTS").items():
        for key, allowed in _OF_SLOT.items():
            if isinstance(options, dict) and key in options and (wanted := allowed.problem(options[key])) is not None:
                return "DOWNLOAD_SLOTS", f"DOWNLOAD_SLOTS: {key} of {slot} is {wanted}, not {options[key]!r}"
    return None
