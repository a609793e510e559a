"""What a WARC or WACZ file of saaf records of its crawl: the spider's name, and the names it may be addressed by."""

from __future__ import annotations

import zipfile
import zlib
from typing import IO, TYPE_CHECKING, Final

from fastwarc.warc import ArchiveIterator, WarcRecordType

from saaf.cleaning.rights.signals import AGENT, join_tokens, product_tokens
from saaf.corpus.archive_files import WACZ_ENDING, WARC_ENDINGS
from saaf.corpus.records import NO_CRAWL, RecordedCrawl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from saaf.corpus.input_paths import InputPath

TOKENS_FIELD: Final = "robots-product-tokens"
"""The field of a warcinfo record with the product tokens of USER_AGENT and ROBOTSTXT_USER_AGENT."""
_HEAD_BYTES = 1 << 16  # of a warcinfo record that are read


def crawl_fields(name: str, agent: str) -> tuple[tuple[str, str], ...]:
    """Return the fields by which a warcinfo record says what `recorded_crawl` reads."""
    return (("isPartOf", name), (TOKENS_FIELD, agent))


def warcinfo_fields(path: InputPath) -> dict[str, str]:
    """Return the fields of the warcinfo record that a WARC begins with; {} where it has none, or cannot be read."""
    try:
        with path.open("rb") as stream:
            return _fields(stream)
    except (OSError, EOFError):
        return {}


def _fields(stream: IO[bytes]) -> dict[str, str]:
    """Return the fields of the warcinfo record that a stream begins with, {} where there is none."""
    record = next(iter(ArchiveIterator(stream, parse_http=False)), None)
    if record is None or record.record_type != WarcRecordType.warcinfo:
        return {}
    block: bytes = record.reader.read(_HEAD_BYTES)
    lines = (line.partition(":") for line in block.decode("utf-8", "surrogateescape").splitlines())
    return {name.strip(): value.strip() for name, _, value in lines if value.strip()}


def recorded_crawl(path: InputPath) -> RecordedCrawl:
    """Return what a file records of the crawl that wrote it; nothing for a file that is no WARC or WACZ file of saaf.

    An older WARC of saaf has no product tokens: they are those of its user agent, and the default. A WACZ file records
    what the WARC files in it do: all their product tokens, and their name where it is one.
    """
    name = path.name.lower()
    if name.endswith(WACZ_ENDING):
        return _crawl_of_wacz(path)
    return _crawl_of(warcinfo_fields(path)) if name.endswith(WARC_ENDINGS) else NO_CRAWL


def _crawl_of(fields: Mapping[str, str]) -> RecordedCrawl:
    if fields.get("software") != "saaf":
        return NO_CRAWL
    name = fields.get("isPartOf")
    agent = fields.get(TOKENS_FIELD)
    if agent is None and "http-header-user-agent" in fields:
        agent = join_tokens(product_tokens(fields["http-header-user-agent"]), AGENT)
    return RecordedCrawl(name=name if name and name.isprintable() else None, agent=join_tokens(agent))


def _crawl_of_wacz(path: InputPath) -> RecordedCrawl:
    found: list[RecordedCrawl] = []
    try:
        with path.open("rb") as stream, zipfile.ZipFile(stream) as packed:
            for entry in sorted(each for each in packed.namelist() if each.lower().endswith(WARC_ENDINGS)):
                with packed.open(entry) as content:  # of which no more than its first record is read
                    found.append(_crawl_of(_fields(content)))
    except (OSError, EOFError, ValueError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error):
        return NO_CRAWL  # reading it says what is wrong
    names = {crawl.name for crawl in found}
    if all(crawl == NO_CRAWL for crawl in found):
        return NO_CRAWL
    name = names.pop() if len(names) == 1 else None
    return RecordedCrawl(name=name, agent=join_tokens(*(crawl.agent for crawl in found)))
