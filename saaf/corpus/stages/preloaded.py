"""What every process that runs tasks needs, loaded once by the server that the processes are forked from."""

from __future__ import annotations

import pyarrow

from saaf.corpus.stages import publish, read, reporting
from saaf.corpus.stages.not_loaded import kept_out
from saaf.dedupe.characters import packed_tables

with kept_out():
    pyarrow.array([0])  # pyarrow looks for pandas at its first list, once
packed_tables()  # a fifth of a second of CPU time, kept by `functools.cache`

__all__ = ["publish", "read", "reporting"]
