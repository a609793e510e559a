"""Personal data in a text: e-mail and IP addresses, phone numbers, bank accounts and cards, in linear time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from saaf.cleaning.quality.account_numbers import find_cards, find_ibans
from saaf.cleaning.quality.network_addresses import find_emails, find_ipv4, find_ipv6
from saaf.cleaning.quality.phone_numbers import find_phones
from saaf.cleaning.quality.spans import CARD, EMAIL, IBAN, IPV4, IPV6, LOCAL_IPV4, LOCAL_IPV6, PHONE, Span

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

KINDS: Final = {
    EMAIL: "e-mail addresses",
    IPV4: "public IPv4 addresses",
    IPV6: "public IPv6 addresses",
    PHONE: "phone numbers",
    IBAN: "bank accounts (IBAN)",
    CARD: "payment cards",
    LOCAL_IPV4: "IPv4 addresses that are no person's: private, reserved for examples, multicast",
    LOCAL_IPV6: "IPv6 addresses that are no person's",
}
"""The kinds of personal data, and what each is."""
DEFAULT_KINDS: Final = (EMAIL, IPV4, IPV6, PHONE, IBAN, CARD)
"""The kinds that are found where none are named: all but the addresses of local networks."""
# In the order of precedence: where two overlap, the first counts.
_FINDERS: Final = (
    ((EMAIL,), find_emails),
    ((IBAN,), find_ibans),
    ((CARD,), find_cards),
    ((IPV4, LOCAL_IPV4), find_ipv4),
    ((IPV6, LOCAL_IPV6), find_ipv6),
    ((PHONE,), find_phones),
)


def find_personal_data(text: str, kinds: Collection[str] = DEFAULT_KINDS) -> tuple[Span, ...]:
    """Return the personal data of the named kinds (of `KINDS`) in a text: sorted, disjoint, in code points.

    Time is linear in the length of the text, whatever is in it. Raises ValueError for a kind that does not exist.
    """
    if unknown := sorted(set(kinds) - KINDS.keys()):
        raise ValueError(f"{', '.join(unknown)}: no kind of personal data; the kinds are {', '.join(KINDS)}")
    found: list[Span] = []
    rest = text
    for of_finder, find in _FINDERS:
        # A kind that is not asked for still says what a number is: a card is no phone number.
        if any(kind in kinds for kind in of_finder) or PHONE in kinds:
            more = list(find(rest))
            found += more
            rest = _masked(rest, more) if more else rest
    return tuple(sorted((span for span in found if span.kind in kinds), key=lambda span: span.start))


def _masked(text: str, spans: Iterable[Span]) -> str:
    """Return the text with a letter for each character of the spans: nothing that is found later overlaps them."""
    parts, position = [], 0
    for span in spans:
        parts += [text[position : span.start], "x" * (span.end - span.start)]
        position = span.end
    return "".join([*parts, text[position:]])


def count_personal_data(spans: Iterable[Span]) -> dict[str, int]:
    """Return the number of spans by kind: of each of `DEFAULT_KINDS`, 0 where there is none, and of others found."""
    counts = dict.fromkeys(DEFAULT_KINDS, 0)
    for span in spans:
        counts[span.kind] = counts.get(span.kind, 0) + 1
    return counts
