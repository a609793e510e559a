"""`saaf dedupe`: near-duplicates among texts as they are, with the tables and the report of a build."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from corpus.commands import build

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def run(inputs: Sequence[Path], output: Path, **options: Any) -> None:
    """Compare, show progress, print the summary and where the report is."""
    build.run(inputs, output, **options, clean=False, min_tokens=0)
