"""Rights signals of robots.txt: Content-Usage and Content-Signal lines of groups, and RSL's License lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from saaf.cleaning.rights.headers import absolute_url
from saaf.cleaning.rights.path_patterns import matches, normalise, path_and_query
from saaf.cleaning.rights.preferences import Preferences, content_signal, content_usage
from saaf.cleaning.rights.signals import make_signal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from saaf.cleaning.types import RightsSignal

MAX_BYTES: Final = 512 * 1024
"""Bytes of a robots.txt that are read; RFC 9309, section 2.5, asks for 500 KiB at least."""

_ALL_AGENTS: Final = "*"
_LINE_END = re.compile(r"\r\n|\r|\n")  # str.splitlines would end lines at U+2028 and form feeds too
_TOKEN = re.compile(r"[A-Za-z0-9_-]+")
_PREFERENCES: Final[dict[str, tuple[str, Callable[[str], Preferences]]]] = {
    "content-usage": ("Content-Usage", content_usage),
    "content-signal": ("Content-Signal", content_signal),
}
_RULES: Final = frozenset(("allow", "disallow", "crawl-delay", *_PREFERENCES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A Content-Usage or Content-Signal line: `path` is the pattern, "" for all paths; `value` is the whole value."""

    name: str
    path: str
    value: str
    preferences: Preferences


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The rules for some robots; `agents` are product tokens in lower case, "*" for all robots without a group."""

    agents: frozenset[str]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsRights:
    """The rights signals of a robots.txt. `licences` are the values of its License lines, which no group limits.

    `groups` has groups without such a line too: a robot that has one has no other. `everywhere` are the rules before
    the first group, which no specification knows; they are for all robots here.
    """

    groups: tuple[Group, ...] = ()
    everywhere: tuple[Rule, ...] = ()
    licences: tuple[str, ...] = ()

    def signals(self, url: str, agent: str) -> Iterator[RightsSignal]:
        """Yield the signals for a URL of the site: of the longest path that matches, and the licences.

        `agent` is one product token or several with spaces between; what the file says to each of them is yielded.
        """
        of_tokens = self._rules_for(agent)
        path = path_and_query(url)
        for name, _ in _PREFERENCES.values():
            for rules in of_tokens:
                own = (rule for rule in (*rules, *self.everywhere) if rule.name == name)
                for rule in _longest(own, path):
                    yield make_signal(f"robots.txt {name}", rule.value, rule.preferences)
        for licence in self.licences:
            yield make_signal("robots.txt License", licence, licence=absolute_url(licence, url))

    def is_open_in_part(self, agent: str) -> bool:
        """Return whether a rule for some paths does not reserve them from training."""
        return any(
            rule.path.strip("/*") and rule.preferences.train is not False
            for rules in self._rules_for(agent)
            for rule in rules
        )

    def _rules_for(self, agent: str) -> list[list[Rule]]:
        """Return, for each product token that has groups, their rules; where none has, those for all others."""
        tokens = dict.fromkeys(agent.lower().split())
        own = [found for token in tokens if (found := [group for group in self.groups if token in group.agents])]
        chosen = own or [[group for group in self.groups if _ALL_AGENTS in group.agents]]
        return [[rule for group in groups for rule in group.rules] for groups in chosen]


NO_SIGNALS: Final = RobotsRights()


def parse_robots(body: bytes) -> RobotsRights:
    """Return the rights signals of a robots.txt, of its first 512 KiB.

    Content-Usage: draft-ietf-aipref-attach-05 (19 August 2026), section 3: "Content-Usage: [path] preferences". A
    value that begins with "/" begins with a path pattern, up to the first space or tab; without one it is for all
    paths. The longest pattern that matches decides, in bytes; equally long ones all count. Content-Signal:
    contentsignals.org (24 September 2025); its lines may have a path too. License: RSL 1.0 (10 December 2025), an
    absolute URL. Groups are those of RFC 9309, section 2.2.1: a group ends where a user-agent line follows a rule.
    """
    groups: list[tuple[list[str], list[Rule]]] = []
    everywhere: list[Rule] = []
    licences: list[str] = []
    in_rules = True
    for name, value in _lines(body):
        if name == "user-agent":
            if in_rules:
                groups.append(([], []))
                in_rules = False
            groups[-1][0].append(_product_token(value))
        elif name == "license" and value:
            licences.append(value)
        elif name in _RULES:
            in_rules = True
            if name in _PREFERENCES and value:
                (groups[-1][1] if groups else everywhere).append(_parse_rule(name, value))
    if not licences and not everywhere and not any(rules for _, rules in groups):
        return NO_SIGNALS
    return RobotsRights(
        groups=tuple(Group(agents=frozenset(agents), rules=tuple(rules)) for agents, rules in groups),
        everywhere=tuple(everywhere),
        licences=tuple(dict.fromkeys(licences)),
    )


def _lines(body: bytes) -> Iterator[tuple[str, str]]:
    """Yield (name in lower case, value) of each line, comments left out."""
    text = body[:MAX_BYTES].removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    for line in _LINE_END.split(text):
        name, colon, value = line.partition("#")[0].partition(":")
        if colon:
            yield name.strip().lower(), value.strip()


def _product_token(value: str) -> str:
    """Return the product token of a user-agent line in lower case: "Saaf/1.0" is for the robot "saaf"."""
    if value.startswith(_ALL_AGENTS):
        return _ALL_AGENTS
    token = _TOKEN.match(value)
    return token[0].lower() if token else ""


def _parse_rule(name: str, value: str) -> Rule:
    label, interpret = _PREFERENCES[name]
    path, preferences = "", value
    if value.startswith("/"):
        path, *rest = value.split(maxsplit=1)
        preferences = rest[0] if rest else ""
    return Rule(name=label, path=path, value=value, preferences=interpret(preferences))


def _longest(rules: Iterable[Rule], path: str) -> list[Rule]:
    """Return the rules with the longest pattern that matches the path."""
    matching = [rule for rule in rules if matches(rule.path, path)]
    longest = max((len(normalise(rule.path)) for rule in matching), default=0)
    return [rule for rule in matching if len(normalise(rule.path)) == longest]
