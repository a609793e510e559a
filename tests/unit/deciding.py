"""What the decision keeps, with the model's own judgement or another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy

from saaf.cleaning import Document, apply_removals
from saaf.cleaning.decision.decide import decide

if TYPE_CHECKING:
    import pytest


def kept(document: Document) -> str:
    return apply_removals(document.text, decide(document).removals)


def decided(monkeypatch: pytest.MonkeyPatch, document: Document, sure: dict[str, float]) -> list[str]:
    """Return the lines kept where the model is as sure as told of the lines that begin so, and not of any other."""
    lines = [document.text[block.start : block.end] for block in document.blocks]
    told = [next((value for start, value in sure.items() if line.startswith(start)), 0.001) for line in lines]
    monkeypatch.setattr("saaf.cleaning.decision.decide.probabilities", lambda *_: numpy.array(told))
    return kept(document).split("\n")
