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
    NOTHING_FETCHED = 6
    LIMIT = 7
    CONFIGURATION = 8
    UNSOUND = 9
    LOST = 10
    UNREADABLE = 11
    INTERRUPTED = 130
    UNREAD = 141
    TERMINATED = 143


MEANINGS = {
    Exit.DONE: "success; inputs that `build` or `dedupe` left out are in `ledger/`, each with its reason",
    Exit.DEFECT: "a bug in saaf: please report it with the traceback",
    Exit.USAGE: "the command line is wrong: an unknown option, or a value that cannot be used",
    Exit.INPUT: "an input does not exist or would be replaced, and nothing is written; or one cannot be read, and the "
    "others are written; or no document is found, and what was there before stays",
    Exit.LEDGER: "a bug: the ledger contradicts itself or two near-duplicates are kept; nothing is written: please "
    "report it",
    Exit.OUTPUT: "the output cannot be written, has a file that saaf did not write where a corpus has one of its own "
    "(others stay as they are), or another process is writing to it",
    Exit.NOTHING_FETCHED: "a crawl got no response at all, as without a network; what was there before stays",
    Exit.LIMIT: "a crawl ended at a limit (of pages, time, errors or memory) or was ended by its spider; what it has "
    "is kept, and the same command goes on",
    Exit.CONFIGURATION: "a setting in `saaf.toml` or of a crawl cannot be used, and it is not the command line that "
    "sets it; or what it needs is not installed",
    Exit.UNSOUND: "`verify` found a corpus that is not as it was published, or `replay` a document that comes out "
    "otherwise",
    Exit.LOST: "a stage of a build left out a larger share of a language or host than `--max-lost` allows; nothing is "
    "published",
    Exit.UNREADABLE: "a larger share of the inputs is unreadable than `--max-unreadable` allows; nothing is published",
    Exit.INTERRUPTED: "interrupted (Ctrl-C); an older corpus in the output directory is still whole, and the same "
    "command goes on",
    Exit.UNREAD: "the program that reads the output ended first, as `head` does",
    Exit.TERMINATED: "asked to end (SIGTERM): as after Ctrl-C; a crawl that is asked to end builds no corpus",
}
