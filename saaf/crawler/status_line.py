"""One line of status at the bottom of a terminal, under the lines of the log."""

from __future__ import annotations

import logging
import shutil
from typing import TextIO

_ERASE = "\r\x1b[K"


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
        width = shutil.get_terminal_size().columns - 1  # a full last column would wrap
        self._text = text[:width]
        self._stream.write(_ERASE + self._text)
        self._stream.flush()

    def write(self, text: str) -> None:
        """Write whole lines above the line."""
        self._stream.write(_ERASE + text + (self._text if text.endswith("\n") else ""))

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
