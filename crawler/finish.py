"""After the crawl: the corpus is built from the capture, and a few lines say where everything is."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from .capture import Capture
    from .config import Config


def build(config: Config, stream: TextIO) -> int:
    return 0


def summary(config: Config, capture: Capture) -> str:
    return f"captured {capture.records} {config.capture_path}\n"
