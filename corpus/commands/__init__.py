"""The commands of `saaf`, one module each; `corpus.cli` imports a module when its command runs."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of `saaf`, as `saaf --help` and the reference give them."""

    DONE = 0
    DEFECT = 1
    USAGE = 2
    INPUT = 3
    LEDGER = 4
    OUTPUT = 5
    INTERRUPTED = 130
    UNREAD = 141


MEANINGS = {
    Exit.DONE: "done; inputs that `build` or `dedupe` could not use are in the ledger, each with its reason",
    Exit.DEFECT: "a defect of saaf itself: please report the traceback",
    Exit.USAGE: "the command line is wrong",
    Exit.INPUT: "an input is missing or cannot be read; what could be made is made",
    Exit.LEDGER: "the counts do not add up: do not use the output, and please report it",
    Exit.OUTPUT: "the output cannot be written",
    Exit.INTERRUPTED: "interrupted; a corpus that was there before is whole",
    Exit.UNREAD: "what read the output left before its end, as `head` does",
}


class CommandError(Exception):
    """What ends a command with one sentence on standard error: what is wrong, with which file, and what to do."""

    def __init__(self, message: str, code: Exit) -> None:
        super().__init__(message)
        self.code = code
