"""The types of pages that need no trees: what the page states in a vocabulary for machines, errors, consent walls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from saaf.cleaning.page_types import ARTICLES, PageType, is_stated_article
from saaf.cleaning.text.scripts import UNSPACED_SCRIPT_CODES
from saaf.cleaning.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from saaf.cleaning.page_types import PageSignals
    from saaf.cleaning.types import Document

_CERTAIN: Final = 1.0
_STATED: Final = 0.97  # of 88 pages that state one of these types, 83 have it: the other five are close to it
_FOUND: Final = 0.97  # of 3,600 pages of other types none is taken for an error or a request for consent
_ERROR_STATUS: Final = 400
# A page is small where its blocks that are no links have fewer characters: it may be an error, or ask for consent.
_SMALL: Final = 700
_LONGEST: Final = 400  # characters of the longest of them
_MIN_LINKS: Final = 0.5
_HEADINGS_READ: Final = 5
_OFFERS: Final = frozenset(("schema:offer", "schema:aggregateoffer", "product:price"))
_NOT_ONE_PRODUCT: Final = frozenset(("schema:product*", "og:article", *(f"top:{name}" for name in ARTICLES)))
_SINGLE: Final = ("product", "productgroup", "recipe", "qapage", "discussionforumposting", *ARTICLES)
# RFC 9110, section 15.
_CODES: Final = {
    400: "bad request", 401: "unauthorized", 403: "forbidden", 404: "not found", 405: "method not allowed",
    408: "request timeout", 410: "gone", 429: "too many requests", 451: "unavailable for legal reasons",
    500: "internal server error", 501: "not implemented", 502: "bad gateway", 503: "service unavailable",
    504: "gateway timeout",
}  # fmt: skip
_PHRASES: Final = frozenset(phrase for phrase in _CODES.values() if " " in phrase)  # "Gone" may be a headline
_NOT_THERE: Final = (403, 404, 410)  # the codes that stand in headings beside a word, "Error 404"
_MAX_LETTERS_BESIDE_CODE: Final = 12
_SEPARATOR: Final = re.compile(r"\s[-–—|·•:»«/]+\s|[|:–—»«]")
_CODE: Final = re.compile(r"\d+")
# The containers of consent managers, by their ids and classes, which are the same in all languages.
_CONSENT: Final = re.compile(
    r"onetrust|didomi|usercentrics|qc-cmp|sp_message|cookiebot|truste|cmpbox|borlabs|klaro|iubenda|fc-consent|"
    r"(?:cookie|gdpr|privacy|cmp)[-_]?(?:wall|notice|banner|dialog|consent|layer|popup|modal|overlay)|"
    r"consent[-_]?(?:wall|notice|banner|dialog|form|page|layer|popup|modal|overlay|manager|body|overlay)",
    re.IGNORECASE,
)
_CONSENT_SHARE: Final = 0.6
_MAX_CONSENT_CHARACTERS: Final = 6_000


def stated_type(document: Document, signals: PageSignals) -> PageType | None:
    """Return the type of an error, of a request for consent, or that the page itself states; None of other pages."""
    if signals.status >= _ERROR_STATUS:
        return PageType(name="error", score=_CERTAIN)
    stated = frozenset(signals.stated)
    if not is_stated_article(signals) and _is_small(document):
        if "body:error" in stated or _names_error(document):
            return PageType(name="error", score=_FOUND)
        if _asks_for_consent(document):
            return PageType(name="consent", score=_FOUND)
    name = _of_schema(stated)
    return PageType(name=name, score=_STATED) if name else None


def _of_schema(stated: frozenset[str]) -> str | None:
    """Return the type by the types of schema.org that stand at the top of the page's data, None where these are no
    proof: articles embed products and lists.
    """
    if "top:qapage" in stated or "schema:qapage" in stated:
        return "qa"
    if "top:recipe" in stated and "schema:recipe*" not in stated:
        return "recipe"
    if "top:discussionforumposting" in stated:
        return "forum"
    is_product = "top:product" in stated or "top:productgroup" in stated
    if is_product and stated & _OFFERS and not stated & _NOT_ONE_PRODUCT:
        return "product"
    is_single = "og:article" in stated or any(f"top:{name}" in stated for name in _SINGLE)
    if ("top:collectionpage" in stated or "top:searchresultspage" in stated) and not is_single:
        return "listing"
    return None


def _is_small(document: Document) -> bool:
    weight = 2 if document.language.script in UNSPACED_SCRIPT_CODES else 1
    total = 0
    for block in document.blocks:
        size = weight * (block.end - block.start) if block.link_density < _MIN_LINKS else 0
        total += size
        if total > _SMALL or size > _LONGEST:
            return False
    return True


def _names_error(document: Document) -> bool:
    """Return whether the title or a heading is the number or the phrase of an HTTP error, in digits of any script."""
    return any(_is_error(part) for text in _headings(document) for part in _SEPARATOR.split(text))


def _headings(document: Document) -> Iterator[str]:
    yield document.metadata.title or ""
    headings = [block for block in document.blocks if block.kind is Kind.HEADING][:_HEADINGS_READ]
    yield from (document.text[block.start : block.end] for block in headings)


def _is_error(part: str) -> bool:
    part = " ".join(part.lower().split()).strip(".!()[] ")
    if part in _PHRASES:
        return True
    numbers = _CODE.findall(part)
    if len(numbers) != 1 or int(numbers[0][:4]) not in _CODES:
        return False
    code = int(numbers[0][:4])
    beside = " ".join(part.replace(numbers[0], " ").split())
    if not beside or beside == _CODES[code]:
        return True
    return code in _NOT_THERE and " " not in beside and len(beside) <= _MAX_LETTERS_BESIDE_CODE


def _asks_for_consent(document: Document) -> bool:
    """Return whether most of a small page stands in the container of a consent manager, or its host is one."""
    try:
        host = urlsplit(document.url or "").hostname or ""
    except ValueError:
        host = ""
    if host.startswith(("consent.", "cmp.")):
        return True
    total = len(document.text)
    inside = sum(block.end - block.start for block in document.blocks if _CONSENT.search(block.path))
    return total <= _MAX_CONSENT_CHARACTERS and inside >= _CONSENT_SHARE * total
