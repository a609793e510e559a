"""What the rights signals of a page amount to: one preference for training, one for search, and a licence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from saaf.cleaning.rights.preferences import Preferences, most_restrictive
from saaf.cleaning.types import RightsSignal

if TYPE_CHECKING:
    from collections.abc import Iterable

AGENT: Final = "saaf"
"""The product token (RFC 9309, section 2.2.1) under which robots rules are looked up where no other is given."""

MAX_SIGNALS: Final = 64
"""The most signals that are kept of a page: a page may repeat one a million times."""

_MAX_VALUE = 500  # characters
_TOKENS = (re.compile(r"[A-Za-z_-]+"), re.compile(r"[A-Za-z0-9_-]+"))
_NO_PREFERENCES: Final = Preferences()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """The rights of a page: `train` and `search` are True where allowed, False where reserved, None where unstated.

    `licence` is the URL of the first licence named, None where none is. `signals` are all signals as they stood,
    "source: value". `reserved_by` is the first signal that reserves training, None where none does.
    """

    train: bool | None = None
    search: bool | None = None
    licence: str | None = None
    signals: tuple[str, ...] = ()
    reserved_by: str | None = None

    @property
    def reservation(self) -> str | None:
        """The ledger's reason where training is reserved, None where it is not."""
        return f"its publisher reserves it from training ({self.reserved_by})" if self.reserved_by else None


def join_tokens(*agents: str | None) -> str:
    """Return the product tokens in `agents` in lower case, each once, with spaces between; "" where there is none.

    >>> join_tokens("MyBot saaf", None, "saaf")
    'mybot saaf'
    """
    return " ".join(dict.fromkeys(token for agent in agents if agent for token in agent.lower().split()))


def product_tokens(user_agent: str) -> str:
    """Return the names by which a crawler with this user agent may be addressed, in lower case, "" where it has none.

    They are its product token, which has no digits (RFC 9309, section 2.2.1), and the same with its digits.

    >>> product_tokens("MyBot/1.0 (+https://example.org/)"), product_tokens("bot2/1.0")
    ('mybot', 'bot bot2')
    """
    return join_tokens(*(found[0] for pattern in _TOKENS if (found := pattern.match(user_agent.strip()))))


def make_signal(
    source: str,
    value: str,
    preferences: Preferences = _NO_PREFERENCES,
    *,
    agent: str | None = None,
    licence: str | None = None,
) -> RightsSignal:
    """Return a signal; `value` is kept on one line and cut at 500 characters, after it was interpreted."""
    line = " ".join(value.split())
    shown = line if len(line) <= _MAX_VALUE else f"{line[: _MAX_VALUE - 1]}…"
    return RightsSignal(
        source=source, value=shown, agent=agent, train=preferences.train, search=preferences.search, licence=licence
    )


def resolve(signals: Iterable[RightsSignal], agent: str = AGENT) -> Rights:
    """Return the rights that signals amount to: of those that contradict each other the most restrictive counts.

    Signals to other robots than `agent` are left out: a product token in any case, or several with spaces between.
    Equal signals count once.
    """
    wanted = frozenset((None, *agent.lower().split()))
    own = list(dict.fromkeys(signal for signal in signals if signal.agent in wanted))
    return Rights(
        train=most_restrictive(signal.train for signal in own),
        search=most_restrictive(signal.search for signal in own),
        licence=next((signal.licence for signal in own if signal.licence), None),
        signals=tuple(str(signal) for signal in own),
        reserved_by=next((str(signal) for signal in own if signal.train is False), None),
    )
