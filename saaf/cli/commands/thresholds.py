"""`saaf thresholds`: thresholds of quality derived from a corpus, as TOML."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from saaf.atomic_files import atomic_write
from saaf.cleaning.quality.derive import derive_thresholds
from saaf.cli.commands import CommandError
from saaf.cli.commands.errors import corpus_errors
from saaf.cli.terminal import progress
from saaf.corpus.corpus_histograms import corpus_histograms
from saaf.corpus.exit_codes import Exit
from saaf.corpus.quality_filter import write_toml

if TYPE_CHECKING:
    from pathlib import Path

    from saaf.cleaning.quality.derive import Method


def run_thresholds(corpus: Path, output: Path | None, *, method: Method, tail: float, min_documents: int) -> None:
    """Print the thresholds, or write them to the file `output`."""
    if output is not None and output.suffix != ".toml":
        raise CommandError(f"{output}: give the file of thresholds a name that ends with .toml", Exit.USAGE)
    with corpus_errors(corpus), progress("counting"):
        histograms = corpus_histograms(corpus)
    if not any(histograms.bins.values()):
        raise CommandError(
            f"{corpus} has no quality signals to derive thresholds from: build it again with `saaf build`", Exit.INPUT
        )
    try:
        derived = derive_thresholds(histograms, method=method, tail=tail, min_documents=min_documents)
    except ValueError as error:
        raise CommandError(str(error), Exit.USAGE) from error
    if not derived.thresholds:
        reasons = "; ".join(f"{key}: {reason}" for key, reason in sorted(derived.without.items()))
        hint = "" if max(histograms.documents.values()) >= min_documents else "; --min-documents takes a smaller number"
        raise CommandError(f"no thresholds can be derived from {corpus}: {reasons}{hint}", Exit.INPUT)
    text = write_toml(derived)
    if output is None:
        sys.stdout.write(text)
        return
    try:
        with atomic_write(output) as partial:
            partial.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{output} cannot be written: {error.strerror or error}", Exit.OUTPUT) from error
