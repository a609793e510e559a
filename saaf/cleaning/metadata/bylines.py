"""Authors in bylines: the labels of many languages, and what stands behind a name and is none.

"By Ann Example, Political Correspondent | 12 May 2024" names Ann Example. Organisations may be authors (agencies sign
articles), the page's own site and the accounts of content management systems may not.
"""

from __future__ import annotations

from typing import Final

import regex

from saaf.cleaning.dates.calendars import date_words
from saaf.cleaning.dates.words import DATE_LABELS
from saaf.cleaning.metadata.names import clean_author
from saaf.cleaning.text.folding import date_word_key, title_key

_MAX_LINE_CHARACTERS: Final = 200
_MAX_NAME_WORDS: Final = 5
_MAX_AUTHORS: Final = 20
_MAX_CASELESS_CHARACTERS: Final = 30
_MAX_HANDLE_CHARACTERS: Final = 30
_MIN_LABEL_LETTERS: Final = 6  # of a date's label that ends a name; shorter ones ("am", "stand") are words of names too

# Labels that begin bylines only, with a colon, a break or white space after them.
_LABEL: Final = regex.compile(
    r"""\s*(?:
    (?:(?:article|blog|guest|news|opinion|photos?|post|recipe|review|story|text|video|words|the)\s+(?:and\s+\w+\s+)?)?
      (?:written|posted|published|reported|edited|submitted|contributed|created)?\s*(?<!\w)by:?(?=\s|\p{Lu}|$)
    | authors?\s*: | (?:posted|written)\s*:?\s+by\b
    | (?:ein\s+\w+\s+|text\s+|verfasst\s+|geschrieben\s+|veröffentlicht\s+)?von(?=\s*:?\s+\p{Lu}|\s*:?\s*$) | autor(?:en|in|innen)?\s*:
    | (?:publié\s+|écrit\s+|rédigé\s+|propos\s+recueillis\s+)?par(?=\s*:?\s+\p{Lu}|\s*:?\s*$) | auteure?s?\s*:
    | (?:escrito\s+|publicado\s+|redactado\s+)?por(?=\s*:?\s+\p{Lu}|\s*:?\s*$) | autora?(?:es)?\s*:
    | (?:scritto\s+|pubblicato\s+|a\s+cura\s+)?(?:di|da)(?=\s*:?\s+\p{Lu}|\s*:?\s*$) | autore\s*:
    | door(?=\s*:?\s+\p{Lu}|\s*:?\s*$) | (?:skrevet\s+|skriven\s+)?a[vf](?=\s*:?\s+\p{Lu}|\s*:?\s*$) | auteurs?\s*:
    | kirjoittaja\s*: | teksti?\s*: | szerző\s*: | írta\s*: | autor(?:ka|zy)?\s*: | opracowanie\s*: | napsala?\s*:
    | авторы?\s*: | автор(?=\s+\p{Lu}) | текст\s*: | συντάκτης\s*: | (?:του|της)(?=\s+\p{Lu}\w+\s+\p{Lu}) | γράφει\s+[οη]
    | yazan\s*: | yazar\s*: | penulis\s*: | pewarta\s*: | reporter\s*: | oleh(?=\s*:?\s+\p{Lu}) | tác\s+giả\s*: | bởi(?=\s+\p{Lu})
    | mwandishi\s*: | na(?=\s+\p{Lu}\w+\s+\p{Lu}\w+$)
    | بقلم\s*[:：/]? | كتبت?\s*[:：/] | كتبه\s*[:：/]? | الكاتبة?\s*: | إعداد\s*: | تحریر\s*[:：۔]? (?=\s*:|\s*$) | رپورٹ\s*: | نامہ\s*نگار\s*:?
    | از\s*قلم\s*:? | مصنفہ?\s*: | نویسنده\s*: | نوشتهٔ?\s*: | خبرنگار\s*:
    | लेखक\s*[:：] | लेखिका\s*[:：] | द्वारा\s*[:：] | रिपोर्ट\s*[:：] | लेखन\s*[:：] | লেখক\s*[:：] | লিখেছেন\s*[:：]? | প্রতিবেদক\s*[:：]
    | ஆசிரியர்\s*: | எழுதியவர்\s*: | రచయిత\s*: | ലേഖകൻ\s*: | લેખક\s*: | लेखकः\s*:
    | ጸሐፊ\s*[:：፡፦] | በ(?=\p{Script=Ethiopic}+\s+\p{Script=Ethiopic}+$) | ዘጋቢ\s*[:：፡፦]
    | โดย\s*[:：]? | ผู้เขียน\s*[:：] | เขียนโดย\s*[:：]?
    | 作者\s*[:：／/|丨] | 记者\s*[:：／/|丨]? (?=\s?\p{Han}{2,4}(?:\s|$)) | 記者\s*[:：／/|丨] | 文\s*[／/:：丨] | 撰文\s*[:：／/|丨] | 撰稿\s*[:：]
    | 责任编辑\s*[:：] | 責任編輯\s*[:：] | 执笔\s*[:：] | 執筆(?:者)?\s*[:：] | 著者\s*[:：] | 筆者\s*[:：] | 取材・文\s*[:：] | 文・
    | 글\s*[:：]\s* | 작성자\s*[:：] | 기자\s*[:：] | מאת\s*[:：]? | Հեղինակ\s*[:՝] | ავტორი\s*:
    )\s*[:：／/|—–-]?\s*""",
    regex.VERBOSE | regex.IGNORECASE,
)
# The same inside a line: after its date ("12 May 2024 | by Ann Example").
_INNER_LABEL: Final = regex.compile(
    r"(?:^|[\s|•·,/])(?:(?:written|posted|published|submitted)\s+)?(?:by|By|BY|[Vv]on|[Pp]ar|[Pp]or|[Dd]oor|[Oo]leh)\s+(?=\p{L})"
)
_MAX_BEFORE_INNER_LABEL: Final = 60
_SUBMITTED: Final = regex.compile(r"(?i)posted|submitted|published|written|\p{Nd}")
_CUT: Final = regex.compile(
    r"""\s*(?:[|•·⋅∣❘‖⋆»«\u2022<>()\[\]{}【】（）]|//|\s[-–—―]+(?:\s|$)|[—―])
    | \s+(?:in|for|für|pour|para|with|mit|at|from|via|als|as|ist|is|has|says?|recipes?)\s
    | ,?\s*\p{Nd} | \s+(?:follow|updated?|share|edited|additional|photos?|photography|illustration(?:en)?|adaptiert|reportage)\b
    | ,\s+(?:the|for|für|en|in|at)\s""",
    regex.VERBOSE | regex.IGNORECASE,
)
_WORD: Final = regex.compile(r"[\p{L}\p{M}][\p{L}\p{M}'’.\u200c\u200d-]*|\p{Nd}+")
_DANGLING: Final = regex.compile(
    r"[\s,;:|/–—-]+(?:(?:on|am|le|el|il|em|op|den|at|the|à|um|vom|dated?|and|und)[\s,;:|/–—-]*)?$|[\s,;:|/–—-]+$", regex.IGNORECASE
)
_CONJUNCTION: Final = regex.compile(
    r"\s*[;、&＆，؛]\s*|\s*/\s*|\s+(?:and|und|et|y|e|en|og|och|ja|i|a|oraz|и|и\s+|та|і|και|ve|dan|và|na|og|with|و|اور|और|ও|و\s+)\s+",
    regex.IGNORECASE,
)
_COMMA: Final = regex.compile(r"\s*[,،]\s+(?:(?:and|und|et|y)\s+)?")
_PARTICLES: Final = frozenset(
    "af al ap bin bint ben da das de degli dei del della den der di do dos du e el ibn la las le los of st ten ter und van "
    "vom von y zu zum zur".split()
)
# What a person is, not what a person is called, and words of a page's own machinery beside its authors.
_ROLE_KEYS: Final = frozenset(
    title_key(word)
    for word in """
    correspondent reporter editor editors writer contributor columnist journalist producer director manager founder ceo cto
    president professor staff senior chief analyst author associate assistant freelance blogger phd mba md dr prof esq rn
    redakteur redakteurin redaktion redaktionsleiter korrespondent chefredakteur volontär autor autorin journaliste
    rédacteur rédaction correspondant periodista redactor redactora corresponsal redazione giornalista redacteur
    about profile profil profiles google website web twitter facebook linkedin instagram rss email mail view more read see
    contact home posts post articles stories all bio biography share follow subscribe comments comment print next previous
    login register search menu unknown guest anonymous published updated posted minutes minute min read complet
    """.split()
)  # fmt: skip
_ROLE_SUFFIX: Final = regex.compile(r"\s*(?:기자|특파원|記者|记者|报道|報道|通讯员|通訊員)$|^本[报報]记者\s*|^(?:記者|记者)\s*(?=\p{Han}{2,4}$)")
_CASED: Final = regex.compile(r"[\p{Lu}\p{Lt}\p{Ll}]")
_NAME_WORD: Final = regex.compile(
    r"(?:[\p{L}]{1,4}['’ʼ-])?[\p{Lu}\p{Lt}][\p{L}\p{M}'’ʼ.-]*|(?:al|el|bin)-\p{Lu}[\p{L}\p{M}-]*|\p{Lu}\."
)


def is_name(text: str) -> bool:
    """Return whether a text has the shape of a person's or an organisation's name: up to five words, each with a
    capital where the script has capitals, none of them a role ("Editor") or a word of a page's controls ("Profile").
    """
    words = text.split()
    if not 1 <= len(words) <= _MAX_NAME_WORDS or any(title_key(word) in _ROLE_KEYS for word in words):
        return False
    if _CASED.search(text):
        capitals = [_NAME_WORD.fullmatch(word) is not None for word in words]
        return any(capitals) and all(
            is_capital or title_key(word) in _PARTICLES for word, is_capital in zip(words, capitals, strict=True)
        )
    letters = title_key(text)
    return bool(letters) and len(text) <= _MAX_CASELESS_CHARACTERS and not any(map(str.isdigit, letters))


def split_authors(text: str, site_keys: frozenset[str]) -> list[str]:
    """Return the names in a declared author or in a byline without its label, without roles, titles, dates and places
    behind them; empty where none is left.

    "A, B and C" is split where its parts have the shape of full names only.
    """
    text = _ROLE_SUFFIX.sub("", " ".join(text.split()))
    parts = [part for part in _COMMA.split(text) if part]
    if len(parts) > 1 and _is_full_name(_CONJUNCTION.split(parts[0])[0]):
        kept = [part for part in parts[1:] if all(map(_is_full_name, _CONJUNCTION.split(part)))]
        parts = [parts[0], *kept]
    else:
        parts = [text]
    names: list[str] = []
    for part in parts:
        pieces = [piece for piece in _CONJUNCTION.split(part) if piece]
        names += pieces if len(pieces) > 1 and all(map(_is_full_name, pieces)) else [part]
    cleaned = [name for each in names[:_MAX_AUTHORS] if (name := clean_author(_ROLE_SUFFIX.sub("", each), site_keys))]
    return list(dict.fromkeys(cleaned))


def _is_full_name(text: str) -> bool:
    """Return whether a text is a name of two words or more, or of a script that writes names without spaces."""
    return is_name(text) and (" " in text.strip() or not _CASED.search(text))


def authors_of_byline(line: str, site_keys: frozenset[str]) -> list[str]:
    """Return the authors in a visible line ("By Ann Example | 14 December 2024"), empty where it is no byline."""
    if len(line) > _MAX_LINE_CHARACTERS:
        return []
    label = _LABEL.match(line)
    if label is None:
        inner = _INNER_LABEL.search(line[: _MAX_BEFORE_INNER_LABEL + 20])
        if inner is None or not _SUBMITTED.search(line[: inner.start()]):
            return []
        label = inner
    name = cut_behind_name(line[label.end() :])
    is_dated = any(map(str.isdigit, line[label.end() :]))
    may_be_handle = " " not in name and is_dated and 2 < len(name) <= _MAX_HANDLE_CHARACTERS
    first = _CONJUNCTION.split(_COMMA.split(name)[0])[0]
    if not name or not (may_be_handle or is_name(_ROLE_SUFFIX.sub("", first))):
        return []
    return split_authors(name, site_keys)


def is_byline_label(line: str) -> bool:
    """Return whether a line is a byline's label and nothing else: the name stands in the next line."""
    label = _LABEL.match(line) if len(line) <= _MAX_HANDLE_CHARACTERS else None
    return label is not None and label.end() == len(line)


def cut_behind_name(text: str) -> str:
    """Return what stands before the first separator, date, preposition of an office, or label of a date."""
    text = text.strip()
    if cut := _CUT.search(text, 1):
        text = text[: cut.start()]
    previous_end = 0
    for match in _WORD.finditer(text):
        if previous_end and _begins_date(text, match):
            text = text[: match.start()]
            break
        previous_end = match.end()
    return _DANGLING.sub("", text).strip()


def _begins_date(text: str, word: regex.Match[str]) -> bool:
    """Return whether a word is a date's label, or the name of a month or weekday with which the text ends."""
    key = date_word_key(word[0]).strip(".")
    if len(key) >= _MIN_LABEL_LETTERS and key in DATE_LABELS:
        return True
    return key in date_words() and len(text) - word.end() <= 2 and not word[0].islower()
