"""What is done to one page: read, or read and cleaned; what goes wrong is a failure with its reason."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from saaf import cleaning
from saaf.cleaning.site.profile_json import ProfileError
from saaf.cleaning.site.template import KNOWN_TEMPLATE
from saaf.cleaning.types import CleanDocument, Page, Unreadable
from saaf.corpus.content_codings import is_damaged
from saaf.corpus.ledger import Failure, State
from saaf.corpus.limits import BODY_LIMIT, over_limit_reason
from saaf.corpus.process_limits import OUT_OF_MEMORY

if TYPE_CHECKING:
    from saaf.cleaning.site.profile import SiteProfile

Result = TypeVar("Result")

_DAMAGED = "the compressed body is cut off or damaged, and no text can be unpacked; fetch the page again"

CleanFunction = Callable[[Any], CleanDocument | Failure]


class Task(Protocol):
    """The argument of a `CleanFunction`: a page, or something else that has a URL."""

    @property
    def url(self) -> str | None:
        """URL for the ledger, None where there is none."""


def clean_page(
    page: Page, *, profile: SiteProfile | None = None, body_limit: int = BODY_LIMIT, structure: bool = False
) -> CleanDocument | Failure:
    """Return the page read and cleaned, or a `Failure` whose reason says what went wrong and where.

    Where `profile` knows the page's template, the page is cleaned by that alone. `body_limit` is in bytes. With
    `structure` the document has its structure.
    """

    def read_and_clean() -> CleanDocument:
        document = cleaning.read(page, profile=profile, structure=structure)
        return cleaning.clean(document, profile=profile if KNOWN_TEMPLATE in document.flags else None)

    return attempt_page(page, read_and_clean, body_limit)


def read_page(page: Page, *, body_limit: int = BODY_LIMIT, text_only: bool = False) -> CleanDocument | Failure:
    """Return the page read, with nothing removed, or a `Failure` whose reason says what went wrong and where.

    `body_limit` is in bytes; `text_only` is as in `saaf.cleaning.read`.
    """

    def read() -> CleanDocument:
        return CleanDocument(document=cleaning.read(page, text_only=text_only), removals=())

    return attempt_page(page, read, body_limit)


def attempt_page(page: Page, function: Callable[[], Result], body_limit: int = BODY_LIMIT) -> Result | Failure:
    """Return what `function` returns for the page, or a failure where its body is empty or too large or `function`
    raises.
    """
    if not page.body.strip():
        reason = _DAMAGED if is_damaged(page) else "the body is empty"
        return Failure(state=State.EMPTY, reason=reason, url=page.url)
    if len(page.body) > body_limit:
        reason = over_limit_reason("the body", len(page.body), body_limit)
        return Failure(state=State.OVER_BUDGET, reason=reason, url=page.url)
    result = attempt(function, page.url)
    if isinstance(result, Failure) and result.state is State.UNREADABLE and is_damaged(page):
        return Failure(state=State.UNREADABLE, reason=_DAMAGED, url=page.url)
    return result


def attempt(function: Callable[[], Result], url: str | None) -> Result | Failure:
    """Return what `function` returns, or a failure in place of what it raises: one page must not take the others with
    it.
    """
    try:
        return function()
    except (Unreadable, ProfileError) as error:
        return Failure(state=State.UNREADABLE, reason=str(error), url=url)
    except MemoryError:
        return Failure(state=State.OVER_BUDGET, reason=OUT_OF_MEMORY, url=url)
    except RecursionError:
        return Failure(state=State.OVER_BUDGET, reason="the page is nested too deeply", url=url)
    except Exception as error:
        # The ledger names the place.
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{PurePath(frame.filename).name}:{frame.lineno}"
        reason = f"cleaning failed with {type(error).__name__} at {place}: {error}; please report this page"
        return Failure(state=State.UNREADABLE, reason=reason, url=url)
