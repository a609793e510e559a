"""Reader of HTML: decodes and parses a page once, segments it into blocks, and collects the votes of all methods."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

from saaf.cleaning.analysis import analysis_of
from saaf.cleaning.html.decode import decode
from saaf.cleaning.html.density import density_votes
from saaf.cleaning.html.embedded_articles import build_article, find_embedded_article
from saaf.cleaning.html.jsonld import article_bodies, nodes_in
from saaf.cleaning.html.parser import parse, parse_flattened, prepare_source
from saaf.cleaning.html.segment import Segmentation, segment
from saaf.cleaning.metadata.html import extract_html_metadata
from saaf.cleaning.model.analysis import analyse_blocks, uncertainty, with_votes
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
    from saaf.cleaning.model.analysis import BlockAnalysis
    from saaf.cleaning.site.profile import SiteProfile
    from saaf.cleaning.types import Language

_MAX_NODES = 50_000  # a page of 64,000 takes trafilatura 9 s; the largest of 1,800 real pages has 30,000
# jusText looks from each short paragraph to the next good one, the square; the largest of 1,579 real pages has 3,000.
_MAX_BLOCKS = 5_000
_MAX_CHARACTERS = 2_000_000  # trafilatura and jusText take about a second for each million
# From here on trafilatura is asked: on 6.5 % of pages. Cross-validated, with the first thresholds that followed the
# page: F1 92.5, residue 6.0 %, lost 4.0 %; where never asked 92.3, 6.2 and 3.9; from 0.65 on, 9 % of pages, 92.5, 5.9
# and 4.0.
MIN_UNCERTAINTY_TO_ASK: Final = 0.8
_MAX_DEPTH = 512  # as in browsers; the time for paths and for trafilatura's XPaths grows with the square of the depth


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parsed:
    """A page, its text, what the parser was given of it, and the tree; `is_complete`: the parser came to its end."""

    page: Page
    text: str
    source: bytes
    root: HtmlElement
    is_complete: bool


def read_html(
    page: Page,
    *,
    votes: Literal["all", "auto", "fast"] = "auto",
    profile: SiteProfile | None = None,
    language: str | None = None,
) -> Document:
    """Return the page as a document whose text holds every block, menus and footers included, a block a line.

    Of `votes`, trafilatura's takes most of the time. "auto" asks for it where the block classifier is in doubt about
    the page without it, "all" always, "fast" never. A page of a template that `profile` knows is read without any
    method's vote, and has the flag "known_template". `language` is the ISO 639 code of the page where it is
    known, None to identify it. Raises Unreadable where the body is empty, binary, or has no text.
    """
    decoded = decode(page.body, page.header("content-type"))
    source = prepare_source(decoded.text)
    root, is_complete = parse(source)
    parsed = _Parsed(page=page, text=decoded.text, source=source, root=root, is_complete=is_complete)
    flags = ["encoding_damaged"] if decoded.problem else []
    if profile and (known_template := _read_known_template(parsed, profile, language)):
        return replace(known_template, flags=(*flags, *known_template.flags))
    root, segmentation, nodes, body_keys = _segment_with_embedded_article(parsed, flags)
    lines = [block.text for block in segmentation.blocks]
    block_keys = alignment_keys(lines)
    density = density_votes(segmentation)
    identified = _language(lines, density, language)
    votes_by_method = {"density": density, "description": description_votes(root, block_keys)}
    is_votable = _is_votable(segmentation)
    if is_votable:
        if may_declare_content(nodes, source):
            paths = [segmentation.path(block.node) for block in segmentation.blocks]
            votes_by_method[SCHEMA_ORG_METHOD] = schema_org_votes(nodes, paths, block_keys)
        votes_by_method["justext"] = justext_votes(segmentation, stoplist(identified.code))
    else:
        flags.append("too_large_for_votes")
    blocks = _with_votes(segmentation, votes_by_method, block_keys, body_keys)
    document = _document(replace(parsed, root=root), nodes, lines, blocks, identified, flags)
    analysis = analyse_blocks(document) if is_votable and votes == "auto" else None
    if votes == "fast" or not is_votable or (analysis and uncertainty(analysis) < MIN_UNCERTAINTY_TO_ASK):
        return _with_analysis(document, analysis)
    kept = align(block_keys, alignment_key(trafilatura_text(root)))
    voted = tuple(
        replace(block, votes=(*block.votes, _vote("trafilatura", keep)))
        for block, keep in zip(document.blocks, kept, strict=True)
    )
    return _with_analysis(replace(document, blocks=voted), analysis and with_votes(analysis, voted))


def _with_analysis(document: Document, analysis: BlockAnalysis | None) -> Document:
    """Return the document with the analysis of its blocks handed on."""
    return replace(document, analysis=replace(analysis_of(document), classified=analysis)) if analysis else document


def _read_known_template(parsed: _Parsed, profile: SiteProfile, language: str | None) -> Document | None:
    """Return the document of a page of a template that `profile` knows, None of another.

    What stands at paths that never hold an article is one block each. A block has one vote: its path's, or where that
    is not known, that of the density of text.
    """
    outside = boilerplate_paths(profile)
    segmentation = segment(parsed.root, outside) if outside and parsed.is_complete else None
    if segmentation is None or not segmentation.blocks or segmentation.depth > _MAX_DEPTH:
        return None
    lines = [block.text for block in segmentation.blocks]
    classes = match_template(lines, [segmentation.path(block.node) for block in segmentation.blocks], profile)
    if classes is None:
        return None
    density = density_votes(segmentation) if PathClass.UNKNOWN in classes else [False] * len(classes)
    is_article = [own is PathClass.ARTICLE for own in classes]
    votes = [
        (_vote("density", heavy) if own is PathClass.UNKNOWN else _vote("template", keep),)
        for own, keep, heavy in zip(classes, is_article, density, strict=True)
    ]
    return _document(
        parsed,
        nodes_in(parsed.root),
        lines,
        _blocks(segmentation, votes),
        _language(lines, is_article, language),
        [KNOWN_TEMPLATE],
    )


def _document(
    parsed: _Parsed,
    nodes: Sequence[Node],
    lines: Sequence[str],
    blocks: Sequence[Block],
    language: Language,
    flags: Sequence[str],
) -> Document:
    page = parsed.page
    return Document(
        id=document_id(page.url, parsed.text),
        url=page.url,
        site=site_of(page.url),
        track=Track.HTML,
        language=language,
        metadata=extract_html_metadata(
            parsed.root,
            nodes,
            url=page.url,
            text_lines=lines,
            fetched_at=page.fetched_at,
            language=None if language.code == "und" else language.code,
            source=parsed.source.lower(),
        ),
        text="\n".join(lines),
        blocks=tuple(blocks),
        flags=tuple(flags),
    )


def _language(lines: Sequence[str], chosen: Sequence[bool], code: str | None) -> Language:
    text = "\n".join(line for line, keep in zip(lines, chosen, strict=True) if keep) or "\n".join(lines)
    return identify_or_accept(text, code)


def _segment_with_embedded_article(
    parsed: _Parsed, flags: list[str]
) -> tuple[HtmlElement, Segmentation, list[Node], list[str]]:
    """Return the page's tree and blocks, the nodes of its JSON-LD and the keys of the article bodies in them; add to
    the `flags`. An article that the page holds but does not show stands at the end. Raises Unreadable where there is no
    text.
    """
    root, segmentation = _segment_repaired(parsed, flags)
    nodes = nodes_in(root)
    texts = article_bodies(nodes)
    body_keys = [alignment_key(text) for text in texts]
    article, flag = _embedded_article(root, segmentation, texts, body_keys)
    if article is not None:
        (root if root.body is None else root.body).append(article)
        segmentation = segment(root)
        flags.append(flag)
    if not segmentation.blocks:
        raise Unreadable(
            "empty page: the HTML holds no text (a page made by scripts?); render it first, or leave it out"
        )
    return root, segmentation, nodes, body_keys


def _is_votable(segmentation: Segmentation) -> bool:
    characters = sum(len(block.text) for block in segmentation.blocks)
    return (
        len(segmentation.nodes) <= _MAX_NODES
        and len(segmentation.blocks) <= _MAX_BLOCKS
        and characters <= _MAX_CHARACTERS
    )


def _segment_repaired(parsed: _Parsed, flags: list[str]) -> tuple[HtmlElement, Segmentation]:
    """Return the page's tree and its blocks; add to the `flags` what had to be repaired."""
    segmentation = segment(parsed.root)
    if parsed.is_complete and segmentation.depth <= _MAX_DEPTH:
        return parsed.root, segmentation
    flags.append("nesting_flattened")
    root = parse_flattened(parsed.source)
    return root, segment(root)


def _with_votes(
    segmentation: Segmentation, votes: dict[str, list[bool]], block_keys: Sequence[str], body_keys: Sequence[str]
) -> list[Block]:
    """Return the blocks with their votes; blocks with the same votes share one tuple, which spares memory."""
    methods, shared = [*votes, "visible", "json-ld"], dict[tuple[bool | None, ...], tuple[Vote, ...]]()
    found = []
    for raw, own, keeps in zip(segmentation.blocks, block_keys, zip(*votes.values(), strict=True), strict=True):
        nodes = bool(body_keys) and len(own) >= 15 and any(own in body for body in body_keys)
        key = (*keeps, False if raw.hidden else None, True if nodes else None)
        if key not in shared:
            cast = zip(methods, key, strict=True)
            shared[key] = tuple(_vote(method, keep) for method, keep in cast if keep is not None)
        found.append(shared[key])
    return _blocks(segmentation, found)


def _blocks(segmentation: Segmentation, votes: Sequence[tuple[Vote, ...]]) -> list[Block]:
    """Return the blocks of a walk as those of a document, which joins them by line breaks."""
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


def _embedded_article(
    root: HtmlElement, segmentation: Segmentation, bodies: Sequence[str], body_keys: Sequence[str]
) -> tuple[HtmlElement | None, str]:
    """Return the article that the page holds but does not show, as an element to append, and a flag that says so."""
    if bodies and _is_missing(body_keys[0], alignment_keys([block.text for block in segmentation.blocks])):
        return build_article("json-ld", bodies[0].split("\n")), "body_from_json_ld"
    body = find_embedded_article(root, segmentation)
    if body is None or body.segmentation.depth > _MAX_DEPTH:
        return None, ""
    return body.element, f"body_from_{body.origin}"


def _is_missing(body: str, block_keys: Sequence[str]) -> bool:
    """Tell whether a structured article body stands nowhere among the visible blocks."""
    held = sum(len(text) for text in set(block_keys) if len(text) >= 15 and text in body)
    return len(body) >= 400 and held < 0.3 * len(body) and body[:200] not in "".join(block_keys)
