"""The header of a TEI document: title, author, publisher, date, licence and source, as far as the page states them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from saaf.cleaning.render.xml_text import append_text, element

if TYPE_CHECKING:
    from lxml import etree

    from saaf.cleaning.types import Document

_URL: Final = re.compile(r"https?://\S+", re.IGNORECASE)


def add_header(root: etree._Element, document: Document) -> None:
    """Append the header of a document to the root of its TEI."""
    metadata = document.metadata
    header = element(root, "teiHeader")
    description = element(header, "fileDesc")
    title = element(description, "titleStmt")
    append_text(element(title, "title"), metadata.title or "")
    if metadata.author:
        append_text(element(title, "author"), metadata.author)
    _add_publication(element(description, "publicationStmt"), document)
    _add_source(element(element(description, "sourceDesc"), "bibl"), document)
    if document.language.code != "und" or metadata.tags:
        profile = element(header, "profileDesc")
        if document.language.code != "und":
            element(element(profile, "langUsage"), "language", ident=document.language.code)
        if metadata.tags:
            keywords = element(element(profile, "textClass"), "keywords")
            for tag in metadata.tags:
                append_text(element(keywords, "term"), tag)


def _add_publication(statement: etree._Element, document: Document) -> None:
    """Add publisher, date, licence and id; the publisher is the site, TEI asks for one."""
    metadata = document.metadata
    append_text(element(statement, "publisher"), metadata.site_name or document.site)
    append_text(element(statement, "idno", type="saaf"), document.id)
    if metadata.published:
        append_text(element(statement, "date", when=metadata.published), metadata.published)
    # What the page states of itself, else the licence that a rights signal in its HTML names.
    if stated := metadata.licence or next((one.licence for one in document.rights if one.licence), None):
        licence = element(element(statement, "availability"), "licence")
        if _URL.fullmatch(stated):
            licence.set("target", stated)
        append_text(licence, stated)


def _add_source(source: etree._Element, document: Document) -> None:
    metadata = document.metadata
    if metadata.title:
        append_text(element(source, "title"), metadata.title)
    if metadata.author:
        append_text(element(source, "author"), metadata.author)
    if metadata.source or metadata.site_name:
        append_text(element(source, "publisher"), metadata.source or metadata.site_name or "")
    if metadata.published:
        append_text(element(source, "date", when=metadata.published), metadata.published)
    if url := metadata.canonical_url or document.url:
        append_text(element(source, "ref", target=url), url)
