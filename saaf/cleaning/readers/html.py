"""Reader of HTML: decodes, parses and segments a page into blocks, and collects the votes of every method on them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

from saaf.cleaning.analysis import analysis_of
from saaf.cleaning.html.decode import CONTROLS_REMOVED, DAMAGED, Decoded, decode
from saaf.cleaning.html.density import density_votes
from saaf.cleaning.html.embedded_articles import build_article, find_embedded_article
from saaf.cleaning.html.formulas import replace_formulas
from saaf.cleaning.html.jsonld import article_bodies, nodes_in
from saaf.cleaning.html.markers import remove_markers
from saaf.cleaning.html.page_elements import elements_of
from saaf.cleaning.html.page_signals import page_signals
from saaf.cleaning.html.parser import parse, parse_flattened, prepare_source
from saaf.cleaning.html.segment import Segmentation, segment
from saaf.cleaning.html.structure import read_structure
from saaf.cleaning.html.visibility import show_shadow_roots
from saaf.cleaning.metadata.html import extract_html_metadata
from saaf.cleaning.model.analysis import analyse_blocks, uncertainty, with_votes
from saaf.cleaning.rights.html_page import html_signals
from saaf.cleaning.site.template import KNOWN_TEMPLATE, PathClass, boilerplate_paths, match_template
from saaf.cleaning.text.folding import alignment_key, alignment_keys
from saaf.cleaning.text.language import identify_or_accept
from saaf.cleaning.text.urls import document_id, site_of
from saaf.cleaning.types import Block, Document, Page, Track, Unreadable, Vote
from saaf.cleaning.votes.align import align
from saaf.cleaning.votes.extractors import description_votes, justext_votes, stoplist, trafilatura_text
from saaf.cleaning.votes.schema_org import SCHEMA_ORG_METHOD, may_declare_content, schema_org_votes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

    from saaf.cleaning.html.jsonld import Node
    from saaf.cleaning.html.page_elements import PageElements
    from saaf.cleaning.model.analysis import BlockAnalysis
    from saaf.cleaning.site.profile import SiteProfile
    from saaf.cleaning.types import Language, RightsSignal

_MAX_NODES = 50_000  # a page of 64,000 takes trafilatura 9 s; the largest of 1,800 real pages has 30,000
# jusText takes quadratic time: each short paragraph to the next good one; the largest of 1,579 real pages has 3,000.
_MAX_BLOCKS = 5_000
_MAX_CHARACTERS = 2_000_000  # trafilatura and jusText take about a second for each million
# The uncertainty of the block classifier from which on trafilatura votes: on 6.5 % of pages. Cross-validated, with the
# first thresholds that depended on the page: F1 92.5, residue 6.0 %, lost 4.0 %; where it never votes 92.3, 6.2 and
# 3.9; from 0.65 on, 9 % of pages, 92.5, 5.9 and 4.0.
TRAFILATURA_UNCERTAINTY: Final = 0.8
_MIN_LETTERS_IN_BODY = 15  # of a block that stands somewhere in an article body and so is a part of it
_MAX_DEPTH = 512  # as in browsers; the time for paths and for trafilatura's XPaths grows with the square of the depth


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parsed:
    """A page, decoded and parsed.

    `text` is the decoded body, `source` what the parser was given of it, `root` the tree, `elements` those in it.
    `is_complete`: the parser read the whole source, False where it stopped at a limit. `rights` are the signals of the
    whole tree, from which segmentation may take parts. `structure`: the document is to have its structure.
    """

    page: Page
    text: str
    source: bytes
    root: HtmlElement
    elements: PageElements
    is_complete: bool
    rights: tuple[RightsSignal, ...]
    structure: bool = False


def read_html(
    page: Page,
    *,
    votes: Literal["all", "auto", "fast"] = "auto",
    profile: SiteProfile | None = None,
    language: str | None = None,
    decoded: Decoded | None = None,
    structure: bool = False,
    trafilatura_uncertainty: float = TRAFILATURA_UNCERTAINTY,
) -> Document:
    """Return the page as a document whose text holds every block, menus and footers included, a block a line.

    `votes` sets when trafilatura votes, which takes most of the time: with "auto" where the uncertainty of the
    block classifier about the page without it, in [0, 1], is `trafilatura_uncertainty` or more, with "all" always, with
    "fast" never. A page of a template that `profile` knows
    is read without votes of extractors, and has the flag "known_template". `language` is the ISO 639 code of the page
    where it is known, None to identify it. `decoded` is the text of the page where it was never bytes: `page.body` is
    not looked at then. With `structure` the document has its structure. Raises Unreadable where the body is empty,
    binary, or has no text.
    """
    decoded = decoded or decode(page.body, page.header("content-type"))
    source, is_changed = prepare_source(decoded.text)
    root, is_complete = parse(source)
    elements = elements_of(root)
    rights = html_signals(elements, page.url)
    is_tree_changed = show_shadow_roots(elements)
    is_tree_changed |= replace_formulas(root, elements)
    is_tree_changed |= remove_markers(root, elements_of(root) if is_tree_changed else elements)
    parsed = _Parsed(
        page=page,
        text=decoded.text,
        source=source,
        root=root,
        elements=elements_of(root, elements) if is_tree_changed else elements,
        is_complete=is_complete,
        rights=rights,
        structure=structure,
    )
    flags = list(dict.fromkeys((*decoded.flags, *([CONTROLS_REMOVED] if is_changed else []))))
    if profile and (from_template := _read_known_template(parsed, profile, language)):
        return replace(from_template, flags=tuple(dict.fromkeys((*flags, *from_template.flags))))
    parsed, segmentation, jsonld, body_keys = _segment_page(parsed, flags)
    if segmentation.controls_removed:
        flags.append(CONTROLS_REMOVED)
    lines = [block.text for block in segmentation.blocks]
    block_keys = alignment_keys(lines)
    density = density_votes(segmentation)
    identified = _language(lines, density, language)
    votes_by_method = {"density": density, "description": description_votes(parsed.elements, block_keys)}
    within_limits = _within_vote_limits(segmentation)
    if within_limits:
        if may_declare_content(jsonld, source):
            paths = [segmentation.path(block.node) for block in segmentation.blocks]
            votes_by_method[SCHEMA_ORG_METHOD] = schema_org_votes(jsonld, paths, block_keys)
        votes_by_method["justext"] = justext_votes(segmentation, stoplist(identified.code))
    else:
        flags.append("too_large_for_votes")
    blocks = _with_votes(segmentation, votes_by_method, block_keys, body_keys)
    document = _make_document(parsed, jsonld, lines, blocks, identified, flags)
    analysis = analyse_blocks(document) if within_limits and votes == "auto" else None
    if votes == "fast" or not within_limits or (analysis and uncertainty(analysis) < trafilatura_uncertainty):
        return _with_analysis(document, analysis)
    kept = align(block_keys, alignment_key(trafilatura_text(parsed.root)))
    voted = tuple(
        replace(block, votes=(*block.votes, _vote("trafilatura", keep)))
        for block, keep in zip(document.blocks, kept, strict=True)
    )
    return _with_analysis(replace(document, blocks=voted), analysis and with_votes(analysis, voted))


def _with_analysis(document: Document, analysis: BlockAnalysis | None) -> Document:
    """Return the document with the analysis of its blocks attached, for cleaning to use; None leaves it as it is."""
    return replace(document, analysis=replace(analysis_of(document), classified=analysis)) if analysis else document


def _read_known_template(parsed: _Parsed, profile: SiteProfile, language: str | None) -> Document | None:
    """Return the document of a page whose template `profile` knows, None for any other page.

    The text under each boilerplate path is one block. A block has one vote: that of its path's class, or where the
    class is unknown, that of text density.
    """
    boilerplate = boilerplate_paths(profile)
    segmentation = segment(parsed.root, boilerplate, parsed.elements) if boilerplate and parsed.is_complete else None
    if segmentation is None or not segmentation.blocks or segmentation.depth > _MAX_DEPTH:
        return None
    lines = [block.text for block in segmentation.blocks]
    classes = match_template(lines, [segmentation.path(block.node) for block in segmentation.blocks], profile)
    if classes is None:
        return None
    density = density_votes(segmentation) if PathClass.UNKNOWN in classes else [False] * len(classes)
    is_article = [own is PathClass.ARTICLE for own in classes]
    votes = [
        (_vote("density", is_dense) if own is PathClass.UNKNOWN else _vote("template", keep),)
        for own, keep, is_dense in zip(classes, is_article, density, strict=True)
    ]
    return _make_document(
        parsed,
        nodes_in(parsed.elements),
        lines,
        _blocks(segmentation, votes),
        _language(lines, is_article, language),
        [KNOWN_TEMPLATE],
    )


def _make_document(
    parsed: _Parsed,
    jsonld: Sequence[Node],
    lines: Sequence[str],
    blocks: Sequence[Block],
    language: Language,
    flags: Sequence[str],
) -> Document:
    """Return the document of a page: `lines` are the texts of its `blocks`, `jsonld` the nodes of its JSON-LD."""
    page, text, lowered = parsed.page, "\n".join(lines), parsed.source.lower()
    damaged = [DAMAGED] if "\ufffd" in text else []
    return Document(
        id=document_id(page.url, parsed.text),
        url=page.url,
        site=site_of(page.url),
        track=Track.HTML,
        language=language,
        metadata=extract_html_metadata(
            parsed.root,
            jsonld,
            url=page.url,
            text_lines=lines,
            fetched_at=page.fetched_at,
            language=None if language.code == "und" else language.code,
            source=lowered,
            elements=parsed.elements,
        ),
        text=text,
        blocks=tuple(blocks),
        flags=tuple(dict.fromkeys((*flags, *damaged))),
        rights=parsed.rights,
        signals=page_signals(parsed.elements, jsonld, lowered, page.status),
        structure=read_structure(parsed.root, text, blocks, page.url) if parsed.structure else None,
    )


def _language(lines: Sequence[str], chosen: Sequence[bool], code: str | None) -> Language:
    """Return the language of `code`, or that identified from the `chosen` lines, or from all where they are empty."""
    text = "\n".join(line for line, keep in zip(lines, chosen, strict=True) if keep) or "\n".join(lines)
    return identify_or_accept(text, code)


def _segment_page(parsed: _Parsed, flags: list[str]) -> tuple[_Parsed, Segmentation, list[Node], list[str]]:
    """Return the page with the tree that was segmented, its blocks, the nodes of its JSON-LD, and the alignment keys of
    the article bodies there.

    An article that the page embeds but does not show is appended to the tree and is among the blocks. What was repaired
    or appended is added to `flags`. Raises Unreadable where there is no text.
    """
    parsed, segmentation = _segment_or_flatten(parsed, flags)
    root, jsonld = parsed.root, nodes_in(parsed.elements)
    titles = [" ".join("".join(element.itertext()).split()) for element in parsed.elements.iter("title", "h1")]
    texts = article_bodies(jsonld, titles)
    body_keys = [alignment_key(text) for text in texts]
    article, flag = _find_article_not_shown(root, segmentation, texts, body_keys)
    if article is not None:
        (root if root.body is None else root.body).append(article)
        parsed = replace(parsed, elements=elements_of(root))
        segmentation = segment(root, elements=parsed.elements)
        flags.append(flag)
    if not segmentation.blocks:
        raise Unreadable(
            "empty page: the HTML holds no text (a page made by scripts?); render it first, or leave it out"
        )
    return parsed, segmentation, jsonld, body_keys


def _within_vote_limits(segmentation: Segmentation) -> bool:
    """Return whether a page is small enough for the extractors that take most time."""
    characters = sum(len(block.text) for block in segmentation.blocks)
    return (
        len(segmentation.nodes) <= _MAX_NODES
        and len(segmentation.blocks) <= _MAX_BLOCKS
        and characters <= _MAX_CHARACTERS
    )


def _segment_or_flatten(parsed: _Parsed, flags: list[str]) -> tuple[_Parsed, Segmentation]:
    """Return the page and its blocks. A tree nested too deep is flattened, which adds to `flags`."""
    segmentation = segment(parsed.root, elements=parsed.elements)
    if parsed.is_complete and segmentation.depth <= _MAX_DEPTH:
        return parsed, segmentation
    flags.append("nesting_flattened")
    root = parse_flattened(parsed.source)
    replace_formulas(root)
    remove_markers(root)
    parsed = replace(parsed, root=root, elements=elements_of(root))
    return parsed, segment(root, elements=parsed.elements)


def _with_votes(
    segmentation: Segmentation, votes: dict[str, list[bool]], block_keys: Sequence[str], body_keys: Sequence[str]
) -> list[Block]:
    """Return the blocks with their votes. `votes` are those of each method, a list with a row for each block.

    Blocks with the same votes share one tuple, which saves memory.
    """
    methods, shared = [*votes, "visible", "json-ld"], dict[tuple[bool | None, ...], tuple[Vote, ...]]()
    block_votes = []
    for raw, key, keeps in zip(segmentation.blocks, block_keys, zip(*votes.values(), strict=True), strict=True):
        in_json_ld = len(key) >= _MIN_LETTERS_IN_BODY and any(key in body for body in body_keys)
        row = (*keeps, False if raw.hidden else None, True if in_json_ld else None)
        if row not in shared:
            votes_of_row = zip(methods, row, strict=True)
            shared[row] = tuple(_vote(method, keep) for method, keep in votes_of_row if keep is not None)
        block_votes.append(shared[row])
    return _blocks(segmentation, block_votes)


def _blocks(segmentation: Segmentation, votes: Sequence[tuple[Vote, ...]]) -> list[Block]:
    """Return the blocks of the segmentation as blocks of a document, whose text joins them by line breaks."""
    blocks, position = [], 0
    for raw, own in zip(segmentation.blocks, votes, strict=True):
        end = position + len(raw.text)
        blocks.append(
            Block(
                start=position,
                end=end,
                kind=raw.kind,
                path=segmentation.path(raw.node),
                link_density=raw.linked / raw.characters if raw.characters else 0.0,
                after_image=raw.after_image,
                votes=own,
            )
        )
        position = end + 1
    return blocks


@cache
def _vote(method: str, keep: bool) -> Vote:
    return Vote(method=method, keep=float(keep))


def _find_article_not_shown(
    root: HtmlElement, segmentation: Segmentation, texts: Sequence[str], body_keys: Sequence[str]
) -> tuple[HtmlElement | None, str]:
    """Return the article that the page embeds but does not show, as an element to append, and the flag that names its
    origin; None and "" where there is none.

    `texts` are the article bodies in its JSON-LD, `body_keys` their alignment keys.
    """
    if texts and _is_not_shown(body_keys[0], alignment_keys([block.text for block in segmentation.blocks])):
        return build_article("json-ld", texts[0].split("\n")), "body_from_json_ld"
    body = find_embedded_article(root, segmentation)
    if body is None or body.segmentation.depth > _MAX_DEPTH:
        return None, ""
    return body.element, f"body_from_{body.origin}"


def _is_not_shown(body: str, block_keys: Sequence[str]) -> bool:
    """Return whether the blocks do not show an article body of JSON-LD: under 30 % of its letters, nor its beginning.

    `body` and `block_keys` are alignment keys. A body of under 400 letters is never taken.
    """
    shown = sum(len(key) for key in set(block_keys) if len(key) >= _MIN_LETTERS_IN_BODY and key in body)
    return len(body) >= 400 and shown < 0.3 * len(body) and body[:200] not in "".join(block_keys)
