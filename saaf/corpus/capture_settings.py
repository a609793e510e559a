"""What the captures of a build say of its settings: the name of the collection, and the names of the crawler."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from saaf.cleaning.rights.signals import AGENT, join_tokens
from saaf.corpus.input_paths import url_scheme
from saaf.corpus.input_walk import CrawlDirectory, check_inputs, walk_inputs
from saaf.corpus.recorded_crawls import recorded_crawl
from saaf.corpus.records import NO_CRAWL, RecordedCrawl
from saaf.corpus.settings import DEFAULT_DUMP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from saaf.corpus.input_paths import InputPath
    from saaf.corpus.settings import BuildSettings


def with_recorded(settings: BuildSettings, inputs: Sequence[InputPath]) -> BuildSettings:
    """Return the settings of a build with what its inputs record, where all of them are captures that agree on it.

    A name of the collection that is given stays; product tokens that are given are added to. Where the captures
    differ, or other or remote inputs are among them, nothing changes here: each document has what its own capture
    records (`document_dump`, `document_agent`). Raises `InputError` where an input does not exist.
    """
    names: set[str | None] = set()
    agents: set[str] = set()
    if any(str(path) == "-" or url_scheme(str(path)) for path in inputs):  # listing a bucket twice takes minutes
        return settings
    for part in walk_inputs(check_inputs(inputs)):
        if isinstance(part, CrawlDirectory) or part.failure is not None:
            continue
        found = recorded_crawl(part.path)
        names.add(found.name)
        agents.add(found.agent)
        if found == NO_CRAWL or (len(names) > 1 and len(agents) > 1):
            return settings
    if len(names) == 1 and settings.dump == DEFAULT_DUMP:
        settings = replace(settings, dump=names.pop() or DEFAULT_DUMP)
    if len(agents) == 1:
        settings = replace(settings, agent=join_tokens(agents.pop(), settings.agent))
    return settings


def document_dump(settings: BuildSettings, crawl: RecordedCrawl) -> str:
    """Return the name of the collection of a document: the one that is given, or else the one its capture records."""
    return (crawl.name if settings.dump == DEFAULT_DUMP else None) or settings.dump


def document_agent(agent: str, crawl: RecordedCrawl) -> str:
    """Return the product tokens that signals of a document count for: of its capture and those given, or else saaf."""
    return join_tokens(crawl.agent, agent) or AGENT
