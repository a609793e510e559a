"""Rights signals that a page's HTML states: meta elements, links to licences, and RSL in a script."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from saaf.cleaning.rights.headers import RSL_TYPE, absolute_url
from saaf.cleaning.rights.preferences import (
    Preferences,
    content_signal,
    content_usage,
    robots_directives,
    robots_rule,
    tdm_reservation,
)
from saaf.cleaning.rights.signals import MAX_SIGNALS, make_signal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from saaf.cleaning.html.page_elements import PageElements
    from saaf.cleaning.types import RightsSignal

# One query in C: a list page has thousands of links.
_AGENT = re.compile(r"[a-z_][a-z0-9_-]*")
_PROHIBITED = re.compile(r"<(?:\w+:)?prohibits\b[^>]*\btype\s*=\s*[\"']usage[\"'][^>]*>([^<]*)<", re.IGNORECASE)
_RSL_TRAINING = frozenset(("all", "ai-all", "ai-train", "train-ai"))
_INERT = frozenset(("template", "iframe", "object", "svg"))  # parts of other documents, or of none


def html_signals(root: HtmlElement | PageElements, url: str | None) -> tuple[RightsSignal, ...]:
    """Return the rights signals of a parsed page, given its root or its elements; `url` is its URL.

    Robots meta elements with a directive of `ROBOTS_DIRECTIVES`, for all robots or one; `tdm-reservation` and
    `tdm-policy` (TDM Reservation Protocol, 10 May 2024); Content-Usage and Content-Signal as http-equiv; `link` and
    `a` with rel=license, with the type application/rsl+xml those of RSL 1.0 (10 December 2025); RSL in a script, of
    which what it prohibits is read. Comments, scripts and templates state nothing else.
    """
    return tuple(islice(_signals(root, url), MAX_SIGNALS))


def _signals(root: HtmlElement | PageElements, url: str | None) -> Iterator[RightsSignal]:
    base = next((href for each in root.iter("base") if (href := each.get("href")) is not None), None)
    if base is not None:
        url = absolute_url(base, url) or url
    later: list[RightsSignal] = []
    for element in root.iter("meta", "link", "a", "script"):
        if element.tag == "meta":
            yield from _meta(element)
        elif element.tag == "script":
            yield from _rsl(element)
        elif _is_licence(element):
            found = _licence(element, url)
            if element.tag == "link":
                yield found
            elif len(later) < MAX_SIGNALS:
                later.append(found)
    yield from later  # links of the head are of the page, those of its text maybe of a picture


def _is_licence(element: HtmlElement) -> bool:
    rel = element.get("rel")
    if rel is None or "license" not in rel.lower().split():
        return False
    return element.get("href") is not None and not _is_inert(element)


def _is_inert(element: HtmlElement) -> bool:
    return any(parent.tag in _INERT for parent in element.iterancestors())


def _meta(element: HtmlElement) -> Iterator[RightsSignal]:
    name = (element.get("name") or element.get("http-equiv") or "").strip().lower()
    content = element.get("content") or ""
    if not name or not content or _is_inert(element):
        return
    if name == "tdm-reservation":
        yield make_signal("meta tdm-reservation", content, tdm_reservation(content))
    elif name == "tdm-policy":
        yield make_signal("meta tdm-policy", content)
    elif name == "content-usage":
        yield make_signal("meta Content-Usage", content, content_usage(content))
    elif name == "content-signal":
        yield make_signal("meta Content-Signal", content, content_signal(content))
    elif name == "x-robots-tag" or _AGENT.fullmatch(name):
        directives = robots_directives(content)
        if directives:
            agent = None if name in ("robots", "x-robots-tag") else name
            yield make_signal(f"meta {name}", content, robots_rule(directives), agent=agent)


def _rsl(script: HtmlElement) -> Iterator[RightsSignal]:
    if (script.get("type") or "").strip().lower() != RSL_TYPE or _is_inert(script):
        return
    text = script.text or ""
    prohibited = {use.lower() for uses in _PROHIBITED.findall(text) for use in re.split(r"[\s,]+", uses)}
    preferences = Preferences(
        train=False if prohibited & _RSL_TRAINING else None, search=False if prohibited & {"all", "search"} else None
    )
    yield make_signal("script RSL", text, preferences)


def _licence(element: HtmlElement, url: str | None) -> RightsSignal:
    is_rsl = (element.get("type") or "").strip().lower() == RSL_TYPE
    href = element.get("href") or ""
    return make_signal(f"{element.tag} {'RSL' if is_rsl else 'rel=license'}", href, licence=absolute_url(href, url))
