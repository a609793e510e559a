"""Headlines without the site's name, authors without "By", names of sites."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

import regex

from saaf.cleaning.text.folding import title_key

# What themes print between a headline and the site's name. A hyphen counts with spaces around it only.
_SEPARATOR: Final = regex.compile(r"\s*[|｜»«¦ㅣ]\s*|\s+(?:[-–—―~:•·>/\\]|::|--)\s+|\s*_\s*|\s+[-–—]|[-–—](?=\p{Han})")
_BAR: Final = regex.compile(r"[|｜»¦ㅣ]")
_QUOTED: Final = regex.compile(r"«[^«»]*»")
_LED: Final = regex.compile(r"^([^:：]{1,80})[:：]\s*(?=\S)")
_UNSTORABLE: Final = re.compile("[\\x00-\\x08\\x0e-\\x1f\\x7f\\ud800-\\udfff]")
_SPACE: Final = re.compile(r"\s+")
_LONGEST_TITLE: Final = 400
_LONGEST_AUTHOR: Final = 150
_LONGEST_BYLINE: Final = 300
_MOST_BYLINE_WORDS: Final = 8
_MOST_SITE_WORDS: Final = 5

_BY: Final = regex.compile(
    r"""^\s*(?:
    (?:written|posted|published|reported|story|text|words|photos?|edited|submitted)\s+by | by | authors? | editor
    | von | autor(?:en|in|es|a|ka|zy)? | verfasst\s+von | par | auteur | écrit\s+par | por | escrito\s+por | redacción
    | di | scritto\s+da | da | door | av | af | skrevet\s+av | kirjoittaja | tekst
    | авторы? | от | текст | συντάκτης | του | της | yazar | yazan | penulis | oleh | tác\s+giả | bởi | mwandishi
    | بقلم | كتبت? | الكاتب | المؤلف | المحرر | تحرير | نویسنده | نوشته | خبرنگار | تحریر | از | رپورٹ
    | लेखक | द्वारा | लेखन | संपादक | লেখক | লিখেছেন | প্রতিবেদক
    | 作者 | 记者 | 記者 | 文 | 撰文 | 责任编辑 | 責任編輯 | 编辑 | 編輯 | 執筆 | 著者 | 筆者 | 글 | 기자 | 작성자
    )(?:\s*[:：/／|]\s*|\s+)""",
    regex.VERBOSE | regex.IGNORECASE,
)
# The few that begin a line as nothing but a byline does; the others are too common as first words of sentences.
_BYLINE: Final = regex.compile(
    r"^\s*(?:by\s|(?:von|par|por)\s(?=\p{Lu})|بقلم|كتبت?\s?[:：]|作者\s?[:：]|记者\s|автор\s?[:：]|लेखक\s?[:：])",
    regex.IGNORECASE,
)
_BEHIND_NAME: Final = regex.compile(r"\s+(?:[|•·–—―⋅-]|on\s+(?=\p{Lu}|\p{Nd}))\s*|[|•·]|,?\s(?=\p{Nd})")
_CONTACT: Final = re.compile(
    r"https?://\S+|www\.\S+|\S+@\S+\.\S+|(?<!\w)@\w+|\bon Twitter\b|\bFollow\b.*", re.IGNORECASE
)
# Account names of content systems; they name nobody.
_ACCOUNTS: Final = (
    "admin administrator administrador root author user username editor webmaster wordpress guest anonymous unknown "
    "none null undefined nan default staff super superuser"
)
_NOBODY: Final = frozenset(_ACCOUNTS.split())


def one_line(text: str) -> str:
    """Return `text` with every run of white space as one space, trimmed, and nothing in it that cannot be stored."""
    return _SPACE.sub(" ", _UNSTORABLE.sub("", text)).strip()


def site_name_keys(names: Iterable[str], host: str) -> frozenset[str]:
    """Return the keys that a site goes by: its declared names and the labels of its host but for the last."""
    found = {title_key(name) for name in names}
    labels = [label for label in host.split(".")[:-1] if label not in {"www", "m", "amp", "com", "co", "org", "net"}]
    found.update(title_key(label) for label in labels)
    found.add(title_key(host.removeprefix("www.")))
    return frozenset(name for name in found if len(name) > 1)


def strip_site_name(title: str, sites: frozenset[str], agreeing: Sequence[str] = ()) -> str:
    """Return a headline less the site's name and section at its ends.

    `sites` are keys from `site_name_keys`. `agreeing` are other headlines of the page: where the title is one of them
    with something after or before a separator, that one is the answer, as the title spells it.
    """
    led = _LED.match(title)
    if led and title_key(led[1]) in sites:  # Blogger: "Name of the blog: Headline"
        title = title[led.end() :]
    quoted = [match.span() for match in _QUOTED.finditer(title)]
    cuts = [
        match.span()
        for match in _SEPARATOR.finditer(title)
        if not any(start <= match.start() <= end or start < match.end() < end for start, end in quoted)
    ]
    if not cuts:
        return title
    wanted = {title_key(other) for other in agreeing}
    for start, _ in reversed(cuts):
        if title_key(title[:start]) in wanted:
            return title[:start].strip()
    for _, end in cuts:
        if title_key(title[end:]) in wanted:
            return title[end:].strip()
    changed = True
    while changed and cuts:
        changed = False
        (first_start, first_end), (last_start, last_end) = cuts[0], cuts[-1]
        behind_bar = _BAR.search(title[last_start:last_end]) is not None
        if _names_site(title[last_end:], sites) or (behind_bar and _is_aside(title[last_end:], title[:last_start])):
            title, cuts, changed = title[:last_start].rstrip(), cuts[:-1], True
        elif title_key(title[:first_start]) in sites | {""}:
            title = title[first_end:].lstrip()
            cuts = [(start - first_end, end - first_end) for start, end in cuts[1:]]
            changed = True
    return title


def _is_aside(segment: str, headline: str) -> bool:
    """Return whether what stands behind a bar is short beside what stands before it: a site or a section."""
    return len(segment.split()) <= _MOST_SITE_WORDS and len(title_key(segment)) < 0.7 * len(title_key(headline))


def _names_site(segment: str, sites: frozenset[str]) -> bool:
    spelled = title_key(segment)
    if not spelled or spelled in sites:
        return True
    if len(segment.split()) > _MOST_SITE_WORDS or len(spelled) < 3:
        return False
    # "BBC News" on bbc.co.uk, "The Hill" on thehill.com, "Al Jazeera" where the declared name is "Al Jazeera English".
    return any(
        len(spelled) <= 3 * len(site) <= 9 * len(spelled)
        and (spelled.startswith(site) or site.startswith(spelled) or site.endswith(spelled))
        for site in sites
        if len(site) > 2
    )


def clean_title(text: str) -> str | None:
    """Return a headline on one line, or None where there is no word in it or it is a paragraph."""
    title = one_line(text)
    return title if title_key(title) and len(title) <= _LONGEST_TITLE else None


def clean_author(text: str, sites: frozenset[str]) -> str | None:
    """Return an author's name without "By", addresses and handles, or None where it names the site or nobody."""
    name = _CONTACT.sub(" ", text[:_LONGEST_BYLINE])
    name = _BY.sub("", name)
    name = _SPACE.sub(" ", name).strip(" ,;:|/-–—·•،()[]<>")
    spelled = title_key(name)
    if not spelled or spelled.isdigit() or len(name) > _LONGEST_AUTHOR or spelled in _NOBODY or spelled in sites:
        return None
    return name


def author_of_byline(line: str, sites: frozenset[str]) -> str | None:
    """Return the author that a visible line names ("By Ann Example | 14 December 2024"), None where it is no byline."""
    name = _BEHIND_NAME.split(line[:_LONGEST_BYLINE], maxsplit=1)[0]
    if not _BYLINE.match(name) or len(name.split()) > _MOST_BYLINE_WORDS:
        return None
    return clean_author(name, sites)
