"""Rights signals of `/.well-known/tdmrep.json`, the site-wide file of the TDM Reservation Protocol."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from saaf.cleaning.rights.path_patterns import matches, path_and_query
from saaf.cleaning.rights.preferences import tdm_reservation
from saaf.cleaning.rights.signals import make_signal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from saaf.cleaning.types import RightsSignal

TDMREP_PATH: Final = "/.well-known/tdmrep.json"
MAX_BYTES: Final = 512 * 1024
"""Bytes of a tdmrep.json that are read; a larger one states nothing, as one that is no JSON."""

_MAX_RULES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TdmRule:
    """A rule of the file: the pattern of paths, the reservation as it stood, and the URL of a policy, "" for none."""

    location: str
    reservation: object
    policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TdmRules:
    """The rules of a tdmrep.json, in order."""

    rules: tuple[TdmRule, ...] = ()

    def signals(self, url: str) -> Iterator[RightsSignal]:
        """Yield the signal of the first rule whose pattern matches the URL: the order is the site's."""
        path = path_and_query(url)
        for rule in self.rules:
            if matches(rule.location, path):
                policy = f" tdm-policy={rule.policy}" if rule.policy else ""
                value = f"{rule.location} tdm-reservation={rule.reservation}{policy}"
                yield make_signal("tdmrep.json", value, tdm_reservation(rule.reservation))
                return

    def is_open_in_part(self) -> bool:
        """Return whether a rule does not reserve its paths."""
        return any(tdm_reservation(rule.reservation).train is not False for rule in self.rules)


NO_RULES: Final = TdmRules()


def parse_tdmrep(body: bytes) -> TdmRules:
    """Return the rules of a tdmrep.json.

    TDM Reservation Protocol, final report of 10 May 2024 (W3C community group), "TDM File on the Origin Server": an
    array of objects with `location`, `tdm-reservation` and, optionally, `tdm-policy`. A single object counts as an
    array of one. What is no JSON has no rules; an entry without the first two is left out.
    """
    try:
        content = json.loads(body) if len(body) <= MAX_BYTES else []
    except (ValueError, RecursionError):
        return NO_RULES
    entries = content if isinstance(content, list) else [content]
    rules = tuple(rule for entry in entries[:_MAX_RULES] if (rule := _parse_rule(entry)))
    return TdmRules(rules=rules) if rules else NO_RULES


def _parse_rule(entry: object) -> TdmRule | None:
    if not isinstance(entry, dict):
        return None
    location, reservation, policy = entry.get("location"), entry.get("tdm-reservation"), entry.get("tdm-policy")
    if not isinstance(location, str) or not location or not isinstance(reservation, int | float | str):
        return None
    if not location.startswith(("/", "*")):
        location = f"/{location}"
    return TdmRule(location=location, reservation=reservation, policy=policy if isinstance(policy, str) else "")
