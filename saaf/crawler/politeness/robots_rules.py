"""Parser of robots.txt (RFC 9309): groups, rules with wildcards, Crawl-delay; no regular expressions, so no slow ones.

Protego, Scrapy's default, takes a product token for the substring of another ("User-agent: a" for saaf), splits a group
at a Crawl-delay, and matches wildcards by regular expressions that a hostile file can make take minutes.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from scrapy.robotstxt import RobotParser

from saaf.cleaning.rights.signals import AGENT, join_tokens, product_tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

MAX_BYTES = 512 * 1024
"""The most bytes of a robots.txt that are read; RFC 9309, section 2.5, wants at least 500 KiB."""
MAX_WILDCARDS = 5_000  # of one group: each is tried for each URL
_GROUP_BYTES = 260  # of a group without its rules
_RULE_BYTES = 110  # of a rule without its pattern's characters: a string, and its place in a dictionary
_USER_AGENT = frozenset({"user-agent", "useragent", "user agent"})
_DISALLOW = frozenset({"disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"})
_CRAWL_DELAY = frozenset({"crawl-delay", "crawldelay", "crawl delay"})
_TOKEN = re.compile(r"[a-zA-Z_-]+")
_ESCAPE = re.compile(rb"%([0-9a-fA-F]{2})")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(slots=True)
class _Group:
    """The rules of one product token: patterns by whether they allow, and the Crawl-delay in seconds."""

    prefixes: dict[str, bool] = field(default_factory=dict)
    wildcards: dict[str, bool] = field(default_factory=dict)
    crawl_delay: float | None = None

    def add(self, pattern: str, *, allow: bool) -> None:
        """Add a rule; of two with the same pattern, the one that allows counts (RFC 9309, section 2.2.2)."""
        is_wildcard = "*" in pattern or pattern.endswith("$")
        if is_wildcard and len(self.wildcards) >= MAX_WILDCARDS:
            return
        rules = self.wildcards if is_wildcard else self.prefixes
        rules[pattern] = allow or rules.get(pattern, False)

    def merge(self, other: _Group) -> None:
        for pattern, allow in (*other.prefixes.items(), *other.wildcards.items()):
            self.add(pattern, allow=allow)
        if other.crawl_delay is not None:
            self.crawl_delay = max(other.crawl_delay, self.crawl_delay or 0.0)

    def allows(self, target: str) -> bool:
        """Return what the longest matching rule says of a path with its query; True where none matches."""
        prefix = next((target[:end] for end in range(len(target), 0, -1) if target[:end] in self.prefixes), None)
        best = (len(prefix), self.prefixes[prefix]) if prefix is not None else (0, True)
        for pattern, allow in self.wildcards.items():
            if (len(pattern), allow) > best and _matches(pattern, target):
                best = (len(pattern), allow)
        return best[1]


class Rfc9309Parser(RobotParser):
    """Parser of a robots.txt, as Scrapy's `ROBOTSTXT_PARSER` wants it; `size` is about its memory in bytes."""

    def __init__(self, body: bytes) -> None:
        self._groups = _groups(_lines(decode_robots(body)))
        patterns = (pattern for one in self._groups.values() for pattern in (*one.prefixes, *one.wildcards))
        self.size = sum(len(pattern) + _RULE_BYTES for pattern in patterns) + len(self._groups) * _GROUP_BYTES

    @classmethod
    def from_crawler(cls, crawler: Crawler, robotstxt_body: bytes) -> Self:
        """Parse the body of a robots.txt; `crawler` is not used."""
        del crawler
        return cls(robotstxt_body)

    def allowed(self, url: str | bytes, user_agent: str | bytes) -> bool:
        """Return whether a URL may be requested by a crawler of one of the product tokens in `user_agent`.

        Tokens are separated by spaces. /robots.txt itself is always allowed.
        """
        parts = urlsplit(_text(url))
        target = _normalize(f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}", is_pattern=False)
        return target == "/robots.txt" or self._group(user_agent).allows(target)

    def crawl_delay(self, user_agent: str | bytes) -> float | None:
        """Return the Crawl-delay of the tokens in `user_agent` in seconds, None where the file has none for them."""
        return self._group(user_agent).crawl_delay

    def _group(self, user_agent: str | bytes) -> _Group:
        """Return the rules of all groups for the tokens, or those of "*" where there is none (section 2.2.1)."""
        tokens = dict.fromkeys(token.lower() for token in _text(user_agent).split())
        own = [self._groups[token] for token in tokens if token in self._groups]
        if len(own) == 1:
            return own[0]
        merged = _Group()
        for group in own or filter(None, [self._groups.get("*")]):
            merged.merge(group)
        return merged


def product_token(user_agent: str) -> str:
    """Return the product token of a user agent: "saaf" of "saaf/0.2 (+https://…)", "" where it has none."""
    found = _TOKEN.match(user_agent.strip())
    return found[0].lower() if found else ""


def crawl_tokens(settings: BaseSettings) -> str:
    """Return the names by which robots.txt and rights signals may address a crawl, with spaces between.

    They are those of ROBOTSTXT_USER_AGENT and USER_AGENT, or else saaf.
    """
    given = (str(settings.get(name) or "") for name in ("ROBOTSTXT_USER_AGENT", "USER_AGENT"))
    return join_tokens(*map(product_tokens, given)) or AGENT


def decode_robots(body: bytes) -> str:
    """Return the text of a robots.txt, its first 512 KiB without a line that the limit cuts.

    It is UTF-8 (section 2.2); a byte order mark, and UTF-16 with or without one, are understood, and NUL bytes dropped.
    """
    text = _decode(body[:MAX_BYTES])
    if len(body) > MAX_BYTES:
        ends = [match.start() for match in _LINE_END.finditer(text)]
        text = text[: ends[-1]] if ends else ""
    return text.lstrip("﻿").replace("\0", "")


def _decode(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace")
    even, odd = head[:512:2].count(0), head[1:512:2].count(0)
    if max(even, odd) > len(head[:512]) // 4:
        return head.decode("utf-16-be" if even > odd else "utf-16-le", "replace")
    return head.decode("utf-8", "replace")


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield (name in lower case, value) of each line that has a colon; comments are left out."""
    for line in _LINE_END.split(text):
        name, colon, value = line.partition("#")[0].partition(":")
        if colon:
            yield " ".join(name.split()).lower(), value.strip()


def _groups(lines: Iterable[tuple[str, str]]) -> dict[str, _Group]:
    """Return the groups by product token; several groups of one token are one (section 2.2.1)."""
    groups: dict[str, _Group] = {}
    current: list[_Group] = []
    in_rules = True
    for name, value in lines:
        if name in _USER_AGENT:
            current = [] if in_rules else current
            in_rules = False
            token = "*" if value.startswith("*") else product_token(value)
            if token:
                current.append(groups.setdefault(token, _Group()))
        elif name in _DISALLOW or name == "allow":
            in_rules = True
            if value:
                pattern = _normalize(value if value.startswith(("/", "*")) else f"/{value}", is_pattern=True)
                for group in current:
                    group.add(pattern, allow=name == "allow")
        elif name in _CRAWL_DELAY:  # a record of its own, which ends no list of user agents (section 2.2.4)
            for group in current:
                group.crawl_delay = _seconds(value, group.crawl_delay)
    return groups


def _seconds(value: str, known: float | None) -> float | None:
    """Return a Crawl-delay in seconds, the longer one of two; a value that is no number changes nothing."""
    try:
        seconds = float(value.split(maxsplit=1)[0].replace(",", "."))
    except (IndexError, ValueError):
        return known
    return max(seconds, known or 0.0) if math.isfinite(seconds) and seconds >= 0 else known


def _normalize(path: str, *, is_pattern: bool) -> str:
    """Return a path or a pattern in the one form in which they are compared (section 2.2.2).

    Octets that may stand for themselves do, all others are escaped with capital digits; "*" and "$" of a path are
    escaped, those of a pattern are wildcards.
    """
    octets = path.encode("utf-8", "surrogatepass")
    octets = _ESCAPE.sub(
        lambda found: bytes([int(found[1], 16)]) if int(found[1], 16) in _UNRESERVED else found[0].upper(), octets
    )
    escaped = "".join(chr(octet) if 0x20 < octet < 0x7F else f"%{octet:02X}" for octet in octets)
    return escaped if is_pattern else escaped.replace("*", "%2A").replace("$", "%24")


def _matches(pattern: str, target: str) -> bool:
    """Return whether a pattern with "*" and a "$" at its end matches from the beginning, in linear steps."""
    anchored = pattern.endswith("$")
    first, *parts = (pattern[:-1] if anchored else pattern).split("*")
    if not target.startswith(first):
        return False
    position = len(first)
    if not parts:
        return not anchored or position == len(target)
    last = parts.pop()
    for part in parts:
        found = target.find(part, position)
        if found < 0:
            return False
        position = found + len(part)
    if anchored:
        return target.endswith(last) and len(target) - len(last) >= position
    return target.find(last, position) >= 0


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "replace")
