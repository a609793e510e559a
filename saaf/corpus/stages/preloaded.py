"""What every process that runs tasks needs, loaded once by the server that the processes are forked from."""

from __future__ import annotations

from saaf.corpus.stages import not_loaded, publish, read, reporting
from saaf.dedupe.characters import packed_tables

not_loaded.keep_out()
packed_tables()  # a fifth of a second of CPU time, kept by `functools.cache`

__all__ = ["publish", "read", "reporting"]
