"""Loading of the compiled code of fingerprints, before it is needed: for a process from which others are forked."""

from __future__ import annotations

from saaf.dedupe import engine
from saaf.dedupe.columns import column
from saaf.dedupe.index_sketches import sketch
from saaf.dedupe.settings import Settings

_TEXT = "The ferry to the old harbour goes at six, and the market on the other side opens an hour later."


def load_compiled() -> None:
    """Load the compiled loops, where numba is installed, and use them from the first text on."""
    engine.compiled_kernels(engine.NUMBA_MIN_CODE_POINTS)  # the size from which it is used
    for texts in (column([_TEXT]), [_TEXT]):
        sketch(texts, Settings())
