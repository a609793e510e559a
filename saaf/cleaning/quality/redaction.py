"""Redaction: personal data replaced by what has its form and is nobody's, with a list from which a test replays it.

E-mail addresses become those of FineWeb, at domains that are reserved for examples (RFC 2606). IP addresses become
those that are reserved for documentation (RFC 5737, RFC 3849); FineWeb took six that answered nobody. In numbers each
digit becomes the zero of its script; the calling code of a phone number and the country of an IBAN stay. Nothing
of what is put in is found again, so that a text that is redacted twice is redacted once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from unicodedata import decimal

from saaf.cleaning.quality.phone_numbers import national_digits
from saaf.cleaning.quality.spans import CARD, EMAIL, IBAN, IPV4, IPV6, PHONE, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

EMAIL_REPLACEMENTS: Final = ("email@example.com", "firstname.lastname@example.org")
"""What e-mail addresses become, in turns."""
_IPV4_REPLACEMENTS: Final = 254  # 192.0.2.1 to 192.0.2.254


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A span `[start, end)` of the text before redaction, in code points, its kind, and what stands in its place."""

    start: int
    end: int
    kind: str
    replacement: str


def replacements(text: str, spans: Sequence[Span]) -> tuple[Replacement, ...]:
    """Return what each span of personal data is replaced by. Equal addresses of a text are replaced by equal ones.

    Raises ValueError where the spans are not sorted, overlap, or reach out of the text, or a kind has no replacement.
    """
    seen: dict[str, dict[str, int]] = {}
    made, position = [], 0
    for span in spans:
        if not position <= span.start < span.end <= len(text):
            raise ValueError(f"the span [{span.start}, {span.end}) overlaps the one before or is not in the text")
        if span.kind not in _REPLACE:
            raise ValueError(f"there is no replacement for {span.kind}; there is one for {', '.join(_REPLACE)}")
        position = span.end
        written = text[span.start : span.end]
        numbers = seen.setdefault(span.kind, {})
        number = numbers.setdefault(written, len(numbers))
        new = _REPLACE[span.kind](written, number)
        made.append(Replacement(start=span.start, end=span.end, kind=span.kind, replacement=new))
    return tuple(made)


def replay(text: str, made: Iterable[Replacement]) -> str:
    """Return the text with the replacements, which are sorted and disjoint, made: the redacted text."""
    parts, position = [], 0
    for one in made:
        parts += [text[position : one.start], one.replacement]
        position = one.end
    return "".join([*parts, text[position:]])


def redact(text: str, spans: Sequence[Span]) -> str:
    """Return the text with its personal data replaced; `spans` are those of `find_personal_data`.

    >>> redact("Ring +91 98765 43210.", [Span(start=5, end=20, kind="phone")])
    'Ring +91 00000 00000.'
    """
    return replay(text, replacements(text, spans))


def _zeros(written: str, kept: int = 0) -> str:
    """Return a number with the zero of its script for each digit but the first `kept`."""
    made, digits = [], 0
    for one in written:
        digits += one.isdecimal()
        made.append(chr(ord(one) - decimal(one)) if one.isdecimal() and digits > kept else one)
    return "".join(made)


def _phone(written: str, _number: int) -> str:
    digits = "".join(str(decimal(one)) for one in written if one.isdecimal())
    national = national_digits(written, digits)
    return _zeros(written, len(digits) - len(national) if national is not None else 0)


def _iban(written: str, _number: int) -> str:
    return written[:2] + "".join("0" if one.isalnum() else one for one in written[2:])


_REPLACE: Final[dict[str, Callable[[str, int], str]]] = {
    EMAIL: lambda _, number: EMAIL_REPLACEMENTS[number % len(EMAIL_REPLACEMENTS)],
    IPV4: lambda _, number: f"192.0.2.{number % _IPV4_REPLACEMENTS + 1}",
    IPV6: lambda _, number: f"2001:db8::{number + 1:x}" if number < 0xFFFF else "2001:db8::ffff",
    PHONE: _phone,
    IBAN: _iban,
    CARD: lambda written, _: _zeros(written),
}
