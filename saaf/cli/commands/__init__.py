"""The commands of `saaf`, one module each; `saaf.cli.app` imports a module when its command runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from saaf.corpus.exit_codes import Exit


class CommandError(Exception):
    """An error that ends a command with one sentence: what is wrong, in which file, and what to do.

    `code` is the exit code.
    """

    def __init__(self, message: str, code: Exit) -> None:
        super().__init__(message)
        self.code = code
