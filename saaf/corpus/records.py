"""A record: one input of a build, which is a page or the failure to read one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from saaf.cleaning.types import Page
    from saaf.corpus.ledger import Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One input: either `page` or `failure` is set.

    `key` names it in the ledger; `file_path` is the file it came from, relative to the input that was named.
    `rights_file` is the response where it is a robots.txt or tdmrep.json of a site, which other records may need.
    """

    key: str
    file_path: str
    page: Page | None = None
    failure: Failure | None = None
    rights_file: Page | None = None
