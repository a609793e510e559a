"""The exit codes of `saaf` and of `scrapy crawl`, and what each means."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of a process; `saaf --help` and the reference list them with their meanings."""

    DONE = 0
    DEFECT = 1
    USAGE = 2
    INPUT = 3
    LEDGER = 4
    OUTPUT = 5
    INTERRUPTED = 130
    UNREAD = 141


MEANINGS = {
    Exit.DONE: "success; inputs that `build` or `dedupe` left out are in `ledger.parquet`, each with its reason",
    Exit.DEFECT: "a bug in saaf: please report it with the traceback",
    Exit.USAGE: "the command line is wrong: an unknown option, or a value that cannot be used",
    Exit.INPUT: "an input does not exist or would be replaced, and nothing is written; or one cannot be read, and the "
    "others are written; or no document is found, and what was there before stays",
    Exit.LEDGER: "a bug: the ledger contradicts itself or two near-duplicates are kept; nothing is written: please "
    "report it",
    Exit.OUTPUT: "the output cannot be written, has files that saaf did not write, or another process is writing to it",
    Exit.INTERRUPTED: "interrupted; an older corpus in the output directory is still whole",
    Exit.UNREAD: "the program that reads the output ended first, as `head` does",
}
