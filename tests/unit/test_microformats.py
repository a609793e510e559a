"""Author and date in the class names of hAtom and h-entry; the site's name in `h1` is not the headline."""

import pytest

from saaf.cleaning import Metadata, Page
from saaf.cleaning.readers.html import read_html

TEXT = "<p>The smith has put up her anvil under the lime tree, since the forge is too hot, and works there.</p>"


def metadata(body: str, title: str = "x") -> Metadata:
    html = f"<html><head><title>{title}</title></head><body>{body}</body></html>"
    return read_html(Page(url=None, body=html.encode())).metadata


@pytest.mark.parametrize(
    ("footer", "author", "published"),
    [
        ("<span class='post-author vcard'>Posted by <span class='fn'>Ada Smith</span></span>", "Ada Smith", None),
        ("<span class='post-author vcard'>प्रस्तुतकर्ता <span class='fn'>रमा लोहार</span></span>", "रमा लोहार", None),
        ("<span class='post-author vcard'>مرسلة بواسطة <span class='fn'>ليلى حداد</span></span>", "ليلى حداد", None),
        ("<a class='p-author h-card' href='/ada'>Ada Smith</a>", "Ada Smith", None),
        ("<div class='p-author h-card'>By <b class='p-name'>Ada Smith</b>, smith</div>", "Ada Smith", None),
        ("<span class='p-author'>Ada Smith</span>", "Ada Smith", None),
        ("<div class='byline vcard'><a class='fn'>Ada Smith</a></div>", "Ada Smith", None),
        ("<abbr class='published' title='2021-05-09T10:00:00+05:30'>10:00</abbr>", None, "2021-05-09T10:00:00+05:30"),
        ("<time class='dt-published' datetime='2021-05-09'>yesterday</time>", None, "2021-05-09"),
        # Whoever comments, or has a card without being the author, is not the author.
        ("<div class='comment-author vcard'><cite class='fn'>Ben Reader</cite></div>", None, None),
        ("<div id='comments'><p class='post-author vcard'><b class='fn'>Ben Reader</b></p></div>", None, None),
        ("<div class='vcard'><span class='fn'>The Forge Ltd</span></div>", None, None),
        ("<abbr class='unpublished' title='2021-05-09'>soon</abbr>", None, None),
    ],
)
def test_author_and_date_of_an_entry(footer: str, author: str | None, published: str | None) -> None:
    found = metadata(f"<div class='hentry'><h3 class='entry-title'>x</h3>{TEXT}{footer}</div>")
    assert (found.author, found.published) == (author, published)
    assert dict(found.origins).get("author" if author else "published") in {"microformats", None}


def test_a_page_of_several_entries_has_no_author() -> None:
    entry = "<div class='hentry' id='e{0}'>{1}<span class='author vcard'><b class='fn'>{0} Smith</b></span></div>"
    assert metadata(entry.format("Ada", TEXT)).author == "Ada Smith"
    assert metadata(entry.format("Ada", TEXT) + entry.format("Ben", TEXT)).author is None


@pytest.mark.parametrize(
    ("body", "title", "headline"),
    [
        # A link to the front page, or a class, says that the heading is the site's name.
        ("<h1><a href='/'>emberly</a></h1><h2>Anvil: a life</h2>", "Anvil: a life - emberly", "Anvil: a life"),
        ("<h1><a href='https://emberly.example/'>emberly</a></h1><h2>Soot</h2>", "emberly: Soot", "Soot"),
        ("<h1 class='site-title'>अंगार</h1><h2>निहाई</h2>", "निहाई - अंगार", "निहाई"),
        ("<h1 id='logo'>جمر</h1><h2>السندان</h2>", "السندان | جمر", "السندان"),
        # So does the end of the title, where what stands before it is a line of the page.
        ("<h1>emberly</h1><h2>Old tongs</h2>", "Old tongs - emberly", "Old tongs"),
        ("<h1>እሳት</h1><h2>መዶሻ</h2>", "መዶሻ - እሳት", "መዶሻ"),
        # A headline that is followed by the name of a section or a site is the headline.
        ("<h1>Old tongs</h1><p>emberly</p>", "Old tongs - emberly", "Old tongs"),
        ("<h1><a href='/tongs'>Old tongs</a></h1><p>News</p>", "Old tongs | News", "Old tongs"),
        ("<h1>Soot and gold</h1>", "Smiths - Soot and gold", "Soot and gold"),
    ],
)
def test_the_name_of_the_site_in_h1_is_not_the_headline(body: str, title: str, headline: str) -> None:
    assert metadata(body + TEXT * 2, title).title == headline
