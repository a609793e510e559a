"""Sentence on a capture that could not be written."""

from __future__ import annotations

from saaf.atomic_files import BusyError


def write_failure(error: Exception, directory: str) -> str:
    """Return the sentence that says why the capture in a directory could not be written."""
    if isinstance(error, BusyError):
        return str(error)
    where, why = directory, str(error)
    if isinstance(error, OSError):
        where, why = error.filename or where, error.strerror or why
    later = "what was captured before stays: mend that, and start the same crawl again"
    return f"the capture could not be written: {where}: {why}; {later}"
