"""Real pages from a directory that is no part of this project, as WARC files for benchmarks.

The directory has files `NAME.html.gz`, at any depth, and beside each, if it is known, `NAME.json` with its "url".
"""

from __future__ import annotations

import gzip
import json
import random
import re
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from saaf.cleaning.types import Page
from saaf.corpus.warc import WarcWriter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_UNSEEN = re.compile(r"(<(script|style)\b.*?</\2\s*>|<!--.*?-->|<[^>]*>)", re.DOTALL | re.IGNORECASE)
_HEADERS = (("Content-Type", "text/html"),)
_FETCHED = datetime(2025, 3, 1, tzinfo=UTC)
_FOUR = re.compile(r"[^\W\d_]{4}")


class RealPage(NamedTuple):
    """A page as a server sent it."""

    url: str
    body: bytes


def load_pages(directory: Path, count: int, *, seed: int = 17) -> list[RealPage]:
    """Return that many pages drawn from a directory; where it has fewer, some again with other words and URLs."""
    paths = sorted(directory.rglob("*.html.gz"))
    random.Random(seed).shuffle(paths)
    pages = [_load(path, number) for number, path in enumerate(paths[:count])]
    return [*pages, *_variants(pages, count - len(pages))]


def grow(pages: Sequence[RealPage], count: int) -> list[RealPage]:
    """Return that many pages: these, and as many as are missing again with other words and URLs."""
    return [*pages[:count], *_variants(pages, count - len(pages))]


def _load(path: Path, number: int) -> RealPage:
    beside = path.with_name(path.name.removesuffix(".html.gz") + ".json")
    found = json.loads(beside.read_bytes()).get("url") if beside.exists() else None
    url = found if isinstance(found, str) and found.startswith("http") else f"https://pages{number}.example/{number}"
    return RealPage(url=url, body=gzip.decompress(path.read_bytes()))


def _variants(pages: Sequence[RealPage], count: int) -> Iterator[RealPage]:
    """Yield pages with half of the words changed, under other URLs of the same hosts."""
    texts = []
    for page in pages:
        try:
            texts.append((page.url, page.body.decode("utf-8")))
        except UnicodeDecodeError:
            continue
    for number in range(count):
        url, text = texts[number % len(texts)]
        variant = number // len(texts) + 1
        joint = "&" if "?" in url else "?"
        yield RealPage(url=f"{url.partition('#')[0]}{joint}variant={variant}", body=_change(text, variant).encode())


def _change(text: str, variant: int) -> str:
    """Return a page with two letters swapped in half of its words, which half depends on the variant."""

    def swap(match: re.Match[str]) -> str:
        word = match[0]
        return word[0] + word[2] + word[1] + word[3] if zlib.crc32(f"{variant} {word}".encode()) % 2 else word

    parts = _UNSEEN.split(text)  # text, tag, name of an unseen element or None, text, …
    return "".join(_FOUR.sub(swap, part) + tag for part, tag in zip(parts[::3], [*parts[1::3], ""], strict=True))


def write_warcs(pages: Sequence[RealPage], directory: Path, files: int = 2) -> list[Path]:
    """Write the pages to some WARC files with about equally many each, and return their paths."""
    directory.mkdir(parents=True, exist_ok=True)
    paths = [directory / f"pages-{number}.warc.gz" for number in range(files)]
    for number, path in enumerate(paths):
        with WarcWriter(path) as writer:
            for url, body in pages[number::files]:
                writer.write(Page(url=url, body=body, headers=_HEADERS, status=200, fetched_at=_FETCHED))
    return paths
