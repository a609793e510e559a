"""How a crawl ended: the exit code and the sentence for Scrapy's finish reason and the signal that came."""

from __future__ import annotations

import signal
from dataclasses import dataclass

from saaf.corpus.exit_codes import Exit
from saaf.crawler.capture.extension import OUT_OF_PATIENCE

FINISHED = "finished"
SHUTDOWN = "shutdown"
CAPTURE_FAILED = "capture_failed"
BROWSER_FAILED = "browser_failed"
START_ERROR = "start_error"
INTERRUPTED = "interrupted"  # ours: the second signal ended the crawl before it could close itself
_GO_ON = "the same command goes on where it ended"
_LIMITS = {
    "closespider_pagecount": "its limit of pages (--max-pages, CLOSESPIDER_PAGECOUNT)",
    "closespider_timeout": "its limit of time (CLOSESPIDER_TIMEOUT)",
    "closespider_itemcount": "its limit of documents (CLOSESPIDER_ITEMCOUNT)",
    "closespider_errorcount": "its limit of errors (CLOSESPIDER_ERRORCOUNT)",
    "closespider_timeout_no_item": "its limit of time without a document (CLOSESPIDER_TIMEOUT_NO_ITEM)",
    "closespider_pagecount_no_item": "its limit of pages without a document (CLOSESPIDER_PAGECOUNT_NO_ITEM)",
    "memusage_exceeded": "its limit of memory (MEMUSAGE_LIMIT_MB)",
    OUT_OF_PATIENCE: "its limit of waiting (SAAF_PATIENCE) for hosts that asked to be left alone, which have URLs left",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a crawl ended.

    `code` is the exit code, `message` one sentence for standard error, None where the crawl came to its end. `builds`
    says whether a corpus is built now.
    """

    code: Exit
    message: str | None
    builds: bool


def ending(reason: str | None, first_signal: int | None) -> Ending:
    """Return how a crawl ended by Scrapy's finish reason, and by the number of the first signal, None for none.

    A `reason` of None means that the spider never opened.
    """
    if reason == FINISHED:
        return Ending(code=Exit.DONE, message=None, builds=True)
    if reason in (SHUTDOWN, INTERRUPTED) or first_signal is not None:
        if first_signal == signal.SIGTERM:
            # Who sends it (Kubernetes, Slurm, systemd) soon sends SIGKILL: there is no time to build.
            return Ending(code=Exit.TERMINATED, message=f"the crawl was asked to end; {_GO_ON}", builds=False)
        return Ending(code=Exit.INTERRUPTED, message=f"the crawl was interrupted; {_GO_ON}", builds=True)
    if reason is None or reason == START_ERROR:
        message = "the spider could not start: the error is in the log above"
        return Ending(code=Exit.DEFECT, message=message, builds=reason is not None)
    if reason == CAPTURE_FAILED:
        return Ending(code=Exit.OUTPUT, message="the capture could not be written", builds=False)
    if reason == BROWSER_FAILED:
        what = (
            "SAAF_BROWSER_PATH names it, and where it runs as root, or in a container, it needs SAAF_BROWSER_SANDBOX=0"
        )
        return Ending(code=Exit.CONFIGURATION, message=f"the browser could not be started: {what}", builds=False)
    limit = _LIMITS.get(reason)
    what = f"the crawl reached {limit}" if limit else f"the spider ended the crawl ({reason})"
    return Ending(code=Exit.LIMIT, message=f"{what}; {_GO_ON}", builds=True)
