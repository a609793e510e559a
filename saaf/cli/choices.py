"""Values of options that are a choice of a few words."""

from __future__ import annotations

from enum import StrEnum


class Linkage(StrEnum):
    """The values of `saaf.dedupe.Linkage`, repeated here so that `saaf --help` need not import its libraries."""

    STAR = "star"
    COMPONENTS = "components"


class Contained(StrEnum):
    """What becomes of documents that stand in longer ones."""

    REPORT = "report"
    REMOVE = "remove"


class Rights(StrEnum):
    """What becomes of documents whose publishers reserve them from training."""

    RECORD = "record"
    SKIP = "skip"


class Stage(StrEnum):
    """The stages of a build (`saaf.corpus.stages.work.STAGES`)."""

    READ = "read"
    SITES = "sites"
    ROWS = "rows"
    CAPTURES = "captures"
    DECIDE = "decide"
    PUBLISH = "publish"


class Format(StrEnum):
    """The output formats of `saaf clean`."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"
    XML_TEI = "xml-tei"
    JSONL = "jsonl"
    PARQUET = "parquet"
