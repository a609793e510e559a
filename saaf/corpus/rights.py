"""Rights of documents: the signals of a page, its headers and its site together, and the columns they fill."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from saaf.cleaning.rights.headers import header_signals
from saaf.cleaning.rights.signals import AGENT, Rights, resolve

if TYPE_CHECKING:
    from saaf.cleaning.rights.sites import SiteRights
    from saaf.cleaning.types import Document, Page


class RightsPolicy(StrEnum):
    """What becomes of documents whose publishers reserve them from training."""

    RECORD = "record"
    """They are kept, and the columns say so."""
    SKIP = "skip"
    """They are left out, in state rights_reserved."""


def document_rights(
    document: Document, page: Page | None, sites: SiteRights | None = None, *, agent: str = AGENT
) -> Rights:
    """Return the rights of a document that was read from `page`.

    `page` needs no body; None where there was none, as for a text. `sites` has the robots.txt and tdmrep.json files
    that came with it, None for none. `agent` has the product tokens to which robots rules may be addressed, with
    spaces between.
    """
    signals = document.rights
    if page is not None:
        signals += header_signals(page.headers, page.url)
        if sites is not None:
            signals += tuple(sites.signals(page.url, page.fetched_at, agent))
    return resolve(signals, agent)


def rights_columns(rights: Rights) -> dict[str, object]:
    """Return the columns that state rights."""
    return {
        "rights_train": _preference(rights.train),
        "rights_search": _preference(rights.search),
        "rights_licence": rights.licence,
        "rights_signals": list(rights.signals),
    }


def _preference(allowed: bool | None) -> str | None:
    return None if allowed is None else "allowed" if allowed else "reserved"
