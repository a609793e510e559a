"""What every process that runs tasks needs, loaded once by the server that the processes are forked from."""

from __future__ import annotations

from saaf.corpus.stages import publish, read
from saaf.dedupe.characters import packed_tables

packed_tables()  # a second of CPU time, kept by `functools.cache`

__all__ = ["publish", "read"]
