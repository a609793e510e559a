"""A temporary file of the clean documents between the first and the second pass; worker processes read it too."""

from __future__ import annotations

import pickle
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path

    from saaf.cleaning.types import CleanDocument
    from saaf.corpus.records import Record


class DocumentStore:
    """Append-only file of pickled (record, clean document) pairs; a context manager that deletes the file at its end.

    `sites` has the id and the byte offset of each document, by site ("" where the page has no URL).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stream = path.open("w+b")
        self.sites: dict[str, list[tuple[str, int]]] = defaultdict(list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        self.path.unlink()

    def append(self, record: Record, clean: CleanDocument) -> None:
        """Write a record, without the body of its page, and its clean document."""
        page = replace(record.page, body=b"") if record.page else None
        offset = self._stream.seek(0, 2)
        pickle.dump((replace(record, page=page), clean), self._stream, pickle.HIGHEST_PROTOCOL)
        self.sites[clean.document.site].append((clean.document.id, offset))

    def flush(self) -> None:
        """Write buffered documents to the file, so that other processes can load them."""
        self._stream.flush()

    def load(self, offset: int) -> tuple[Record, CleanDocument]:
        """Return the record and the document at a byte offset, as they were appended."""
        return load_document(self.path, offset)


def load_document(path: Path, offset: int) -> tuple[Record, CleanDocument]:
    """Return the record and the document at a byte offset of a store's file: what a worker process has of the store."""
    with path.open("rb") as stream:
        stream.seek(offset)
        loaded: tuple[Record, CleanDocument] = pickle.load(stream)  # noqa: S301  (this build's own file)
        return loaded
