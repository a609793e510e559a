"""What an HTML page says of itself."""

from collections.abc import Sequence
from datetime import datetime

from lxml.html import HtmlElement

from cleaning.types import Metadata


def html_metadata(
    tree: HtmlElement,
    *,
    url: str | None,
    text_lines: Sequence[str],
    fetched_at: datetime | None,
    language: str | None = None,
) -> Metadata:
    """Return the metadata of a page; first cut: its title element."""
    title = next((element.text_content().strip() for element in tree.iter("h1", "title")), None)
    return Metadata(title=title or None, origins=(("title", "title"),) if title else ())
