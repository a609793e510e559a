"""Signals that end a command: Ctrl-C and SIGTERM end it in order, with a sentence that says how to go on."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from saaf.cli.commands import CommandError
from saaf.corpus.exit_codes import Exit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


class _TerminatedError(BaseException):
    """SIGTERM came: no handler of exceptions may take it for a fault of a page."""


@contextmanager
def resumable(work: str) -> Iterator[None]:
    """Turn Ctrl-C and SIGTERM in the block into `CommandError`; `work` says where what is done is kept."""
    message = f"what is done is kept in {work}: the same command goes on from there"
    try:
        with _sigterm_raises():
            yield
    except KeyboardInterrupt:
        raise CommandError(f"interrupted; {message}", Exit.INTERRUPTED) from None
    except _TerminatedError:
        raise CommandError(f"asked to end (SIGTERM); {message}", Exit.TERMINATED) from None


@contextmanager
def _sigterm_raises() -> Iterator[None]:
    """Raise `_TerminatedError` where SIGTERM comes, unless the process answers to it in a way of its own already."""
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    def terminate(_signal: int, _frame: FrameType | None) -> None:
        raise _TerminatedError

    signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
