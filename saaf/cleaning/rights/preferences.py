"""Preferences for uses of a page: the values of `Content-Usage`, `Content-Signal`, `tdm-reservation` and robots rules.

A preference is True where the use is allowed, False where it is reserved, None where nothing is said.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from saaf.cleaning.rights.structured_fields import parse_dictionary

if TYPE_CHECKING:
    from collections.abc import Iterable

ROBOTS_DIRECTIVES: Final = frozenset(("noindex", "none", "noarchive", "noai", "noimageai"))
"""The robots directives that are rights signals. Others ("nofollow", "max-snippet") say nothing of the page's text."""

_Y_OR_N: Final = {"y": True, "n": False}
_YES_OR_NO: Final = {"yes": True, "no": False}
_RESERVATIONS: Final = {"1": False, "0": True}
_SEPARATORS = re.compile(r"[,;]")


class Preferences(NamedTuple):
    """Preferences for the training of generative models and for search."""

    train: bool | None = None
    search: bool | None = None


def most_restrictive(preferences: Iterable[bool | None]) -> bool | None:
    """Return False where one is False, else True where one is True, else None.

    The rule of draft-ietf-aipref-vocab, "Combining Preferences", which is used for all signals here.
    """
    stated = {preference for preference in preferences if preference is not None}
    return None if not stated else stated == {True}


def content_usage(value: str) -> Preferences:
    """Return the preferences of a `Content-Usage` value: "train-ai=n, search=y".

    draft-ietf-aipref-vocab (working text of 2026): a dictionary of RFC 9651 whose tokens are y and n. Unknown labels
    and other values say nothing; what is no dictionary says nothing at all. Of a repeated label the last counts.
    """
    members = parse_dictionary(value) or {}
    return Preferences(_Y_OR_N.get(members.get("train-ai") or ""), _Y_OR_N.get(members.get("search") or ""))


def content_signal(value: str) -> Preferences:
    """Return the preferences of a `Content-Signal` value: "search=yes, ai-input=no, ai-train=no".

    contentsignals.org (24 September 2025) and draft-romm-aipref-contentsignals-00. The text defines no grammar beyond
    the example, so case and space do not matter. Of a repeated signal "no" counts.
    """
    stated: dict[str, list[bool | None]] = {}
    for pair in _SEPARATORS.split(value.lower()):
        name, _, answer = pair.partition("=")
        stated.setdefault(name.strip(), []).append(_YES_OR_NO.get(answer.strip()))
    return Preferences(most_restrictive(stated.get("ai-train", ())), most_restrictive(stated.get("search", ())))


def tdm_reservation(value: object) -> Preferences:
    """Return the preferences of a `tdm-reservation`: 1 reserves text and data mining, 0 does not.

    TDM Reservation Protocol, final report of 10 May 2024 (W3C community group): any other value is an error, and the
    reservation is unset then. Training is mining in the sense of article 4 of Directive (EU) 2019/790.
    """
    text = str(int(value)) if isinstance(value, bool | float) and value in (0, 1) else str(value)
    return Preferences(train=_RESERVATIONS.get(text.strip()))


def robots_directives(value: str) -> tuple[str, ...]:
    """Return the directives of `ROBOTS_DIRECTIVES` in a robots meta element or rule of X-Robots-Tag, in order."""
    names = (name.strip().lower() for name in _SEPARATORS.split(value))
    return tuple(dict.fromkeys(name for name in names if name in ROBOTS_DIRECTIVES))


def robots_rule(directives: Iterable[str]) -> Preferences:
    """Return the preferences of robots directives: "noai" reserves training; "noindex" and "none" reserve search.

    "noarchive" and "noimageai" are about cached copies and pictures. No directive allows anything.
    """
    found = set(directives)
    return Preferences(train=False if "noai" in found else None, search=False if found & {"noindex", "none"} else None)
