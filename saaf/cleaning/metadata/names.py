"""Titles without site names, author names without byline labels, and the keys that both are compared by."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

import regex

from saaf.cleaning.text.folding import title_key

# Separators that themes print between a headline and the site's name. A hyphen counts with spaces around it only.
_TITLE_SEPARATOR: Final = regex.compile(
    r"\s*[|｜»«¦ㅣ∣❘‖]\s*|\s+(?:[-–—―~:•·>/\\⁄‹›*⋆★☆✦◆●]|::|--|\p{Extended_Pictographic}\uFE0F?)\s+"
    r"|\s*_\s*|\s+[-–—]|[-–—](?=\p{Han})"
)
_BAR: Final = regex.compile(r"[|｜»¦ㅣ∣❘‖]")
_QUOTATION: Final = regex.compile(r"«[^«»]*»")
_PREFIX_LABEL: Final = regex.compile(r"^([^:：]{1,80})[:：]\s*(?=\S)")
_UNSTORABLE: Final = re.compile("[\\x00-\\x08\\x0e-\\x1f\\x7f\\ud800-\\udfff]")
_WHITE_SPACE: Final = re.compile(r"\s+")
_MAX_TITLE_CHARACTERS: Final = 400
_MAX_AUTHOR_CHARACTERS: Final = 150
_MAX_BYLINE_CHARACTERS: Final = 300
_MAX_SITE_NAME_WORDS: Final = 5

_AUTHOR_LABEL: Final = regex.compile(
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
_CONTACT_DETAILS: Final = re.compile(
    r"https?://\S+|www\.\S+|\S+@\S+\.\S+|(?<!\w)@\w+|\bon Twitter\b|\bFollow\b.*", re.IGNORECASE
)
# System accounts of content management systems: no author's name.
_ACCOUNT_NAMES: Final = (
    "admin administrator administrador root author user username editor webmaster wordpress guest anonymous unknown "
    "none null undefined nan default staff super superuser"
)
_ACCOUNT_KEYS: Final = frozenset(_ACCOUNT_NAMES.split())


def one_line(text: str) -> str:
    """Return `text` trimmed, with every run of white space as one space, without control characters and surrogates."""
    return _WHITE_SPACE.sub(" ", _UNSTORABLE.sub("", text)).strip()


def site_name_keys(names: Iterable[str], host: str) -> frozenset[str]:
    """Return the `title_key`s of a site's names: the declared `names`, the labels of its `host` but for the last, and
    the whole host.
    """
    found = {title_key(name) for name in names}
    labels = [label for label in host.split(".")[:-1] if label not in {"www", "m", "amp", "com", "co", "org", "net"}]
    found.update(title_key(label) for label in labels)
    found.add(title_key(host.removeprefix("www.")))
    return frozenset(name for name in found if len(name) > 1)


def strip_site_name(title: str, site_keys: frozenset[str], agreeing: Sequence[str] = ()) -> str:
    """Return a title without the site's name and section at its ends.

    `site_keys` are the site's `site_name_keys`. `agreeing` are other titles of the page: where `title` is one of them
    with something after or before a separator, that part of `title` is returned.
    """
    label = _PREFIX_LABEL.match(title)
    if label and title_key(label[1]) in site_keys:  # Blogger: "Name of the blog: Headline"
        title = title[label.end() :]
    quotations = [match.span() for match in _QUOTATION.finditer(title)]
    cuts = [
        match.span()
        for match in _TITLE_SEPARATOR.finditer(title)
        if not any(start <= match.start() <= end or start < match.end() < end for start, end in quotations)
    ]
    if not cuts:
        return title
    agreeing_keys = {title_key(other) for other in agreeing}
    for start, _ in reversed(cuts):
        if title_key(title[:start]) in agreeing_keys:
            return title[:start].strip()
    for _, end in cuts:
        if title_key(title[end:]) in agreeing_keys:
            return title[end:].strip()
    changed = True
    while changed and cuts:
        changed = False
        (first_start, first_end), (last_start, last_end) = cuts[0], cuts[-1]
        is_after_bar = _BAR.search(title[last_start:last_end]) is not None
        if _is_site_name(title[last_end:], site_keys) or (
            is_after_bar and _is_short_suffix(title[last_end:], title[:last_start])
        ):
            title, cuts, changed = title[:last_start].rstrip(), cuts[:-1], True
        elif title_key(title[:first_start]) in site_keys | {""}:
            title = title[first_end:].lstrip()
            cuts = [(start - first_end, end - first_end) for start, end in cuts[1:]]
            changed = True
    return title


def title_parts(title: str) -> list[str]:
    """Return the parts of a title between its separators, the whole title where it has none."""
    return _TITLE_SEPARATOR.split(title)


def _is_short_suffix(segment: str, headline: str) -> bool:
    """Return whether the text after a bar is short relative to the text before it: a site's name or a section."""
    return len(segment.split()) <= _MAX_SITE_NAME_WORDS and len(title_key(segment)) < 0.7 * len(title_key(headline))


def _is_site_name(segment: str, site_keys: frozenset[str]) -> bool:
    """Return whether a part of a title is empty or nearly one of the site's names."""
    key = title_key(segment)
    if not key or key in site_keys:
        return True
    if len(segment.split()) > _MAX_SITE_NAME_WORDS or len(key) < 3:
        return False
    # "BBC News" on bbc.co.uk, "The Hill" on thehill.com, "Al Jazeera" where the declared name is "Al Jazeera English".
    return any(
        len(key) <= 3 * len(site) <= 9 * len(key)
        and (key.startswith(site) or site.startswith(key) or site.endswith(key))
        for site in site_keys
        if len(site) > 2
    )


def clean_title(text: str) -> str | None:
    """Return a title on one line, None where it has no letters or digits, or is longer than 400 characters."""
    title = one_line(text)
    return title if title_key(title) and len(title) <= _MAX_TITLE_CHARACTERS else None


def clean_author(text: str, site_keys: frozenset[str]) -> str | None:
    """Return an author's name without its label ("By"), addresses and handles; None where it is empty, too long, a
    number, a system account ("admin"), or the site's name.
    """
    name = _CONTACT_DETAILS.sub(" ", text[:_MAX_BYLINE_CHARACTERS])
    name = _AUTHOR_LABEL.sub("", name)
    name = _WHITE_SPACE.sub(" ", name).strip(" ,;:|/-–—·•،()[]<>")
    key = title_key(name)
    if not key or key.isdigit() or len(name) > _MAX_AUTHOR_CHARACTERS or key in _ACCOUNT_KEYS or key in site_keys:
        return None
    return name
