"""Each method's opinion arrives at the right blocks."""

from __future__ import annotations

import random

from justext.core import classify_paragraphs, revise_paragraph_classification
from justext.paragraph import Paragraph
from lxml.html import document_fromstring, tostring

from saaf.cleaning.html.density import density_votes
from saaf.cleaning.html.jsonld import article_bodies, nodes_in
from saaf.cleaning.html.segment import Node, RawBlock, Segmentation, segment
from saaf.cleaning.text.folding import alignment_key
from saaf.cleaning.types import Kind
from saaf.cleaning.votes.align import align
from saaf.cleaning.votes.extractors import description_votes, justext_votes, stoplist, trafilatura_text

PROSE = (
    "The council met on Monday, and after a long debate, it agreed to repair the bridge before the winter comes, "
    "because two of the pillars, as the engineers had warned in spring, were weaker than the plans had promised."
)
PAGE = (
    "<html><body><ul><li><a href=/1>Home</a><li><a href=/2>News</a></ul><div id=text>"
    + "".join(f"<p>{number}. {PROSE}</p>" for number in range(6))
    + "</div><p>Imprint</p></body></html>"
)


def test_letters_are_what_two_renderings_share() -> None:
    assert alignment_key("A  b-c, “é” 1!") == alignment_key("Ab c e\u0301 1") == "Abcé1"


def test_align_finds_blocks_in_their_place() -> None:
    blocks = [
        alignment_key(text) for text in ("Share", PROSE, "Share", "Another paragraph that is rather long.", "Share")
    ]
    assert align(blocks, blocks[1] + blocks[2] + blocks[3]) == [False, True, True, True, False]


def test_align_is_not_led_astray_by_an_anchor_out_of_order() -> None:
    first, second, third = (alignment_key(f"{word} {PROSE}") for word in ("One", "Two", "Three"))
    assert align([third, first, second, third + "x"], first + second + third) == [False, True, True, False]


def test_align_with_nothing() -> None:
    assert align(["abc", ""], "") == [False, False]
    assert align([], "abc") == []


def test_trafilatura_leaves_the_tree_as_it_is_and_repeats_itself() -> None:
    root = document_fromstring(PAGE)
    before = tostring(root)
    texts = {trafilatura_text(root) for _ in range(3)}
    assert tostring(root) == before
    assert len(texts) == 1
    assert PROSE in texts.pop()


def test_density_picks_the_region_of_the_prose() -> None:
    assert density_votes(segment(document_fromstring(PAGE))) == [False, False, *[True] * 6, False]


def test_the_description_of_a_page_marks_the_lead_that_it_repeats_or_begins() -> None:
    lead = "पहाड़ी रास्ता पाँच दिन बाद फिर खुला और गाँवों तक राशन पहुँचने लगा, प्रशासन ने मंगलवार को बताया"
    root = document_fromstring(f'<head><meta property="og:description" content="{lead}"></head><p>x</p>')
    blocks = [
        alignment_key(text) for text in ("मंगलवार", lead, f"{lead}, और लोग घर लौटे।", "कुछ और बात जो यहाँ नहीं कही गई है")
    ]
    assert description_votes(root, blocks) == [False, True, True, False]
    assert description_votes(document_fromstring("<p>x</p>"), blocks) == [False] * 4


def test_justext_without_a_stop_list_still_keeps_prose() -> None:
    walked = segment(document_fromstring(PAGE))
    assert stoplist("am") == frozenset()
    assert justext_votes(walked, stoplist("am"))[2:8] == [True] * 6
    assert justext_votes(walked, stoplist("en")) == [False, False, *[True] * 6, False]


class JustextParagraph(Paragraph):  # type: ignore[misc]  # jusText comes without types
    """A block as jusText's own functions take it."""

    text = ""
    is_heading = False

    def __init__(self, block: RawBlock, tag: str) -> None:
        self.text, self.chars_count_in_links, self.class_type = block.text, block.linked, ""
        self.is_heading, self.dom_path = block.kind is Kind.HEADING, tag


def test_justext_votes_are_those_of_justexts_own_functions() -> None:
    chosen, stop_words = random.Random(4), frozenset(("the", "a", "of"))
    for _ in range(300):
        nodes = [Node(None, tag, -1, hidden=False, kind=Kind.PARAGRAPH, linked=False) for tag in ("p", "my-select")]
        walked = Segmentation(nodes=nodes)
        for _ in range(chosen.randint(0, 12)):
            count, weights = chosen.choice((1, 9, 14, 20, 60)), (9, 18, 9, 18, 9, 1)
            text = " ".join(chosen.choices(("the", "Ferry", "of", "harbour", "a", "©"), weights, k=count))
            kind, node = chosen.choice((Kind.HEADING, Kind.PARAGRAPH, Kind.PARAGRAPH)), int(chosen.random() < 0.05)
            linked = chosen.choice((0, 0, 0, 1, len(text) // 5, len(text)))
            walked.blocks.append(RawBlock(text, kind, node, False, len(text), linked, False))
        for used in (stop_words, frozenset[str]()):
            paragraphs = [JustextParagraph(block, nodes[block.node].tag) for block in walked.blocks]
            classify_paragraphs(paragraphs, used, **({} if used else {"stopwords_low": 0, "stopwords_high": 0}))
            revise_paragraph_classification(paragraphs)
            assert justext_votes(walked, used) == [not paragraph.is_boilerplate for paragraph in paragraphs]


def test_every_named_stop_list_exists() -> None:
    for code in ("hi", "ur", "ar", "fa", "bn", "nb", "sr"):
        assert len(stoplist(code)) > 20


def test_article_bodies_are_found_at_any_depth_and_broken_json_is_passed_over() -> None:
    root = document_fromstring(
        """<script type="application/ld+json">{"@graph": [{"articleBody": "&lt;p&gt;One&amp;two&lt;/p&gt; three"}]}
        </script><script type="application/ld+json">{"articleBody": "broken</script><p>x</p>"""
    )
    assert article_bodies(nodes_in(root)) == ["One&two\nthree"]
