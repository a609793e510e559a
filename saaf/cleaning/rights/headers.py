"""Rights signals of HTTP response headers."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from saaf.cleaning.rights.preferences import (
    content_signal,
    content_usage,
    robots_directives,
    robots_rule,
    tdm_reservation,
)
from saaf.cleaning.rights.signals import MAX_SIGNALS, make_signal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from saaf.cleaning.types import RightsSignal

RSL_TYPE = "application/rsl+xml"
_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w!#$&+\-.^`|~*]+(?:\s*=\s*(?:\"[^\"]*\"|[^\s\",;]*))?)*)")
_LINK_PARAMETER = re.compile(r";\s*([\w!#$&+\-.^`|~*]+)\s*=\s*(?:\"([^\"]*)\"|([^\s\",;]*))")
_AGENT = re.compile(r"\s*([A-Za-z_][\w-]*)\s*:\s*(?!\s*[\d-])")
_WITH_VALUES = frozenset(("max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"))


def header_signals(headers: Sequence[tuple[str, str]], url: str | None) -> tuple[RightsSignal, ...]:
    """Return the rights signals of a response's headers; `url` is the page's, for relative links.

    X-Robots-Tag, Content-Usage (draft-ietf-aipref-attach-05, 19 August 2026), Content-Signal (contentsignals.org),
    tdm-reservation and tdm-policy (TDM Reservation Protocol, 10 May 2024), and Link with rel=license (RFC 8288; RSL
    1.0, section on HTTP headers, has the type application/rsl+xml).
    """
    return tuple(islice(_signals(headers, url), MAX_SIGNALS))


def _signals(headers: Sequence[tuple[str, str]], url: str | None) -> Iterator[RightsSignal]:
    values: dict[str, list[str]] = {}
    for name, value in headers:
        values.setdefault(name.lower(), []).append(value)
    for value in values.get("x-robots-tag", ()):
        yield from _robots_tag(value)
    if "content-usage" in values:  # RFC 9651: the lines of one field are one dictionary
        joined = ", ".join(values["content-usage"])
        yield make_signal("header Content-Usage", joined, content_usage(joined))
    for value in values.get("content-signal", ()):
        yield make_signal("header Content-Signal", value, content_signal(value))
    for value in values.get("tdm-reservation", ()):
        yield make_signal("header tdm-reservation", value, tdm_reservation(value))
    for value in values.get("tdm-policy", ()):
        yield make_signal("header tdm-policy", value)
    for value in values.get("link", ()):
        yield from _licence_links(value, url)


def _robots_tag(value: str) -> Iterator[RightsSignal]:
    """Yield the signals of an X-Robots-Tag: rules for all robots, then those behind the name of each robot."""
    agent: str | None = None
    rules: dict[str | None, list[str]] = {}
    for part in value.split(","):
        named = _AGENT.match(part)
        rule = part
        if named and named[1].lower() not in _WITH_VALUES:
            agent, rule = named[1].lower(), part[named.end() :]
        rules.setdefault(agent, []).append(rule.strip())
    for name, own in rules.items():
        directives = robots_directives(",".join(own))
        if directives:
            shown = ", ".join(own)
            shown = f"{name}: {shown}" if name else shown
            yield make_signal("header X-Robots-Tag", shown, robots_rule(directives), agent=name)


def _licence_links(value: str, url: str | None) -> Iterator[RightsSignal]:
    for link in _LINK.finditer(value):
        parameters = {name.lower(): quoted or plain for name, quoted, plain in _LINK_PARAMETER.findall(link[2])}
        if "license" in parameters.get("rel", "").lower().split():
            is_rsl = parameters.get("type", "").lower() == RSL_TYPE
            target = absolute_url(link[1], url)
            yield make_signal("header Link RSL" if is_rsl else "header Link rel=license", link[1], licence=target)


def absolute_url(link: str, base: str | None) -> str | None:
    """Return a link as an absolute web address, None where it is none."""
    try:
        joined = urljoin(base or "", link.strip())
    except ValueError:
        return None
    return joined if joined.startswith(("http://", "https://")) else None
