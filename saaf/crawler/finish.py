"""After the crawl: the corpus is built from the capture, and a few lines say where everything is."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from saaf.corpus.atomic_files import BusyError
from saaf.corpus.build import build as build_corpus
from saaf.corpus.exit_codes import Exit
from saaf.corpus.ledger import LedgerError
from saaf.corpus.settings import BuildSettings
from saaf.corpus.workers import WorkersError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from saaf.corpus.build import BuildSummary

    from .capture import Capture
    from .config import Config


INTERRUPTED = 130  # 128 and SIGINT's number, as shells have it


class BuildFailed(Exception):  # noqa: N818  (an outcome, named as Scrapy names its own)
    """The corpus could not be built; the message says why and what to do, `exit_code` is the command's."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def build(config: Config, name: str) -> BuildSummary:
    """Build the corpus of a finished capture beside it; raise `BuildFailed` where that cannot be done."""
    settings = BuildSettings(
        dump=name,
        workers=config.workers,
        timeout=config.timeout,
        keep=config.keep,
        split_appended=config.split_appended,
    )
    with _explained(config):
        try:
            return build_corpus(
                [config.capture_path], config.output, settings=settings, report_progress=_report_progress
            )
        finally:
            _report_progress("", 0, None)


def _report_progress(step: str, done: int, total: int | None) -> None:
    """Overwrite one line of standard error with the step and how far it is; write nothing where that is no terminal."""
    if sys.stderr.isatty():
        count = f" {done}/{total}" if total else f" {done}" if done else ""
        sys.stderr.write(f"\r\x1b[K{step}{count}")
        sys.stderr.flush()


def report(config: Config, capture: Capture, summary: BuildSummary | None) -> str:
    """Return what to say when all is done; `summary` is None where no corpus was built."""
    lines = list(summary.lines()) if summary else []
    lines.append(f"capture     {capture.records} responses in {config.capture_path} (the crawl: {capture.ended})")
    lines.append(f"report      {summary.report}" if summary else f"not built   {command(config)} builds the corpus")
    return "\n".join(lines) + "\n"


def command(config: Config) -> str:
    """Return the command that builds the corpus of the capture."""
    wanted = [*(f" --keep '{rule}'" for rule in config.keep), " --split-appended" if config.split_appended else ""]
    return f"saaf build {config.capture_path} -o {config.output}{''.join(wanted)}"


@contextmanager
def _explained(config: Config) -> Iterator[None]:
    """Turn what can go wrong outside our code into `BuildFailed`; a bug keeps its traceback."""
    later = f"The capture is whole; to build from it: {command(config)}"
    try:
        yield
    except KeyboardInterrupt:
        raise BuildFailed(f"the build was interrupted. {later}", INTERRUPTED) from None
    except LedgerError as error:
        raise BuildFailed(f"{error}. {later}", Exit.LEDGER) from error
    except BusyError as error:
        raise BuildFailed(f"{error}. {later}", Exit.OUTPUT) from error
    except WorkersError as error:
        raise BuildFailed(f"{error}. {later}", Exit.DEFECT) from error
    except OSError as error:
        what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        raise BuildFailed(f"the corpus could not be written ({what}). {later}", Exit.OUTPUT) from error
