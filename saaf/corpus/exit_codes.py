"""The exit codes of `saaf` and of `scrapy crawl`, and what each means."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes, as `saaf --help` and the reference list them."""

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
