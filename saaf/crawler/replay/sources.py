"""Sources of a replay: fixtures, and archives of anybody's crawl (WARC, WACZ)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from saaf.cleaning.types import Page
from saaf.corpus.content_codings import is_damaged
from saaf.corpus.ledger import Failure, State
from saaf.crawler.replay.fixtures import FixtureError, Fixtures, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from saaf.corpus.archive_index import ArchiveIndex

_UNDONE = ("content-encoding", "transfer-encoding")


class Source(Protocol):
    """Saved responses by URL. `failures` are what could not be read when it was opened; their `url` names it.

    `holds_bodies`: the responses are small enough that a replay may hold all of them until it ends.
    """

    holds_bodies: bool

    @property
    def failures(self) -> Sequence[Failure]:
        """The files and entries that cannot be replayed."""

    def find(self, url: str) -> Page | Failure:
        """Return the response to a URL, or why there is none."""

    def unrequested_urls(self) -> Iterable[str]:
        """Return the URLs that were not asked for and should have been, sorted."""

    def start_urls(self) -> Iterable[str]:
        """Yield the URLs that a spider without start URLs of its own visits."""

    def close(self) -> None:
        """Close the files of the source."""


class FixtureSource:
    """Saved pages that manifests list: all of them are to be asked for."""

    holds_bodies = True

    def __init__(self, fixtures: Fixtures) -> None:
        self._responses = fixtures.responses
        self._failures = {key_of(failure.url): failure for failure in fixtures.failures if failure.url}
        self._unrequested = dict(fixtures.responses)
        self._start_urls = fixtures.start_urls
        self.failures = fixtures.failures

    def find(self, url: str) -> Page | Failure:
        """Return the saved response; a failure where there is none, or its file cannot be read."""
        key = key_of(url)
        self._unrequested.pop(key, None)
        fixture = self._responses.get(key)
        if fixture is None:
            missing = "no fixture has this URL: save the page and list it in a manifest.toml, or mend the link"
            return self._failures.get(key) or Failure(state=State.FETCH_FAILED, reason=missing, url=url)
        try:
            body = fixture.read()
        except FixtureError as error:
            return Failure(state=State.FETCH_FAILED, reason=str(error), url=url)
        return Page(url=url, body=body, headers=fixture.headers, status=fixture.status, fetched_at=fixture.fetched_at)

    def unrequested_urls(self) -> Iterable[str]:
        """Return the URLs of the fixtures that were not requested, sorted."""
        return sorted(fixture.url for fixture in self._unrequested.values())

    def start_urls(self) -> Iterable[str]:
        """Return the start URLs of the manifests."""
        return self._start_urls

    def close(self) -> None:
        """Do nothing: fixtures are opened one at a time."""


class ArchiveSource:
    """Captures of somebody's crawl. What of them is asked for is up to the spider: the rest is not reported."""

    holds_bodies = False

    def __init__(self, index: ArchiveIndex) -> None:
        self._index = index

    @property
    def failures(self) -> Sequence[Failure]:
        """The files and records that cannot be read."""
        return self._index.failures

    def find(self, url: str) -> Page | Failure:
        """Return the last capture of the URL, its codings undone; a failure where there is none to use."""
        found = self._index.find(url)
        if found is None:
            reason = "SAAF_SOURCE has no record of this URL, and a replay asks the network for nothing"
            return Failure(state=State.FETCH_FAILED, reason=reason, url=url)
        if isinstance(found, Failure):
            return found
        if found.fetched_at is None:
            return Failure(state=State.UNREADABLE, reason="its WARC record has no date that can be read", url=url)
        if is_damaged(found):
            reason = "captured, but its Content-Encoding could not be undone"
            return Failure(state=State.UNREADABLE, reason=reason, url=url)
        headers = ((f"X-Crawl-{name}" if name.lower() in _UNDONE else name, value) for name, value in found.headers)
        return replace(found, headers=tuple(headers))

    def unrequested_urls(self) -> Iterable[str]:
        """Return no URL: an archive has pictures, scripts and pages of other sites too."""
        return ()

    def start_urls(self) -> Iterable[str]:
        """Yield the URLs of the archive's pages, sorted."""
        return self._index.page_urls()

    def close(self) -> None:
        """Close the archive's files."""
        self._index.close()
