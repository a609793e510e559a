"""HTML pages to documents: one decoding, one parse, one walk, and the votes of every method on its blocks."""

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

_MOST_NODES = 50_000  # a page of 64,000 takes trafilatura 9 s; the largest of 1,800 real pages has 30,000
# jusText looks from each short paragraph to the next good one, the square; the largest of 1,579 real pages has 3,000.
_MOST_BLOCKS = 5_000
_MOST_CHARACTERS = 2_000_000  # trafilatura and jusText take about a second for each million
# From here on trafilatura is asked: on 6.5 % of pages. Cross-validated, with the first bars that followed the page: F1
# 92.5, residue 6.0 %, lost 4.0 %; where never asked 92.3, 6.2 and 3.9; from 0.65 on, 9 % of pages, 92.5, 5.9 and 4.0.
DOUBTFUL: Final = 0.8
_DEEPEST = 512  # as in browsers; the time for paths and for trafilatura's XPaths grows with the square of the depth


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parsed:
    """A page, its text, what the parser was given of it, and the tree; `sound`: the parser came to its end."""

    page: Page
    text: str
    source: bytes
    root: HtmlElement
    sound: bool


def read_html(
    page: Page,
    *,
    votes: Literal["all", "auto", "fast"] = "auto",
    profile: SiteProfile | None = None,
    language: str | None = None,
) -> Document:
    """Return the page as a document whose text holds every block, menus and footers included, a block a line.

    Of `votes`, trafilatura's takes most of the time. "auto" asks for it where the model of blocks is in doubt about the
    page without it, "all" always, "fast" never. A page of a template that `profile` knows is read without any method's
    vote, and has the flag "known_template". `language` is the ISO 639 code of the page where it is known, None to
    identify it. Raises Unreadable where the body is empty, binary, or has no text.
    """
    decoded = decode(page.body, page.header("content-type"))
    source = prepare_source(decoded.text)
    root, sound = parse(source)
    parsed = _Parsed(page=page, text=decoded.text, source=source, root=root, sound=sound)
    flags = ["encoding_damaged"] if decoded.problem else []
    if profile and (known := _known(parsed, profile, language)):
        return replace(known, flags=(*flags, *known.flags))
    root, walked, stated, bodies = _article(parsed, flags)
    lines = [block.text for block in walked.blocks]
    spelled = alignment_keys(lines)
    dense = density_votes(walked)
    identified = _language(lines, dense, language)
    ballots = {"density": dense, "description": description_votes(root, spelled)}
    votable = _votable(walked)
    if votable:
        if may_declare_content(stated, source):
            paths = [walked.path(block.node) for block in walked.blocks]
            ballots[SCHEMA_ORG_METHOD] = schema_org_votes(stated, paths, spelled)
        ballots["justext"] = justext_votes(walked, stoplist(identified.code))
    else:
        flags.append("too_large_for_votes")
    blocks = _with_votes(walked, ballots, spelled, bodies)
    document = _document(replace(parsed, root=root), stated, lines, blocks, identified, flags)
    analysis = analyse_blocks(document) if votable and votes == "auto" else None
    if votes == "fast" or not votable or (analysis and uncertainty(analysis) < DOUBTFUL):
        return _with_analysis(document, analysis)
    kept = align(spelled, alignment_key(trafilatura_text(root)))
    voted = tuple(
        replace(block, votes=(*block.votes, _vote("trafilatura", keep)))
        for block, keep in zip(document.blocks, kept, strict=True)
    )
    return _with_analysis(replace(document, blocks=voted), analysis and with_votes(analysis, voted))


def _with_analysis(document: Document, analysis: BlockAnalysis | None) -> Document:
    """Return the document with the analysis of its blocks handed on."""
    return replace(document, analysis=replace(analysis_of(document), classified=analysis)) if analysis else document


def _known(parsed: _Parsed, profile: SiteProfile, language: str | None) -> Document | None:
    """Return the document of a page of a template that `profile` knows, None of another.

    What stands in places that never hold an article is one block each. A block has one vote: its place's, or where that
    is not known, that of the density of text.
    """
    outside = boilerplate_paths(profile)
    walked = segment(parsed.root, outside) if outside and parsed.sound else None
    if walked is None or not walked.blocks or walked.depth > _DEEPEST:
        return None
    lines = [block.text for block in walked.blocks]
    classes = match_template(lines, [walked.path(block.node) for block in walked.blocks], profile)
    if classes is None:
        return None
    dense = density_votes(walked) if PathClass.UNKNOWN in classes else [False] * len(classes)
    is_article = [own is PathClass.ARTICLE for own in classes]
    votes = [
        (_vote("density", heavy) if own is PathClass.UNKNOWN else _vote("template", keep),)
        for own, keep, heavy in zip(classes, is_article, dense, strict=True)
    ]
    return _document(
        parsed,
        nodes_in(parsed.root),
        lines,
        _blocks(walked, votes),
        _language(lines, is_article, language),
        [KNOWN_TEMPLATE],
    )


def _document(
    parsed: _Parsed,
    stated: Sequence[Node],
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
            stated,
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


def _language(lines: Sequence[str], chosen: Sequence[bool], known: str | None) -> Language:
    text = "\n".join(line for line, keep in zip(lines, chosen, strict=True) if keep) or "\n".join(lines)
    return identify_or_accept(text, known)


def _article(parsed: _Parsed, flags: list[str]) -> tuple[HtmlElement, Segmentation, list[Node], list[str]]:
    """Return the page's tree and blocks, the nodes of its JSON-LD and the letters of the bodies that they state; add to
    the `flags`. An article that the page holds but does not show stands at the end. Raises Unreadable where there is no
    text.
    """
    root, walked = _walked(parsed, flags)
    stated = nodes_in(root)
    texts = article_bodies(stated)
    bodies = [alignment_key(text) for text in texts]
    article, flag = _unshown(root, walked, texts, bodies)
    if article is not None:
        (root if root.body is None else root.body).append(article)
        walked = segment(root)
        flags.append(flag)
    if not walked.blocks:
        raise Unreadable(
            "empty page: the HTML holds no text (a page made by scripts?); render it first, or leave it out"
        )
    return root, walked, stated, bodies


def _votable(walked: Segmentation) -> bool:
    characters = sum(len(block.text) for block in walked.blocks)
    return len(walked.nodes) <= _MOST_NODES and len(walked.blocks) <= _MOST_BLOCKS and characters <= _MOST_CHARACTERS


def _walked(parsed: _Parsed, flags: list[str]) -> tuple[HtmlElement, Segmentation]:
    """Return the page's tree and its blocks; add to the `flags` what had to be repaired."""
    walked = segment(parsed.root)
    if parsed.sound and walked.depth <= _DEEPEST:
        return parsed.root, walked
    flags.append("nesting_flattened")
    root = parse_flattened(parsed.source)
    return root, segment(root)


def _with_votes(
    walked: Segmentation, votes: dict[str, list[bool]], spelled: Sequence[str], bodies: Sequence[str]
) -> list[Block]:
    """Return the blocks with their votes; blocks with the same votes share one tuple, which spares memory."""
    methods, shared = [*votes, "visible", "json-ld"], dict[tuple[bool | None, ...], tuple[Vote, ...]]()
    found = []
    for raw, own, keeps in zip(walked.blocks, spelled, zip(*votes.values(), strict=True), strict=True):
        stated = bool(bodies) and len(own) >= 15 and any(own in body for body in bodies)
        key = (*keeps, False if raw.hidden else None, True if stated else None)
        if key not in shared:
            cast = zip(methods, key, strict=True)
            shared[key] = tuple(_vote(method, keep) for method, keep in cast if keep is not None)
        found.append(shared[key])
    return _blocks(walked, found)


def _blocks(walked: Segmentation, votes: Sequence[tuple[Vote, ...]]) -> list[Block]:
    """Return the blocks of a walk as those of a document, which joins them by line breaks."""
    blocks, position = [], 0
    for raw, own in zip(walked.blocks, votes, strict=True):
        end = position + len(raw.text)
        blocks.append(
            Block(
                start=position,
                end=end,
                kind=raw.kind,
                path=walked.path(raw.node),
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


def _unshown(
    root: HtmlElement, walked: Segmentation, stated: Sequence[str], bodies: Sequence[str]
) -> tuple[HtmlElement | None, str]:
    """Return the article that the page holds but does not show, as an element to append, and a flag that says so."""
    if stated and _missing(bodies[0], alignment_keys([block.text for block in walked.blocks])):
        return build_article("json-ld", stated[0].split("\n")), "body_from_json_ld"
    body = find_embedded_article(root, walked)
    if body is None or body.segmentation.depth > _DEEPEST:
        return None, ""
    return body.element, f"body_from_{body.origin}"


def _missing(body: str, spelled: Sequence[str]) -> bool:
    """Tell whether a structured article body stands nowhere among the visible blocks."""
    held = sum(len(text) for text in set(spelled) if len(text) >= 15 and text in body)
    return len(body) >= 400 and held < 0.3 * len(body) and body[:200] not in "".join(spelled)
