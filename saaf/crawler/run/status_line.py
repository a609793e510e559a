"""One line of status at the bottom of a terminal, under the lines of the log."""

from __future__ import annotations

import logging
import shutil
from typing import TextIO

_ERASE = "\r\x1b[K"
_ROOM = 3  # a full last column would wrap, and so would the ^C that a terminal writes behind the line


def one_line(text: str) -> str:
    """Return a text that takes the place of the last line of a terminal, cut to its width."""
    return _ERASE + text[: max(shutil.get_terminal_size().columns - _ROOM, 0)]


class StatusLine:
    """A line on a terminal that is written over; log handlers of the same stream write above it.

    It is a stream for these handlers: it takes the line away, writes, and shows the line again.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._text = ""
        self._handlers: list[logging.StreamHandler[TextIO]] = []

    def show(self, text: str) -> None:
        """Show a text as the line, as far as the terminal is wide."""
        self._take_handlers()
        self._text = text
        self._stream.write(one_line(text))
        self._stream.flush()

    def write(self, text: str) -> None:
        """Write whole lines above the line."""
        self._stream.write(_ERASE + text + (one_line(self._text) if text.endswith("\n") else ""))

    def flush(self) -> None:
        """Flush the terminal's stream."""
        self._stream.flush()

    def end(self) -> None:
        """Take the line away and give the handlers their stream back."""
        if self._text:
            self._stream.write(_ERASE)
            self._stream.flush()
        self._text = ""
        for handler in self._handlers:
            handler.setStream(self._stream)
        self._handlers.clear()

    def _take_handlers(self) -> None:
        for handler in logging.root.handlers:
            if isinstance(handler, logging.StreamHandler) and handler.stream is self._stream:
                handler.setStream(self)
                self._handlers.append(handler)
