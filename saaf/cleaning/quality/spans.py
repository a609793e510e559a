"""Spans of personal data in a text, and their kinds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

EMAIL: Final = "email"
IPV4: Final = "ipv4"
IPV6: Final = "ipv6"
PHONE: Final = "phone"
IBAN: Final = "iban"
CARD: Final = "card"
LOCAL_IPV4: Final = "local_ipv4"
LOCAL_IPV6: Final = "local_ipv6"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Personal data in a text: the range `[start, end)` in code points, and its kind (of `personal_data.KINDS`)."""

    start: int
    end: int
    kind: str
