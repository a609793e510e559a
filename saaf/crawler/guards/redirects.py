"""Redirects: followed within http and https, without user info, and refused with a reason where they lead nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import IgnoreRequest

from saaf.corpus.ledger import State
from saaf.crawler.capture.extension import CaptureExtension
from saaf.crawler.frontier.outcomes import Stage
from saaf.crawler.frontier.stored_requests import KIND
from saaf.crawler.guards.addresses import DEFAULT_PORTS, without_user_info
from saaf.crawler.guards.refusals import RefusedRequest
from saaf.crawler.guards.refused_responses import refuse_response

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.http import Response

REDIRECTS_LEFT = "redirect_ttl"
"""Key of request.meta: how many more redirects are followed, as Scrapy's middleware counts."""
_REDIRECTS = (301, 302, 303, 307, 308)


class TooManyRedirectsError(RefusedRequest):
    """A response redirects once more than is allowed."""


class SafeRedirectMiddleware(RedirectMiddleware):
    """Scrapy's middleware for redirects, in its place (600), which gives a reason for each that it does not follow."""

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        """Return the request that a redirect leads to, or the response; raise `RefusedRequest` for a bad redirect."""
        del spider
        if response.status not in _REDIRECTS or request.meta.get("dont_redirect"):
            return response
        location = response.headers.get("Location")
        if location is None:
            reason = f"HTTP status {response.status}, a redirect, but no Location says where to"
            raise refuse_response(self.crawler, response, State.HTTP_ERROR, reason)
        plain = response.replace(headers=response.headers.copy())
        plain.headers["Location"] = without_user_info(location.decode("latin-1")).encode("latin-1")
        try:
            scheme = urlsplit(urljoin(response.url, location.decode("latin-1"))).scheme
            if scheme not in DEFAULT_PORTS:
                reason = f"it redirects to an address of {scheme}:, and only http and https are crawled"
                raise refuse_response(self.crawler, response, State.REFUSED, reason)
            found = super().process_response(request, plain)
        except RefusedRequest:
            raise
        except IgnoreRequest:
            seen = len(request.meta.get("redirect_urls", []))
            if request.meta.get(KIND) == "robots":
                raise self._behind_redirects(response, seen) from None
            reason = f"more than {seen} redirects in a row (REDIRECT_MAX_TIMES)"
            refuse_response(self.crawler, response, State.FETCH_FAILED, reason)
            raise TooManyRedirectsError(State.FETCH_FAILED, reason) from None
        except ValueError:
            reason = "it redirects to something that is no address: the site must mend its Location"
            raise refuse_response(self.crawler, response, State.FETCH_FAILED, reason) from None
        return self._checked(found, response) if isinstance(found, Request) else response

    def _behind_redirects(self, response: Response, seen: int) -> TooManyRedirectsError:
        """Record a robots.txt behind so many redirects that it counts as one that does not exist."""
        reason = f"robots.txt is behind more than {seen} redirects: everything is allowed (RFC 9309, section 2.3.1.2)"
        capture = self.crawler.get_extension(CaptureExtension)
        if capture is not None:
            capture.ledger.discovery(response.url, reason, stage=Stage.RESPONDED)
        return TooManyRedirectsError(State.NOT_CONTENT, reason)

    def _checked(self, request: Request, response: Response) -> Request:
        """Return the request of a redirect; raise `RefusedRequest` where its URL is too long."""
        limit = self.crawler.settings.getint("URLLENGTH_LIMIT")
        if limit and len(request.url) > limit:
            reason = f"it redirects to an address of {len(request.url)} characters (URLLENGTH_LIMIT is {limit})"
            raise refuse_response(self.crawler, response, State.FETCH_FAILED, reason)
        return request
