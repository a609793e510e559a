"""Superseded captures: pages that cannot be read, and whose URL the crawl captured again in a form that can.

So are pages that scripts write: the crawl captures them as they came, then as a browser rendered them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from saaf.corpus.ledger import State
from saaf.corpus.stages.read import READABLE, UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from saaf.corpus.ledger import Failure
    from saaf.corpus.stages.tasks import TaskFiles


def superseded_urls(read: TaskFiles, reads: Sequence[TaskFiles]) -> frozenset[bytes]:
    """Return the hashes of the URLs of captured pages of a partition that could not be read, where another capture was.

    `read` is the read task of the partition, `reads` are those of all; the hashes of one are in memory at a time.
    """
    wanted = np.unique(np.frombuffer(read.path(UNREADABLE).read_bytes(), np.uint64))
    if not len(wanted):
        return frozenset()
    found = [np.intersect1d(wanted, np.frombuffer(each.path(READABLE).read_bytes(), np.uint64)) for each in reads]
    return frozenset(one.tobytes() for one in np.concatenate(found))


def superseded_failure(failure: Failure) -> Failure:
    """Return what the ledger says of a superseded capture."""
    reason = f"another capture of the same URL could be read; of this one: {failure.reason}"
    return replace(failure, state=State.REPEATED, reason=reason)
