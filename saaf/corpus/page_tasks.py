"""What is done to one page: read, or read and cleaned; what goes wrong is a failure with its reason."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Protocol

from saaf import cleaning
from saaf.cleaning.site.template import KNOWN_TEMPLATE
from saaf.cleaning.types import CleanDocument, Page, Unreadable
from saaf.corpus.ledger import Failure, State
from saaf.corpus.limits import BODY_LIMIT, over_limit_reason

if TYPE_CHECKING:
    from saaf.cleaning.site.profile import SiteProfile


CleanFunction = Callable[[Any], CleanDocument | Failure]


class Task(Protocol):
    """The argument of a `CleanFunction`: a page, or something else that has a URL."""

    @property
    def url(self) -> str | None:
        """URL for the ledger, None where there is none."""


def clean_page(
    page: Page, *, profile: SiteProfile | None = None, body_limit: int = BODY_LIMIT
) -> CleanDocument | Failure:
    """Return the page read and cleaned, or a `Failure` whose reason says what went wrong and where.

    Where `profile` knows the page's template, the page is cleaned by that alone. `body_limit` is in bytes.
    """

    def read_and_clean() -> CleanDocument:
        document = cleaning.read(page, profile=profile)
        return cleaning.clean(document, profile=profile if KNOWN_TEMPLATE in document.flags else None)

    return _attempt(page, read_and_clean, body_limit)


def read_page(page: Page, *, body_limit: int = BODY_LIMIT) -> CleanDocument | Failure:
    """Return the page read, with nothing removed, or a `Failure` whose reason says what went wrong and where.

    `body_limit` is in bytes.
    """
    return _attempt(page, lambda: CleanDocument(document=cleaning.read(page), removals=()), body_limit)


def _attempt(page: Page, function: Callable[[], CleanDocument], body_limit: int) -> CleanDocument | Failure:
    """Return what `function` returns for the page, or a failure in place of what it raises."""
    if not page.body.strip():
        return Failure(state=State.EMPTY, reason="the body is empty", url=page.url)
    if len(page.body) > body_limit:
        return over_budget(page, over_limit_reason("the body", len(page.body), body_limit))
    try:
        return function()
    except Unreadable as error:
        return Failure(state=State.UNREADABLE, reason=str(error), url=page.url)
    except MemoryError:
        return over_budget(page, "cleaning needed more memory than a worker may have")
    except RecursionError:
        return over_budget(page, "the page is nested too deeply")
    except Exception as error:
        # One page must not take the others with it; the ledger names the place.
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{PurePath(frame.filename).name}:{frame.lineno}"
        return Failure(
            state=State.UNREADABLE,
            reason=f"cleaning failed with {type(error).__name__} at {place}: {error}; please report this page",
            url=page.url,
        )


def over_budget(page: Task, reason: str) -> Failure:
    """Return the failure of a page that would take more than it may have."""
    return Failure(state=State.OVER_BUDGET, reason=reason, url=page.url)
