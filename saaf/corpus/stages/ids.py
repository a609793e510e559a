"""The stage that compares the ids that tables state: they can be kept where no two documents have the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from saaf.corpus.stages.guard import PageGuard
    from saaf.corpus.stages.tasks import Result, Task, TaskFiles

IDS = "ids"
_OWN_ID: Final = re.compile("[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Ids:
    """Digests, 8 bytes each, of the ids of documents: our own, and what they are where those of tables are kept.

    `stated` is the number of documents whose table states one; where it is 0, both are the same.
    """

    own: bytes = b""
    kept: bytes = b""
    stated: int = 0

    @classmethod
    def of(cls, own: Sequence[str], stated: Sequence[str | None] = ()) -> Ids:
        """Return the digests of documents with these ids; None where a table states none, () where none does."""
        count = sum(one is not None for one in stated)
        digests = bytes.fromhex("".join(own))  # as `document_id` makes them
        kept = _digests([one or other for one, other in zip(stated, own, strict=True)]) if count else digests
        return cls(digests, kept, count)

    @classmethod
    def sum(cls, parts: Iterable[Ids]) -> Ids:
        """Return the digests of all parts."""
        each = list(parts)
        return cls(
            b"".join(one.own for one in each), b"".join(one.kept for one in each), sum(one.stated for one in each)
        )


def _digests(ids: Sequence[str]) -> bytes:
    return b"".join(bytes.fromhex(one) if _OWN_ID.fullmatch(one) else _digest(one) for one in ids)


def _digest(name: str) -> bytes:
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def write_ids(task: Task, parts: Sequence[Ids]) -> int:
    """Write the digests of a partition, and return how many documents state an id."""
    found = Ids.sum(parts)
    task.path(IDS).write_bytes(found.own + found.kept)
    return found.stated


def id_task(task: Task, _guard: PageGuard) -> Result:
    """Return how many documents state an id, and how many have one that another document has too.

    Documents with the same id of our own are captures of one URL, of which one is taken: they may share theirs.
    """
    reads: tuple[TaskFiles, ...] = task.arguments
    pairs = np.concatenate([_read(read) for read in reads])
    distinct = np.unique(pairs, axis=0)
    _, counts = np.unique(distinct[:, 1], return_counts=True)
    return {"shared": int(counts[counts > 1].sum())}


def _read(read: TaskFiles) -> NDArray[np.uint64]:
    """Return the digests of the ids of a partition, uint64[n, 2]: our own, and as kept."""
    return np.frombuffer(read.path(IDS).read_bytes(), np.uint64).reshape(2, -1).T
