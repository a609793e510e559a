"""The rows of a page: its document, and those of articles that are split off it, measured and redacted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from saaf.cleaning.phrases.user_packs import parse_user_packs
from saaf.cleaning.postprocess import APPENDED_TO, apply_options, match_rule_ids
from saaf.cleaning.text.fasttext_identifier import load_identifier
from saaf.corpus.capture_settings import document_agent, document_dump
from saaf.corpus.measure_text import measure_text, renamed_flags
from saaf.corpus.rights import document_rights
from saaf.corpus.schema import to_row
from saaf.corpus.selection import summarise_document

if TYPE_CHECKING:
    from saaf.cleaning.rights.sites import SiteRights
    from saaf.cleaning.types import CleanDocument
    from saaf.corpus.outcomes import DocumentSummary
    from saaf.corpus.records import Record
    from saaf.corpus.settings import BuildSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRow:
    """The row of a document, with the text as read as "original"; its summary, and its quality signals by name."""

    row: dict[str, object]
    summary: DocumentSummary
    signals: dict[str, float | int | None]


def page_rows(
    key: str, record: Record, clean: CleanDocument, settings: BuildSettings, rights_files: SiteRights | None
) -> list[PageRow]:
    """Return the rows of a page; `key` is that of its input. The first is of the page's own article.

    `rights_files` are those of the hosts, None where there are none.
    """
    fetched_at = record.page.fetched_at if record.page else None
    packs = parse_user_packs(settings.rules) if settings.rules else None
    keep = match_rule_ids(settings.keep, packs)
    model = load_identifier(settings.lid) if settings.lid else None
    named = {"identify": model.identify} if model else {}
    agent = document_agent(settings.agent, record.crawl)
    rows: list[PageRow] = []
    ids: dict[str, str] = {}
    split = settings.split_appended
    documents = apply_options(clean, keep=keep, split_appended=split, fetched_at=fetched_at, packs=packs, **named)
    for part, document in enumerate(documents):
        rights = document_rights(document.document, record.page, rights_files, agent=agent)
        measured = measure_text(document, redact=settings.redact, languages=settings.paragraph_languages, **named)
        published = renamed_flags(measured.clean, ids, APPENDED_TO) if part else measured.clean
        ids[document.document.id] = published.document.id
        row = to_row(
            published,
            dump=document_dump(settings, record.crawl),
            file_path=record.file_path,
            date=fetched_at,
            rights=rights,
            text_columns=measured.columns,
        )
        own = f"{key}+{part}" if part else key
        # The tokens of others are counted where the text is written, with its sketch.
        tokens = None if settings.quality_filter is not None and settings.quality_filter.derives else 0
        summary = summarise_document(0, record, published, key=own, reservation=rights.reservation, tokens=tokens)
        rows.append(
            PageRow(row={**row, "original": published.document.text}, summary=summary, signals=measured.signals)
        )
    return rows
