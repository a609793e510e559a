"""The functions of the public API; `import saaf` gives them their short names."""

from __future__ import annotations

import re
import warnings
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Final

from saaf.cleaning import pipeline, postprocess, spans
from saaf.cleaning.phrases.pack_source import PackSource
from saaf.cleaning.phrases.user_packs import parse_user_packs
from saaf.cleaning.readers.detect import read as read_page
from saaf.cleaning.render import document_json, markdown, tei
from saaf.cleaning.text.fasttext_file import ModelFile, read_language_model
from saaf.cleaning.text.fasttext_identifier import load_identifier
from saaf.cleaning.types import CleanDocument, Document, Page

if TYPE_CHECKING:
    from saaf.cleaning.spans import TextSpan
    from saaf.corpus.build import BuildSummary
    from saaf.corpus.settings import BuildSettings
    from saaf.dedupe import Duplicates, Settings

_LANGUAGE: Final = re.compile(r"[a-z]{2,3}")


def clean_html(
    page: bytes | str,
    *,
    url: str | None = None,
    fetched_at: datetime | None = None,
    language: str | None = None,
    keep: Collection[str] = (),
    structure: bool = False,
    rules: Sequence[PackSource] = (),
    lid: ModelFile | None = None,
) -> CleanDocument:
    """Clean an HTML page.

    `page` is the page's bytes as they came (its encoding is found as browsers find it), or its text. `url` is its
    address, None where unknown: it gives the document its id and bounds the site's name. `fetched_at` is when it was
    fetched, with a time zone, None where unknown: no date after it is believed. `language` is the ISO 639 code of the
    page ("hi") where it is known, None to identify it. `keep` are ids of rules whose residue stays in the text, with *
    for any letters ("html.caption", "*.photo_credit"); `saaf.rules()` lists them. With `structure`, the headings,
    lists, tables, code, links and images of the page are in `.document.structure`, for `saaf.to_markdown` and the like.
    `rules` are language packs of your own, of `saaf.load_rules`, and `lid` is a model that names the language of the
    clean text, of `saaf.load_language_model`: load them once for many pages.

    Returns the clean document: `.text` is the clean text, `.removals` are half-open spans, in code points, of
    `.document.text`, each with the id of its rule. Raises `saaf.Unreadable` where the page is empty, binary or holds no
    text, TypeError and ValueError for arguments of another kind.
    """
    _check_text(page, "clean_html", (bytes, str))
    _check_options(url, fetched_at, language)
    options = _options(keep, rules, lid)
    body = page if isinstance(page, str) else bytes(page)
    cleaned = pipeline.clean_html(body, url=url, fetched_at=fetched_at, language=language, structure=structure)
    return _apply(cleaned, options)


def clean_text(
    text: str,
    *,
    url: str | None = None,
    fetched_at: datetime | None = None,
    language: str | None = None,
    keep: Collection[str] = (),
    rules: Sequence[PackSource] = (),
    lid: ModelFile | None = None,
) -> CleanDocument:
    """Clean a plain text of which somebody else took the markup away, a block a line.

    The arguments, what is returned and what is raised are those of `saaf.clean_html`; nothing is unreadable here.
    """
    _check_text(text, "clean_text", (str,))
    _check_options(url, fetched_at, language)
    options = _options(keep, rules, lid)
    cleaned = pipeline.clean_text(text, url=url, fetched_at=fetched_at, language=language)
    return _apply(cleaned, options)


def read(page: Page, *, language: str | None = None, structure: bool = False) -> Document:
    """Read a page, HTML or plain text by its headers, address and first bytes, without cleaning it.

    `language` is the ISO 639 code of the page where it is known, None to identify it. `structure` is as for
    `saaf.clean_html`. Returns the document with all its blocks, menus and footers included. Raises `saaf.Unreadable`
    where the body is empty, binary or holds no text.
    """
    if not isinstance(page, Page):
        raise TypeError(f"saaf.read takes a saaf.Page, not {_kind(page)}: saaf.Page(url=None, body=b'<html>...')")
    if not isinstance(page.body, bytes):
        raise TypeError(f"the body of a page is bytes, not {_kind(page.body)}: for a text, text.encode()")
    _check_options(page.url, page.fetched_at, language)
    return read_page(page, language=language, structure=structure)


def clean(
    document: Document,
    *,
    keep: Collection[str] = (),
    rules: Sequence[PackSource] = (),
    lid: ModelFile | None = None,
) -> CleanDocument:
    """Clean a document that `saaf.read` returned; `keep`, `rules` and `lid` are as for `saaf.clean_html`."""
    if not isinstance(document, Document):
        raise TypeError(
            f"saaf.clean takes a document from saaf.read, not {_kind(document)}: for a page use saaf.clean_html"
        )
    options = _options(keep, rules, lid)
    return _apply(pipeline.clean(document), options)


def load_rules(*directories: Path | str) -> tuple[PackSource, ...]:
    """Return the language packs of your own in directories, and those of installed packages (entry point saaf.rules).

    They are what `rules` of `saaf.clean_html` and `saaf.build` takes. A pack with a fault is not applied, which a
    warning says. Raises ValueError where a directory is none, or holds no pack.
    """
    from saaf.corpus.user_packs import read_packs  # noqa: PLC0415

    packs = read_packs([Path(one) for one in directories])
    for fault in parse_user_packs(packs).faults:
        warnings.warn(fault, stacklevel=2)
    return packs


def load_language_model(path: Path | str) -> ModelFile:
    """Return a checked file of a fastText model that names languages, such as GlotLID.

    It is what `lid` of `saaf.clean_html` and `saaf.build` takes. Raises ValueError where it cannot be used, or the
    extra that loads it is not installed.
    """
    return read_language_model(Path(path))


def to_markdown(document: CleanDocument) -> str:
    """Return the clean text of a document as Markdown: CommonMark, with tables of GitHub Flavored Markdown, no HTML.

    A reader of Markdown shows the words of `document.text`, in their order. Headings, lists, quotations, code, tables,
    links and images are those of a document that was read with `structure=True`; without it, blocks are headings, list
    items and paragraphs. "" where nothing was kept.
    """
    return markdown.to_markdown(_checked(document, "to_markdown"))


def to_json(document: CleanDocument) -> str:
    """Return a clean document as JSON: its metadata, its text, and its blocks, each with its kind and spans.

    Offsets are in code points into the text of their block, half-open. What was removed is not in it.
    """
    return document_json.to_json(_checked(document, "to_json"))


def to_tei(document: CleanDocument) -> str:
    """Return a clean document as TEI P5 XML, well-formed whatever characters are in its text.

    What XML does not allow becomes U+FFFD. The header has title, author, date, licence and source as the page states
    them.
    """
    return tei.to_tei(_checked(document, "to_tei"))


def _checked(document: object, function: str) -> CleanDocument:
    if not isinstance(document, CleanDocument):
        raise TypeError(f"saaf.{function} takes what saaf.clean_html returns, not {_kind(document)}")
    return document


def rules() -> dict[str, str]:
    """Return why each rule removes what it removes, in a sentence, by the rule's id."""
    return dict(spans.rule_reasons())


def explain(document: CleanDocument) -> tuple[TextSpan, ...]:
    """Return a clean document's text as read, split into spans that were kept or removed, in order.

    The `text`s of all spans together are `document.document.text`, those without a `removal` are `document.text`. A
    removed span has its `removal` (span, rule, score) and `why`.
    """
    _checked(document, "explain")
    return spans.split_spans(document.document.text, document.removals)


def find_duplicates(texts: Sequence[str], *, settings: Settings | None = None) -> Duplicates:
    """Find near-duplicates among texts by MinHash candidates that are verified on the texts.

    `settings` are `saaf.dedupe.Settings` (threshold, shingle size), None for the defaults. Returns the `pairs` of texts
    by their indices, each with its Jaccard similarity, and the `clusters` with the index of the text to keep.
    """
    from saaf import dedupe  # noqa: PLC0415

    if not isinstance(texts, Sequence) or not all(isinstance(text, str) for text in texts) or isinstance(texts, str):
        raise TypeError("saaf.find_duplicates takes a list of texts: [document.text for document in documents]")
    if settings is not None and not isinstance(settings, dedupe.Settings):
        raise TypeError(f"settings is saaf.dedupe.Settings(threshold=…) or None, not {_kind(settings)}")
    return dedupe.find_duplicates(texts, settings=settings) if settings else dedupe.find_duplicates(texts)


def build(
    inputs: Sequence[Path | str], output: Path | str, *, settings: BuildSettings | None = None, **options: Any
) -> BuildSummary:
    """Build a corpus from files and directories of WARC, HTML, text, Parquet or JSON lines.

    `settings` are `saaf.corpus.settings.BuildSettings`, None for the defaults; `options` are fields of it, such as
    `languages=("hi", "ur")` or `workers=2`; `rules` and `lid` are those of `saaf.load_rules` and
    `saaf.load_language_model`. Returns what the build came to; the corpus is in `output`. Starts worker
    processes: in a script, call it under `if __name__ == "__main__":`. Raises `saaf.corpus.readers.InputError` where an
    input does not exist, ValueError where a setting is wrong.
    """
    from dataclasses import replace  # noqa: PLC0415

    from saaf.corpus.build import build as build_corpus  # noqa: PLC0415
    from saaf.corpus.settings import BuildSettings  # noqa: PLC0415

    if isinstance(inputs, str | PurePath):
        raise TypeError(f"inputs is a list of files and directories: saaf.build(['{inputs}'], output)")
    chosen = replace(settings, **options) if settings else BuildSettings(**options)
    return build_corpus([Path(one) for one in inputs], Path(output), settings=chosen)


def _check_text(value: object, function: str, kinds: tuple[type, ...]) -> None:
    if isinstance(value, kinds) or (bytes in kinds and isinstance(value, bytearray | memoryview)):
        return
    if isinstance(value, PurePath):
        hint = f"read the file first: saaf.{function}(path.{'read_bytes' if bytes in kinds else 'read_text'}())"
    elif value is None:
        hint = "None is no page: was there no response?"
    elif isinstance(value, bytes):
        hint = "for a page use saaf.clean_html, for a text decode it: text.decode()"
    else:
        hint = "pass the page's bytes or text" if bytes in kinds else "pass the text"
    raise TypeError(f"saaf.{function} takes {' or '.join(kind.__name__ for kind in kinds)}, not {_kind(value)}; {hint}")


def _options(keep: Collection[str], rules: Sequence[PackSource], lid: ModelFile | None) -> dict[str, Any]:
    """Return the options of `postprocess.apply_options` that the arguments are. Raises as `clean_html` does."""
    if isinstance(keep, str) or not isinstance(keep, Collection):
        raise TypeError(f"keep is a list of rule ids, not {_kind(keep)}: keep=['html.caption']")
    if not isinstance(rules, list | tuple) or not all(isinstance(one, PackSource) for one in rules):
        raise TypeError(f"rules are packs that were loaded, not {_kind(rules)}: rules=saaf.load_rules('packs/')")
    if lid is not None and not isinstance(lid, ModelFile):
        raise TypeError(f"lid is a model that was loaded, not {_kind(lid)}: lid=saaf.load_language_model('model.bin')")
    packs = parse_user_packs(tuple(rules)) if rules else None
    identify = load_identifier(lid).identify if lid else None
    return {"keep": postprocess.match_rule_ids(keep, packs), "packs": packs, "identify": identify}


def _apply(cleaned: CleanDocument, options: dict[str, Any]) -> CleanDocument:
    return next(postprocess.apply_options(cleaned, **options))


def _check_options(url: object, fetched_at: object, language: object) -> None:
    if url is not None and not isinstance(url, str):
        raise TypeError(f"url is a str or None, not {_kind(url)}: url=str(url)")
    if fetched_at is not None and not isinstance(fetched_at, datetime):
        raise TypeError(f"fetched_at is a datetime with a time zone or None, not {_kind(fetched_at)}")
    if isinstance(fetched_at, datetime) and fetched_at.tzinfo is None:
        raise ValueError("fetched_at has no time zone: fetched_at.replace(tzinfo=datetime.UTC) if it is UTC")
    if language is not None and not (isinstance(language, str) and _LANGUAGE.fullmatch(language)):
        raise ValueError(f"language is an ISO 639 code in lower case, such as 'hi' or 'ckb', not {language!r}")


def _kind(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"
