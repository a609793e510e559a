"""Test helpers: the text that the block decision keeps, by the classifier's probabilities or by given ones."""

from __future__ import annotations

import numpy

from saaf.cleaning import Document, apply_removals
from saaf.cleaning.decision.decide import decide


def kept(document: Document) -> str:
    """Return the text that the decision keeps."""
    return apply_removals(document.text, decide(document).removals)


def decided(document: Document, by_beginning: dict[str, float]) -> list[str]:
    """Return the lines kept with these probabilities of the lines that begin so, and 0.001 of any other."""
    lines = [document.text[block.start : block.end] for block in document.blocks]
    probability = [
        next((own for start, own in by_beginning.items() if line.startswith(start)), 0.001) for line in lines
    ]
    removals = decide(document, probability=numpy.array(probability)).removals
    return apply_removals(document.text, removals).split("\n")
