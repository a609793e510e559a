"""Depth of a crawl: all pages of a list that goes on over many are one step from the page that leads to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scrapy.spidermiddlewares.depth import DepthMiddleware

from saaf.crawler.discovery.alternates import is_same_address, part_of

if TYPE_CHECKING:
    from scrapy.http import Request, Response

SAME_LIST: Final = "saaf_same_list"
"""Key of request.meta: the page that names the URL is another page of the same list."""


class ListDepthMiddleware(DepthMiddleware):
    """Spider middleware in the place of Scrapy's `DepthMiddleware` (900): `SAME_LIST` keeps the depth of its page.

    A section with twenty pages of links would else end at the fifth with DEPTH_LIMIT=5. Endless lists are bounded by
    their rank (`saaf.crawler.discovery.lineage`), the search for traps and the budgets of their host.
    """

    def get_processed_request(self, request: Request, response: Response | None) -> Request | None:
        """Set the depth of a request, and take its price off the priority; None where it is over DEPTH_LIMIT."""
        if not request.meta.pop(SAME_LIST, False) or response is None:
            return super().get_processed_request(request, response)
        depth = response.meta.get("depth", 0)
        request.meta["depth"] = depth
        request.priority -= depth * self.prio
        return request


def is_same_list(url: str, page: str) -> bool:
    """Return whether two addresses differ in the number of a page alone, as "?page=3" and "?page=4" do."""
    part = part_of(url)
    return part is not None and is_same_address(part[0], (part_of(page) or (page, 1))[0])
