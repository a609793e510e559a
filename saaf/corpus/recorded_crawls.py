"""What a WARC of a crawl of saaf records of that crawl: the spider's name, and the names it may be addressed by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastwarc.warc import ArchiveIterator, WarcRecordType

from saaf.cleaning.rights.signals import AGENT, join_tokens, product_tokens
from saaf.corpus.archive_files import WARC_ENDINGS
from saaf.corpus.records import NO_CRAWL, RecordedCrawl

if TYPE_CHECKING:
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
            record = next(iter(ArchiveIterator(stream, parse_http=False)), None)
            if record is None or record.record_type != WarcRecordType.warcinfo:
                return {}
            block: bytes = record.reader.read(_HEAD_BYTES)
    except (OSError, EOFError):
        return {}
    lines = (line.partition(":") for line in block.decode("utf-8", "surrogateescape").splitlines())
    return {name.strip(): value.strip() for name, _, value in lines if value.strip()}


def recorded_crawl(path: InputPath) -> RecordedCrawl:
    """Return what a file records of the crawl that wrote it; nothing for a file that is no WARC of saaf.

    An older WARC of saaf has no product tokens: they are those of its user agent, and the default.
    """
    if not path.name.lower().endswith(WARC_ENDINGS):
        return NO_CRAWL
    fields = warcinfo_fields(path)
    if fields.get("software") != "saaf":
        return NO_CRAWL
    name = fields.get("isPartOf")
    agent = fields.get(TOKENS_FIELD)
    if agent is None and "http-header-user-agent" in fields:
        agent = join_tokens(product_tokens(fields["http-header-user-agent"]), AGENT)
    return RecordedCrawl(name=name if name and name.isprintable() else None, agent=join_tokens(agent))
