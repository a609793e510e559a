"""JSON of a clean document: metadata, the clean text, and its blocks with their spans; removed blocks are not in it."""

from __future__ import annotations

import json
from bisect import bisect_left
from typing import TYPE_CHECKING, Any

from saaf.cleaning.render.kept import kept_structure
from saaf.cleaning.types import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from saaf.cleaning.render.kept import KeptBlock, KeptStructure
    from saaf.cleaning.structure import Image, InlineSpan
    from saaf.cleaning.types import CleanDocument


def to_json(clean: CleanDocument) -> str:
    """Return a clean document as a JSON object, indented, with a line break at the end.

    `blocks` are the kept blocks in order: `kind`, `text`, where it has them `level`, `containers` (the outermost
    first), `language` (of code), `table`, `cells`, and `spans`: `[start, end)` in code points into the `text` of the
    block. The lines of a piece of code are one block. `images` stand before the block with the number `block`, or
    before code point `offset` in it. Keys without a value are left out of blocks.
    """
    kept = kept_structure(clean)
    groups = _groups(kept.blocks)
    ends = [group[-1].end for group in groups]
    content = {
        **_metadata(clean),
        "flags": sorted({*clean.document.flags, *clean.flags}),
        "text": kept.text,
        "blocks": _with_spans(groups, kept),
        "images": [_image(image, groups, ends) for image in kept.images],
    }
    # Half a surrogate pair is no character of UTF-8.
    text = json.dumps(content, ensure_ascii=False, indent=1)
    return text.encode("utf-8", "replace").decode() + "\n"


def _metadata(clean: CleanDocument) -> dict[str, Any]:
    document = clean.document
    metadata, language = document.metadata, document.language
    return {
        "id": document.id,
        "url": document.url,
        "site": document.site,
        "language": language.code,
        "language_script": language.script,
        "language_score": language.score,
        "title": metadata.title,
        "author": metadata.author,
        "published": metadata.published,
        "modified": metadata.modified,
        "site_name": metadata.site_name,
        "section": metadata.section,
        "source": metadata.source,
        "tags": list(metadata.tags),
        "canonical_url": metadata.canonical_url,
        "licence": metadata.licence,
        "track": document.track.value,
        "page_type": clean.page_type,
        "page_type_score": clean.page_type_score,
    }


def _groups(blocks: Sequence[KeptBlock]) -> list[list[KeptBlock]]:
    """Return the blocks, the lines of each piece of code together."""
    groups: list[list[KeptBlock]] = []
    for block in blocks:
        last = groups[-1][-1] if groups else None
        code = block.structure.code if block.kind is Kind.CODE else None
        if last is not None and code is not None and last.kind is Kind.CODE and last.structure.code == code:
            groups[-1].append(block)
        else:
            groups.append([block])
    return groups


def _with_spans(groups: Sequence[Sequence[KeptBlock]], kept: KeptStructure) -> list[dict[str, Any]]:
    found = []
    number = 0
    for group in groups:
        start, end = group[0].start, group[-1].end
        while number < len(kept.spans) and kept.spans[number].start < start:
            number += 1
        spans = []
        while number < len(kept.spans) and kept.spans[number].start < end:
            spans += [_span(kept.spans[number], start)] if kept.spans[number].end <= end else []
            number += 1
        found.append(_block(group, kept.text) | ({"spans": spans} if spans else {}))
    return found


def _block(group: Sequence[KeptBlock], text: str) -> dict[str, Any]:
    own = group[0].structure
    lines: list[str] = []
    for block in group:
        lines += [""] * (block.structure.blank_lines if lines else 0)
        lines.append(text[block.start : block.end])
    language = next((block.structure.language for block in group if block.structure.language), None)
    cells = [
        {
            "start": cell.start - group[0].start,
            "end": cell.end - group[0].start,
            "header": cell.is_header,
            "columns": cell.columns,
            "rows": cell.rows,
        }
        for cell in own.cells
    ]
    containers = [
        {"kind": one.kind.value, "element": one.element}
        | ({} if one.list is None else {"list": one.list})
        | ({} if one.number is None else {"number": one.number})
        for one in own.containers
    ]
    values = {
        "level": own.level,
        "containers": containers or None,
        "term": own.is_term or None,
        "follows_break": own.follows_break or None,
        "language": language,
        "table": own.table,
        "cells": cells or None,
    }
    stated = {name: value for name, value in values.items() if value is not None}
    return {"kind": group[0].kind.value, "text": "\n".join(lines), **stated}


def _span(span: InlineSpan, offset: int) -> dict[str, Any]:
    more = ({"url": span.url} if span.url else {}) | ({"display": True} if span.display else {})
    return {"start": span.start - offset, "end": span.end - offset, "kind": span.kind.value, **more}


def _image(image: Image, groups: Sequence[Sequence[KeptBlock]], ends: Sequence[int]) -> dict[str, Any]:
    before = bisect_left(ends, image.start)
    inside = image.is_inline and before < len(groups)
    offset = image.start - groups[before][0].start if inside else 0
    return {"url": image.url, "alt": image.alt, "block": before, "offset": max(offset, 0)}
