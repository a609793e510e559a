"""Errors that a user can correct, as the sentence and the exit code that a command ends with."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from saaf.atomic_files import BusyError
from saaf.cli.commands import CommandError
from saaf.corpus.corpus_tables import NotACorpusError, is_corpus
from saaf.corpus.exit_codes import Exit
from saaf.corpus.ledger import LedgerError, LossError, UnreadableError
from saaf.corpus.output_guards import OutputError
from saaf.corpus.parquet import DamagedTableError
from saaf.corpus.readers import InputError
from saaf.corpus.stages.cluster import EngineError
from saaf.corpus.workers import WorkersError
from saaf.dedupe.index import BusyIndexError, UnusableIndexError

if TYPE_CHECKING:
    from collections.abc import Iterator


def searched_corpora(corpus: Path | None) -> list[Path]:
    """Return the corpora that a command searches: the one that is named, else this directory and those in out/."""
    corpora = [corpus] if corpus else [Path(), *sorted(Path("out").glob("*/"))]
    return [path for path in corpora if is_corpus(path, is_named=corpus is not None)]


@contextmanager
def user_errors(output: Path) -> Iterator[None]:
    """Turn what the block raises, if a user can correct it, into `CommandError`; the block writes to `output`."""
    if output.exists() and not output.is_dir():
        raise CommandError(f"{output} is a file; give the name of a directory to write to", Exit.OUTPUT)
    try:
        yield
    except InputError as error:
        raise CommandError(str(error), Exit.INPUT) from error
    except LossError as error:
        code = Exit.UNREADABLE if isinstance(error, UnreadableError) else Exit.LOST
        raise CommandError(str(error), code) from error
    except (BusyError, OutputError) as error:
        raise CommandError(str(error), Exit.OUTPUT) from error
    except WorkersError as error:
        raise CommandError(f"{error}; nothing was written to {output}", Exit.DEFECT) from error
    except EngineError as error:
        raise CommandError(str(error), Exit.CONFIGURATION) from error
    except LedgerError as error:
        raise CommandError(
            f"this is a defect of saaf: {error}; nothing was written, please report it", Exit.LEDGER
        ) from error
    except OSError as error:
        where = error.filename or output
        reason = os.strerror(error.errno) if error.errno else str(error)  # Arrow's texts have more than one line
        raise CommandError(f"{where}: {reason}; nothing was written to {output}", Exit.OUTPUT) from error


@contextmanager
def index_errors() -> Iterator[None]:
    """Turn the error of an index that cannot be used, or is in use, into `CommandError`."""
    try:
        yield
    except UnusableIndexError as error:
        raise CommandError(str(error), Exit.INPUT) from error
    except BusyIndexError as error:
        raise CommandError(str(error), Exit.OUTPUT) from error


@contextmanager
def corpus_errors(corpus: Path) -> Iterator[None]:
    """Turn the error of a corpus that cannot be read, or whose report cannot be written, into `CommandError`."""
    try:
        yield
    except (NotACorpusError, DamagedTableError) as error:
        raise CommandError(str(error), Exit.INPUT) from error
    except BusyError as error:
        raise CommandError(str(error), Exit.OUTPUT) from error
    except OSError as error:
        where = error.filename or corpus
        raise CommandError(f"{where}: {error.strerror or error}", Exit.OUTPUT) from error
