"""What `saaf clean --skip-types` leaves out: pages without content of their own."""

# ruff: noqa: PLC0415  (one page is clean at once: what the option needs is imported where it is given)

from __future__ import annotations

from typing import TYPE_CHECKING

from saaf.cli.terminal import note

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from saaf.cleaning import CleanDocument
    from saaf.corpus.records import Record

    Rows = Iterator[tuple[Record, CleanDocument, int]]

_NAMED = 10


def without_skipped(rows: Rows, skip_types: Sequence[str], left_out: list[str]) -> Rows:
    """Yield the rows with content of their own; a line on each of the others is appended to `left_out`."""
    from saaf.corpus.no_content import REMNANT_TOKENS, no_content_reason
    from saaf.corpus.selection import summarise_document

    for record, document, part in rows:
        summary = summarise_document(part, record, document, key=record.key)
        if reason := no_content_reason(summary, skip_types, REMNANT_TOKENS):
            left_out.append(f"{record.key}: {reason}")
        else:
            yield record, document, part


def note_left_out(left_out: Sequence[str]) -> None:
    """Say on standard error what was left out, the first ten by name."""
    if left_out:
        pages = "1 page" if len(left_out) == 1 else f"{len(left_out):,} pages"
        more = f"; and {len(left_out) - _NAMED:,} more" if len(left_out) > _NAMED else ""
        note(f"left out {pages} without content of their own: {'; '.join(left_out[:_NAMED])}{more}")
