"""What a build computes of a clean text, for the columns of `saaf.corpus.text_columns`; personal data is redacted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from saaf.cleaning.quality.document_redaction import redact_document
from saaf.cleaning.quality.paragraphs import main_language_share, paragraph_languages
from saaf.cleaning.quality.personal_data import count_personal_data, find_personal_data
from saaf.cleaning.quality.signals import quality_signals
from saaf.cleaning.render.kept import kept_structure
from saaf.cleaning.render.markdown import kept_markdown
from saaf.cleaning.render.redacted import redacted_structure
from saaf.cleaning.text.language import identify
from saaf.corpus.text_columns import PERSONAL_DATA_PREFIX, QUALITY_PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from saaf.cleaning.quality.paragraphs import LanguageSpan
    from saaf.cleaning.quality.redaction import Replacement
    from saaf.cleaning.types import CleanDocument, Language


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredDocument:
    """A clean document as it is published, redacted where that was asked for; its quality `signals`, and `columns`.

    `columns` are those of `saaf.corpus.text_columns.TEXT_COLUMNS` that are computed of the text.
    """

    clean: CleanDocument
    signals: dict[str, float | int | None]
    columns: dict[str, object]


def measure_text(
    clean: CleanDocument,
    *,
    redact: Collection[str],
    languages: bool,
    identify: Callable[[str], Language] = identify,
) -> MeasuredDocument:
    """Return a document measured, with personal data of the kinds `redact` replaced.

    Signals and languages are those of the text as it is published. Personal data is counted before it is replaced.
    With `languages`, the language of each paragraph is identified, by `identify`. A document with structure has it as
    Markdown, and no longer as structure.
    """
    found = find_personal_data(clean.text)
    counts = count_personal_data(found)
    redactions = None
    kept = kept_structure(clean) if clean.document.structure is not None else None
    if redact:
        redacted = redact_document(clean, found, redact)
        clean = redacted.clean
        redactions = list(_placed(redacted.replacements))
        kept = kept and redacted_structure(kept, redacted.replacements, redact)
        counts |= dict.fromkeys(redact, 0) | count_kinds(redacted.replacements)
    clean = replace(clean, document=replace(clean.document, structure=None))
    text, language = clean.text, clean.document.language
    signals = quality_signals(text, language.code, language.script, language_score=language.score)
    columns: dict[str, object] = {QUALITY_PREFIX + name: value for name, value in signals.items()}
    columns |= {PERSONAL_DATA_PREFIX + kind: count for kind, count in counts.items()}
    columns |= {"markdown": kept_markdown(kept) if kept else None}
    columns |= {"redactions": redactions, **_language_columns(text, language, identify if languages else None)}
    return MeasuredDocument(clean=clean, signals=signals, columns=columns)


def count_kinds(made: Iterable[Replacement]) -> dict[str, int]:
    """Return the number of replacements by kind."""
    counts: dict[str, int] = {}
    for one in made:
        counts[one.kind] = counts.get(one.kind, 0) + 1
    return counts


def _placed(made: Iterable[Replacement]) -> Iterator[dict[str, object]]:
    """Yield the elements of the column `redactions`: where each replacement stands in the redacted text."""
    shift = 0
    for one in made:
        start, length = one.start + shift, one.end - one.start
        yield {"start": start, "end": start + len(one.replacement), "kind": one.kind, "length": length}
        shift += len(one.replacement) - length


def _language_columns(text: str, main: Language, identify: Callable[[str], Language] | None) -> dict[str, object]:
    if identify is None:
        return {"paragraph_languages": None, "main_language_share": None}
    spans = paragraph_languages(text, main, identify=identify)
    return {
        "paragraph_languages": list(map(_language_row, spans)),
        "main_language_share": main_language_share(spans, main),
    }


def _language_row(span: LanguageSpan) -> dict[str, object]:
    language = span.language
    return {
        "start": span.start,
        "end": span.end,
        "language": language.code,
        "script": language.script,
        "score": language.score,
    }


def renamed_flags(clean: CleanDocument, ids: dict[str, str], prefix: str) -> CleanDocument:
    """Return a document whose flags with `prefix` name documents by the ids that redaction gave them (`ids`)."""
    flags = tuple(
        prefix + ids.get(flag.removeprefix(prefix), flag.removeprefix(prefix)) if flag.startswith(prefix) else flag
        for flag in clean.document.flags
    )
    return replace(clean, document=replace(clean.document, flags=flags))
