"""Shards of a crawl: each registered domain belongs to one of N processes, by a hash that is the same everywhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from tldextract import TLDExtract

from saaf.cleaning.text.urls import canonical_url
from saaf.crawler.shards.directories import shard_name

if TYPE_CHECKING:
    from pathlib import Path

MAX_SHARDS: Final = 10_000
# The list of public suffixes that comes with the library: nothing is fetched, and every process has the same.
_extract = TLDExtract(cache_dir=None, suffix_list_urls=(), fallback_to_snapshot=True)
_FORM = re.compile(r"\s*([0-9]{1,5})\s*/\s*([0-9]{1,5})\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """One of `count` shards: `index` is from 0 to count - 1."""

    index: int
    count: int

    def __str__(self) -> str:
        """Return "index/count", as the argument `shard` has it."""
        return f"{self.index}/{self.count}"

    @property
    def name(self) -> str:
        """The name of the shard's directory: "shard-03-of-16"."""
        return shard_name(self.index, self.count)

    @property
    def pattern(self) -> str:
        """The shell pattern of the directories of all shards of the crawl: "shard-*-of-16"."""
        return f"shard-*-of-{self.name.rpartition('-')[2]}"

    def directory(self, output: Path) -> Path:
        """Return the directory of the shard in the output of the whole crawl."""
        return output / self.name

    def others(self) -> tuple[Shard, ...]:
        """Return the other shards of the crawl."""
        return tuple(Shard(index=index, count=self.count) for index in range(self.count) if index != self.index)

    def owner(self, url: str) -> Shard:
        """Return the shard that a URL belongs to."""
        return Shard(index=shard_index(url, self.count), count=self.count)

    def owns(self, url: str) -> bool:
        """Return whether a URL belongs to this shard."""
        return shard_index(url, self.count) == self.index


def parse_shard(text: str) -> Shard:
    """Return the shard in "K/N". Raises ValueError, which says what the argument is, where it is none."""
    match = _FORM.fullmatch(text)
    if match and int(match[1]) < int(match[2]) <= MAX_SHARDS:
        return Shard(index=int(match[1]), count=int(match[2]))
    raise ValueError(
        f"shard={text} is not a shard: it is K/N, with N processes up to {MAX_SHARDS} and K from 0 to N - 1, for "
        "example -a shard=3/16"
    )


def shard_index(url: str, count: int) -> int:
    """Return the number of the shard, from 0 to count - 1, that a URL belongs to: by its registered domain.

    The hash is BLAKE2b of the domain in ASCII, the first 8 bytes as a number, modulo `count`: it does not depend on
    process, machine or version of Python.
    """
    digest = blake2b(registered_domain(url).encode("ascii", "backslashreplace"), digest_size=8).digest()
    return int.from_bytes(digest, "big") % count


def registered_domain(url: str) -> str:
    """Return the registered domain of a URL, the address or name of its host where it has none.

    That is the public suffix, by the ICANN part of the list that tldextract ships, and one label more.

    >>> registered_domain("https://news.example.co.uk/a"), registered_domain("http://127.0.0.3:8000/")
    ('example.co.uk', '127.0.0.3')
    """
    try:
        host = urlsplit(canonical_url(url)).hostname or ""
    except ValueError:
        return ""
    return _registered_domain(host)


@lru_cache(maxsize=1 << 16)
def _registered_domain(host: str) -> str:
    return _extract(host).top_domain_under_public_suffix or host
