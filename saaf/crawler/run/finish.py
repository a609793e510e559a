"""The build after a crawl: the corpus is built from the capture, and a summary says where everything is."""

from __future__ import annotations

import logging
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from shlex import quote
from typing import TYPE_CHECKING, Any

from saaf.atomic_files import BusyError
from saaf.cleaning.text.fasttext_file import read_language_model
from saaf.corpus.exit_codes import Exit
from saaf.corpus.file_names import DATA, MANIFEST
from saaf.corpus.ledger import LedgerError, LossError, UnreadableError
from saaf.corpus.progress import StepMeter, counted, progress_lines
from saaf.corpus.rights import RightsPolicy
from saaf.corpus.user_packs import read_packs
from saaf.crawler.run.status_line import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from saaf.corpus.build import BuildSummary
    from saaf.corpus.settings import BuildSettings, Progress
    from saaf.crawler.capture.extension import CaptureExtension
    from saaf.crawler.config import Config

logger = logging.getLogger(__name__)


class BuildError(Exception):
    """The corpus could not be built; the message says why and what to do, `exit_code` is that of the command."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def build_from_capture(config: Config, *, build: Callable[..., BuildSummary] | None = None) -> BuildSummary:
    """Build the corpus from a finished capture, into `config.output`; raise `BuildError` where that cannot be done.

    `build` is the function that builds it, with the arguments of `saaf.corpus.build.build`; None for that one.
    """
    # Not at the top: it loads pyarrow and all of the cleaning, 100 MB that a crawl does without.
    from saaf.corpus.build import build as build_corpus  # noqa: PLC0415
    from saaf.corpus.settings import pack_faults  # noqa: PLC0415  # as above
    from saaf.corpus.stages.fork_server import set_fork_aside  # noqa: PLC0415  # as above

    settings = build_settings(config)
    for fault in pack_faults(settings):
        logger.warning("%s", fault)
    if build is None:
        set_fork_aside()
        build = build_corpus
    with _build_errors(config), _build_progress(config.progress) as report_progress:
        return build(
            [config.capture_path],
            config.output,
            settings=settings,
            report_progress=report_progress,
            notify=lambda sentence: _write(f"saaf: {sentence}\n"),
        )


def build_settings(config: Config) -> BuildSettings:
    """Return the settings of the build after a crawl. Raises ValueError where a value of the configuration is wrong.

    Spider and product tokens are not among them: they are those that the capture records, as in each later build of it.
    """
    from saaf.corpus.settings import BuildSettings, parsed_fields  # noqa: PLC0415  # as above

    of_crawl = {
        "workers": config.workers,
        "timeout": config.timeout,
        "keep": config.keep,
        "split_appended": config.split_appended,
        "rules": read_packs(config.rules),
        "rights": config.rights,
    }
    of_file = config.configuration.build_fields()
    of_file |= parsed_fields(config.configuration.values)
    if config.lid:
        of_crawl["lid"] = read_language_model(config.lid)
    return BuildSettings(**of_file | of_crawl)


@contextmanager
def _build_progress(interval: float) -> Iterator[Progress]:
    """Show how the build stands while the block runs: in the last line of a terminal, elsewhere in a line now and then.

    `interval` is in seconds (SAAF_PROGRESS); 0 shows nothing.
    """
    meter = StepMeter("building the corpus", time.monotonic())
    if not interval:
        yield lambda *_: None
    elif not sys.stderr.isatty():
        with progress_lines(meter, lambda line: _write(f"saaf: {line}\n"), interval) as report_progress:
            yield report_progress
    else:

        def show(step: str, done: int, total: int | None) -> None:
            meter.update(step, done, total, time.monotonic())
            _write(one_line(meter.line(time.monotonic())))

        try:
            yield show
        finally:
            _write(one_line(""))


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


def format_summary(config: Config, capture: CaptureExtension, summary: BuildSummary | None) -> str:
    """Return the summary that is printed at the end, as lines; `summary` is None where no corpus was built.

    Where this run found no document, which another sentence says, it has the capture alone, and where the corpus has
    documents of earlier runs their number.
    """
    lines: list[str] = []
    if summary and summary.documents:
        earlier = f"documents   {summary.documents} of earlier runs, none of this one, in {summary.output / DATA}"
        lines += summary.lines() if capture.no_document is None else [earlier]
    lines.append(_capture_line(capture))
    if config.has_browser:
        lines.append(f"rendered    {_rendered(capture)}")
    if summary:
        lines.append(f"report      {summary.report}")
    elif capture.no_document is None or config.shard is not None:  # other shards may have documents
        lines.append(f"not built   {build_command(config)} builds the corpus")
    return "\n".join(lines) + "\n"


def _rendered(capture: CaptureExtension) -> str:
    """Return in words how many pages of this run a browser rendered, and how many it could not."""
    pages, failed = capture.rendered_count, capture.unrendered_count
    words = f"{counted(pages, 'page')} by the browser"
    if not failed:
        return words
    stay = "1 other, which stays as it came" if failed == 1 else f"{failed} others, which stay as they came"
    return f"{words}; it could not render {stay} (the log says why)"


def _capture_line(capture: CaptureExtension) -> str:
    count = counted(capture.record_count, "response")
    ended = f"(the crawl: {capture.finish_reason})"
    if capture.is_discarded:
        return f"capture     {count} of this run not kept {ended}; {capture.directory} has those of the earlier replay"
    of_run = " of this run" if capture.run > 1 else ""
    return f"capture     {count}{of_run} in {capture.directory} {ended}"


def corpus_time(config: Config) -> str | None:
    """Return when the corpus in the output was written, to the minute in UTC; None where there is none."""
    try:
        written = (config.output / MANIFEST).stat().st_mtime
    except OSError:
        return None
    return datetime.fromtimestamp(written, UTC).strftime("%Y-%m-%d %H:%M UTC")


def why_no_document(
    config: Config, capture: CaptureExtension, summary: BuildSummary | None, older: str | None = None
) -> str | None:
    """Return the sentence that says why there is no document: of the crawl, else of the build; None where there is.

    `older` is when the corpus was written that was there before (`corpus_time`), None for none.
    """
    if capture.no_document is not None and older is not None:
        return f"{capture.no_document}; this run adds no document, and the corpus of {older} in {config.output} stays"
    if capture.no_document is not None or summary is None or summary.documents:
        return capture.no_document
    from saaf.corpus.corpus_tables import ledger_reasons  # noqa: PLC0415  # as above

    return f"the corpus holds no document: {ledger_reasons(config.output)}"


_SETTINGS_OF_A_CRAWL = ("keep", "lid", "rights", "rules", "split_appended")
"""The keys of saaf.toml that `Config` has fields for."""


def build_command(config: Config) -> str:
    """Return the command line that builds the corpus from the capture, as the crawl would have built it."""
    where = f"{config.capture_path} -o {config.output}"
    if config.shard is not None:
        whole = config.whole_output
        where = f"{whole / config.shard.pattern / config.capture_path.name} -o {whole / 'corpus'}"
    options = [f" --keep {quote(rule)}" for rule in config.keep]
    options += [f" --rules {quote(str(each))}" for each in config.rules]
    if config.lid:
        options.append(f" --lid {quote(str(config.lid))}")
    if config.split_appended:
        options.append(" --split-appended")
    if config.rights is RightsPolicy.SKIP:
        options.append(" --rights skip")
    others = {key: value for key, value in config.build_options.items() if key not in _SETTINGS_OF_A_CRAWL}
    options += [f" {words}" for key, value in others.items() for words in _option(key, value)]
    if config.configuration_is_given:
        options.append(f" --config {config.configuration.path}")
    return f"saaf build {where}{''.join(options)}"


def _option(key: str, value: Any) -> list[str]:
    """Return an option of `saaf build`, as often as it is to be given, for a shell."""
    name = f"--{key.replace('_', '-')}"
    if isinstance(value, bool):
        return [name] if value else []
    return [f"{name} {quote(str(one))}" for one in (value if isinstance(value, list) else [value])]


@contextmanager
def _build_errors(config: Config) -> Iterator[None]:
    """Raise errors of input, disk, ledger, lock and workers as `BuildError`; a bug keeps its traceback."""
    from saaf.corpus.output_guards import OutputError  # noqa: PLC0415  # as above
    from saaf.corpus.readers import InputError  # noqa: PLC0415
    from saaf.corpus.workers import WorkersError  # noqa: PLC0415

    later = f"The capture is whole; to build from it: {build_command(config)}"
    try:
        yield
    except KeyboardInterrupt:
        raise BuildError(f"the build was interrupted. {later}", Exit.INTERRUPTED) from None
    except LedgerError as error:
        raise BuildError(f"{error}. {later}", Exit.LEDGER) from error
    except InputError as error:
        raise BuildError(f"{error}. The capture is whole.", Exit.INPUT) from error
    except LossError as error:
        if isinstance(error, UnreadableError):
            raise BuildError(f"{error}. {later} --max-unreadable 1", Exit.UNREADABLE) from error
        raise BuildError(f"{error}. {later}", Exit.LOST) from error
    except (BusyError, OutputError) as error:
        raise BuildError(f"{error}. {later}", Exit.OUTPUT) from error
    except WorkersError as error:
        raise BuildError(f"{error}. {later}", Exit.DEFECT) from error
    except OSError as error:
        what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        raise BuildError(f"the corpus could not be written ({what}). {later}", Exit.OUTPUT) from error
