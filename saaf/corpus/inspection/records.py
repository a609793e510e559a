"""Records: what a verification compares of each row, in temporary files by the hash of its id, in bounded memory."""

from __future__ import annotations

from contextlib import ExitStack
from hashlib import blake2b
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

RECORD = np.dtype(
    [
        ("hash", "<u8"),  # of the id or key that rows are joined by
        ("kind", "u1"),
        ("state", "u1"),
        ("other", "<u8"),  # hash of another id, 0 for none
        ("value", "<u8"),
        ("row", "<u8"),  # of its table, to find its name again
    ]
)
"""A record; 34 bytes."""

_BUCKET_RECORDS = 1 << 21  # 70 MB
_MAX_BUCKETS = 256  # open files

Records = Any  # a structured array of RECORD


def hashes(values: Iterable[str | None]) -> NDArray[np.uint64]:
    """Return 64 bits of the BLAKE2 digest of each text, 0 for None."""
    return np.frombuffer(b"".join(map(_digest, values)), "<u8")


def _digest(value: str | None) -> bytes:
    if value is None:
        return bytes(8)
    return blake2b(value.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def text_hash(text: str, removals: object) -> int:
    """Return 64 bits that stand for a text and its removals."""
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8)
    digest.update(repr(removals).encode("utf-8", "surrogatepass"))
    return int.from_bytes(digest.digest(), "little")


class RecordBuckets:
    """Records of which those with equal hashes are in one bucket; a context manager. `expected` is about their number.

    The files are temporary ones of the system (TMPDIR).
    """

    def __init__(self, expected: int) -> None:
        self._count = min(max(1, -(-expected // _BUCKET_RECORDS)), _MAX_BUCKETS)
        self._stack = ExitStack()
        self._files: list[IO[bytes]] = []

    def __enter__(self) -> Self:
        for _ in range(self._count):
            self._files.append(self._stack.enter_context(TemporaryFile()))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def __len__(self) -> int:
        """Return the number of buckets."""
        return self._count

    def add(  # the fields of a record
        self,
        kind: int,
        keys: NDArray[np.uint64],
        rows: NDArray[np.uint64],
        *,
        states: Iterable[int] | int = 0,
        others: NDArray[np.uint64] | int = 0,
        values: Iterable[int] | int = 0,
    ) -> None:
        """Add a record for each of `keys`, the hashes they are joined by."""
        records = np.zeros(len(keys), RECORD)
        records["hash"], records["kind"], records["row"] = keys, kind, rows
        records["state"] = states if isinstance(states, int) else np.fromiter(states, np.uint8, len(keys))
        records["other"] = others
        records["value"] = values if isinstance(values, int) else np.fromiter(values, np.uint64, len(keys))
        buckets = keys % np.uint64(self._count)
        for bucket in np.unique(buckets).tolist():
            self._files[bucket].write(records[buckets == bucket].tobytes())

    def __iter__(self) -> Iterator[Records]:
        """Yield the records of each bucket, sorted by hash and row."""
        for file in self._files:
            file.seek(0)
            records = np.frombuffer(file.read(), RECORD)
            yield records[np.lexsort((records["row"], records["hash"]))]


def of_kind(records: Records, *kinds: int) -> Records:
    """Return the records of some kinds."""
    return records[np.isin(records["kind"], kinds)]


def repeated(records: Records) -> Records:
    """Return sorted records whose hash is that of the record before."""
    return records[1:][records["hash"][1:] == records["hash"][:-1]] if len(records) else records


def partner(records: Records, others: Records) -> tuple[NDArray[np.bool_], Records]:
    """Return for each record whether `others`, sorted, have its hash, and the first that has (else any)."""
    if not len(others):
        return np.zeros(len(records), np.bool_), np.zeros(len(records), RECORD)
    places = np.searchsorted(others["hash"], records["hash"])
    found = others[np.minimum(places, len(others) - 1)]
    return found["hash"] == records["hash"], found
