"""URL discovery: what a response is, what it leads to, and which pages are documents; it makes no requests."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from scrapy.http import HtmlResponse, TextResponse

from saaf.cleaning.html.outline import PROSE, Outline
from saaf.cleaning.text.urls import path_of
from saaf.corpus.ledger import Failure
from saaf.crawler.discovery.feeds import Feed
from saaf.crawler.discovery.links import absolute_url, may_be_page, tidy
from saaf.crawler.discovery.readers import As, Reading, Task, read, sniff
from saaf.crawler.discovery.sitemaps import Sitemap
from saaf.crawler.frontier.stored_requests import KIND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import Response


class Kind(StrEnum):
    """The kind of a response; a value is the ledger's reason why it is no document."""

    ROBOTS = "robots.txt"
    SITEMAP = "sitemap"
    FEED = "feed"
    PAGE = "listing page, looked at for links"
    OTHER = "no text"


_ASKED: Final = {"robots": Kind.ROBOTS, "sitemap": Kind.SITEMAP, "feed": Kind.FEED}
_readings: WeakKeyDictionary[Response, Reading | Failure] = WeakKeyDictionary()


def meta_of(response: Response) -> dict[str, Any]:
    """Return the meta of a response's request; an empty one for a response that was made by hand."""
    return response.meta if response.request is not None else {}


def asked_kind(response: Response) -> Kind | None:
    """Return what a response was asked for as, where that decides what it is, whatever came back."""
    return _ASKED.get(meta_of(response).get(KIND, ""))


def kind_of(response: Response) -> Kind:
    """Return the kind of a response: what it was asked for as, else by its path and its first bytes, because servers
    mislabel feeds and sitemaps.
    """
    asked = asked_kind(response)
    if asked is not None:
        return asked
    if path_of(response.url) == "/robots.txt":
        return Kind.ROBOTS
    if isinstance(response, HtmlResponse):
        return Kind.PAGE
    found = sniff(response.body)
    if found is not None:
        return Kind.SITEMAP if found is As.SITEMAP else Kind.FEED
    return Kind.PAGE if isinstance(response, TextResponse) else Kind.OTHER


def task_of(response: Response) -> Task | None:
    """Return the task of reading a response, None where discovery reads nothing of it."""
    kind = kind_of(response)
    header = response.headers.get("Content-Type")
    content_type = header.decode("latin-1") if header else None
    if kind in (Kind.SITEMAP, Kind.FEED):
        what = As.SITEMAP if kind is Kind.SITEMAP else As.FEED
        return Task(kind=what, url=response.url, body=response.body, content_type=content_type)
    if kind is Kind.PAGE and isinstance(response, HtmlResponse):
        return Task(kind=As.PAGE, url=response.url, body=response.body, encoding=response.encoding)
    return None


def reading_of(response: Response) -> Reading | Failure | None:
    """Return what was read of a response, which happens once; None where there is nothing to read, a failure where a
    worker could not read it.
    """
    found = _readings.get(response)
    if found is None and (task := task_of(response)) is not None:
        found = read(task)
        _readings[response] = found
    return found


def keep_reading(response: Response, reading: Reading | Failure) -> None:
    """Keep what a worker read of a response, for `reading_of`."""
    _readings[response] = reading


def outline_of(response: Response) -> Outline:
    """Return the outline of a page; an empty one where the response is no HTML or could not be read."""
    reading = reading_of(response)
    return reading if isinstance(reading, Outline) else Outline(links=())


def purpose(response: Response) -> str:
    """Return the ledger's reason for a response that is no document."""
    kind = kind_of(response)
    if kind is Kind.OTHER:
        content_type = response.headers.get("Content-Type") or b"of no stated type"
        return f"{content_type.decode('latin-1')}: not a text"
    if kind is Kind.ROBOTS:
        return kind.value
    reading = _readings.get(response) if kind is Kind.PAGE else reading_of(response)
    if isinstance(reading, Failure):
        return f"{kind.value}; its links could not be read: {reading.reason}"
    notes = [reading.problem] if reading is not None and reading.problem else []
    if isinstance(reading, Sitemap | Feed) and reading.bad:
        notes.append(f"{reading.bad} entries without a usable address were skipped")
    if isinstance(reading, Outline) and reading.links_left_out:
        notes.append(_left_out(reading))
    if isinstance(reading, Sitemap) and reading.over:
        notes.append(f"{reading.over} entries beyond the 50,000th were left out, the most that a sitemap may have")
    return "; ".join((kind.value, *notes))


def document_note(response: Response) -> str | None:
    """Return what the ledger says of a document beside that it is one, None for most."""
    reading = _readings.get(response)
    if isinstance(reading, Failure):
        return f"its links could not be read: {reading.reason}"
    return _left_out(reading) if isinstance(reading, Outline) and reading.links_left_out else None


def _left_out(outline: Outline) -> str:
    return f"{outline.links_left_out} links beyond the {len(outline.links):,}th were left out, the most that are read"


def robots_sitemaps(response: Response) -> Iterator[str]:
    """Yield the URLs of the sitemaps that a robots.txt names, each once."""
    found: dict[str, None] = {}
    for line in response.body.removeprefix(b"\xef\xbb\xbf").splitlines():
        name, _, value = line.decode("utf-8", "replace").partition(":")
        if name.strip().lower() == "sitemap" and (url := absolute_url(response.url, value.partition(" #")[0])):
            found[url] = None
    yield from found


def base_of(response: Response, outline: Outline) -> str:
    """Return the URL on which a page's relative links depend (`<base href>`, HTML standard)."""
    return (absolute_url(response.url, outline.base) if outline.base else None) or response.url


def _pages(response: Response, outline: Outline) -> Iterator[str]:
    base = base_of(response, outline)
    encoding = getattr(response, "encoding", "utf-8")
    found = (absolute_url(base, link, encoding) for link in outline.links)
    return (tidy(url) for url in found if url and may_be_page(url))


def is_document(response: TextResponse) -> bool:
    """Return whether a page is a document rather than a list of links to other pages.

    In doubt it is a document: a page without text is rejected when it is cleaned, but a page that is rejected here is
    lost. A front page is a list whatever it shows of its articles.
    """
    if not isinstance(response, HtmlResponse):
        return True
    outline = outline_of(response)
    if outline.is_declared_article:
        return True
    if path_of(response.url) in ("", "/") and _has_links(response, outline):
        return False
    return outline.prose >= PROSE or not _has_links(response, outline)


def _has_links(response: Response, outline: Outline, least: int = 3) -> bool:
    """Return whether a page leads to as many as `least` others."""
    found = set()
    for url in _pages(response, outline):
        found.add(url)
        if len(found) >= least:
            return True
    return False
