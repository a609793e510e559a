"""The process around a command: its arguments, its standard streams, and the exit code that it ends with."""

# rich is imported where something is drawn, so that a command in a pipe does not wait for it.
# ruff: noqa: PLC0415

from __future__ import annotations

import errno
import io
import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import typer
import typer.core

from saaf.cli.commands import CommandError
from saaf.corpus.exit_codes import Exit
from saaf.extras import NotInstalledError

if TYPE_CHECKING:
    from collections.abc import Sequence

_WRITE_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)


class PlainGroup(typer.core.TyperGroup):
    """The commands, with Typer's errors of usage in plain words."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command; a value that it does not know is named without the words "Value error"."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = error.message.removeprefix("Value error, ") + _where(error)
            raise


def _where(error: typer.BadParameter) -> str:
    """Return in which file a wrong value is, "" where the command line has it."""
    context, parameter = error.ctx, error.param
    if context is None or parameter is None or parameter.name not in (context.default_map or {}):
        return ""
    source = context.get_parameter_source(parameter.name)
    from_file = source is None or source.name == "DEFAULT_MAP"
    return f" (in {context.params.get('_config')})" if from_file else ""


def run(app: typer.Typer) -> None:
    """Run the command that the arguments name; an error that a user can correct is one sentence on standard error."""
    _open_closed_streams()
    _take_every_script()
    _refuse_empty_arguments(sys.argv[1:])
    try:
        _run_app(app)
    except CommandError as error:
        _fail(str(error), error.code)
    except NotInstalledError as error:
        _fail(str(error), Exit.CONFIGURATION)
    except (PermissionError, IsADirectoryError, NotADirectoryError, FileNotFoundError) as error:
        _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error), Exit.INPUT)
    except OSError as error:
        if error.filename or error.errno not in _WRITE_ERRORS:
            raise
        _discard_output()
        _fail(f"standard output cannot be written: {error.strerror}", Exit.OUTPUT)


def _run_app(app: typer.Typer) -> None:
    """Run the command; end without a message where the reader of its output ends first, as `head` does."""
    try:
        try:
            app(prog_name="saaf")
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        _discard_output()
        sys.exit(Exit.UNREAD)
    except SystemExit as end:  # typer's own answer to a broken pipe is the exit code of a defect
        sys.exit(Exit.UNREAD if isinstance(end.__context__, BrokenPipeError) else end.code)


def _open_closed_streams() -> None:
    """Open the standard streams that are closed (`>&-`) on nothing: the next file would take their number."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))


def _take_every_script() -> None:
    """Let the standard streams take text in every script, where the locale or PYTHONIOENCODING names another encoding.

    A pipe or a file gets UTF-8. A terminal cannot show it, and who sets PYTHONIOENCODING wants no other: there a
    character that the encoding has not is escaped.
    """
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper) or stream.encoding.lower().startswith("utf"):
            continue
        if not stream.isatty() and not os.environ.get("PYTHONIOENCODING"):
            stream.reconfigure(encoding="utf-8", errors=stream.errors)
        elif stream.errors in ("strict", "surrogateescape"):
            stream.reconfigure(errors="backslashreplace")


def _refuse_empty_arguments(arguments: Sequence[str]) -> None:
    """End the command where an argument is empty, as of a shell variable without a value: no option takes that."""
    for before, argument in zip(("saaf", *arguments), arguments, strict=False):
        name, equals, value = argument.partition("=")
        if not argument:
            _fail(f"the argument after {before} is empty: give it a value, or leave it out", Exit.USAGE)
        if equals and not value and name.startswith("--"):
            _fail(f"{name} is empty: give it a value, or leave it out", Exit.USAGE)


def _discard_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more when it ends


def _fail(message: str, code: Exit) -> NoReturn:
    from saaf.cli.terminal import one_line

    sys.stderr.write(f"saaf: {one_line(message)}\n")
    sys.exit(code)
