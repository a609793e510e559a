"""The histograms of the quality signals of a corpus, counted over its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from saaf.cleaning.quality.histograms import Histograms
from saaf.cleaning.quality.signal_table import SIGNALS
from saaf.corpus.corpus_tables import column_names, iter_batches, opened_corpus
from saaf.corpus.file_names import DATA, REJECTED
from saaf.corpus.ledger import State
from saaf.corpus.text_columns import QUALITY_PREFIX

if TYPE_CHECKING:
    from pathlib import Path

# Documents that are none, or that nobody wanted: a build derives thresholds without them, too.
_NOT_COUNTED = (State.EMPTY, State.TOO_SHORT, State.WRONG_LANGUAGE, State.NO_OWN_CONTENT)
_ROWS = 10_000


def corpus_histograms(corpus: Path) -> Histograms:
    """Return the histograms of the documents of a corpus that have text enough and are in a wanted language.

    Those that were left out for another reason count, too. Documents without signals do not. Raises as `opened_corpus`
    does.
    """
    histograms = Histograms()
    with opened_corpus(corpus):
        for table in (DATA, REJECTED):
            _add_table(histograms, corpus, table)
    return histograms


def _add_table(histograms: Histograms, corpus: Path, table: str) -> None:
    names = column_names(corpus, table)
    signals = [signal.name for signal in SIGNALS if QUALITY_PREFIX + signal.name in names]
    columns = ["language", "language_script", *(["state"] if table == REJECTED else [])]
    if not signals:
        return
    for batch in iter_batches(corpus, table, [*columns, *(QUALITY_PREFIX + name for name in signals)], rows=_ROWS):
        for row in batch.to_pylist():
            values = {name: row[QUALITY_PREFIX + name] for name in signals}
            counted = row.get("state") not in _NOT_COUNTED and any(value is not None for value in values.values())
            if counted:
                histograms.add(row["language"], row["language_script"], values)
