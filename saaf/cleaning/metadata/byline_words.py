"""The words of bylines: labels, conjunctions, roles, and what ends a name, in many languages. Of no site."""

from typing import Final

import regex

from saaf.cleaning.text.folding import title_key

# Labels that begin bylines only, with a colon, a break or white space after them.
LABEL: Final = regex.compile(
    r"""\s*(?:
    (?:(?:photos?\s+and\s+)?
       (?:article|blog|guest|news|opinion|post|recipe|review|story|text|words|the)\s+(?:and\s+\w+\s+)?)?
      (?:written|posted|published|reported|edited|submitted|contributed|created)?\s*(?<!\w)by:?(?=\s|\p{Lu}|$)
    | (?:authors?|writers?)\s*: | (?:posted|written)\s*:?\s+by\b
    | (?:(?:ein\s+)?(?:artikel|beitrag|bericht|interview|kommentar|text|gastbeitrag)\s+
       |(?:erstellt|verfasst|geschrieben|veröffentlicht)\s+)?von(?=\s*:?\s+\p{Lu}|\s*:?\s*$)
    | autor(?:en|in|innen)?\s*:
    | (?:publié\s+|écrit\s+|rédigé\s+|propos\s+recueillis\s+)?par(?=\s*:?\s+\p{Lu}|\s*:?\s*$) | auteure?s?\s*:
    | (?:escrito\s+|publicado\s+|redactado\s+)?por(?=\s*:?\s+\p{Lu}|\s*:?\s*$) | autora?(?:es)?\s*:
    | (?:scritto\s+|pubblicato\s+|a\s+cura\s+)?(?:di|da)(?=\s*:?\s+\p{Lu}|\s*:?\s*$) | autore\s*:
    | door(?=\s*:?\s+\p{Lu}|\s*:?\s*$) | (?:skrevet\s+|skriven\s+)?a[vf](?=\s*:?\s+\p{Lu}|\s*:?\s*$)
    | kirjoittaja\s*: | teksti?\s*: | szerző\s*: | írta\s*: | autor(?:ka|zy)?\s*: | opracowanie\s*: | napsala?\s*:
    | авторы?\s*: | автор(?=\s+\p{Lu}) | текст\s*:
    | συντάκτης\s*: | (?:του|της)(?=\s+\p{Lu}\w+\s+\p{Lu}) | γράφει\s+[οη]
    | yazan\s*: | yazar\s*: | penulis\s*: | pewarta\s*: | reporter\s*: | oleh(?=\s*:?\s+\p{Lu}) | tác\s+giả\s*:
    | bởi(?=\s+\p{Lu}) | mwandishi\s*: | na(?=\s+\p{Lu}\w+\s+\p{Lu}\w+$)
    | بقلم\s*[:：/]? | كتبت?\s*[:：/] | كتبه\s*[:：/]? | الكاتبة?\s*: | إعداد\s*: | تحریر\s*[:：/۔]
    | رپورٹ\s*[:：] | نامہ\s*نگار\s*: | از\s*قلم\s*:? | مصنفہ?\s*: | نویسنده\s*: | نوشتهٔ?\s*: | خبرنگار\s*:
    | लेखक\s*[:：] | लेखिका\s*[:：] | द्वारा\s*[:：] | रिपोर्ट\s*[:：] | लेखन\s*[:：]
    | লেখক\s*[:：] | লিখেছেন\s*[:：]? | প্রতিবেদক\s*[:：]
    | ஆசிரியர்\s*: | எழுதியவர்\s*: | రచయిత\s*: | ലേഖകൻ\s*: | લેખક\s*:
    | ጸሐፊ\s*[:：፡፦] | ዘጋቢ\s*[:：፡፦] | በ(?=\p{Script=Ethiopic}+\s+\p{Script=Ethiopic}+$)
    | โดย\s*[:：]? | ผู้เขียน\s*[:：] | เขียนโดย\s*[:：]?
    | 作者\s*[:：／/|丨] | 撰[文稿]\s*[:：／/|丨] | 文\s*[／/:：丨]
    | (?:本[报報])?[记記]者\s*(?:[:：／/|丨]|(?=\p{Han}{2,4}(?:\s|$)))
    | 执笔\s*[:：] | 執筆者?\s*[:：] | 著者\s*[:：] | 筆者\s*[:：] | 取材・文\s*[:：] | 文・
    | 글\s*[:：] | 작성자\s*[:：] | 기자\s*[:：] | מאת\s*[:：]? | Հեղինակ\s*[:՝] | ავტორი\s*:
    )\s*[:：／/|—–-]?\s*""",
    regex.VERBOSE | regex.IGNORECASE,
)
# Labels behind the name, with the name.
LABEL_BEHIND: Final = regex.compile(
    r"(?P<name>\S+(?:\s+\S+){0,3}?)\s*(?:کی\s+طرف\s+سے|کے\s+قلم\s+سے|(?<=\s)द्वारा|기자|특파원)"
)
# The same inside a line: after its date ("12 May 2024 | by Ann Example").
INNER_LABEL: Final = regex.compile(
    r"(?:^|[\s|•·,/])(?:(?:written|posted|published|submitted)\s+)?"
    r"(?:by|By|BY|[Vv]on|[Pp]ar|[Pp]or|[Dd]oor|[Oo]leh)\s+(?=\p{L})"
)
BEFORE_INNER_LABEL: Final = regex.compile(
    r"\s*(?:posted|submitted|published|written)\b|.{0,60}?(?:\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d{1,2}:\d\d)",
    regex.IGNORECASE,
)
PICTURE: Final = regex.compile(r"photo|image|picture|foto|bild|video|©|\bcredit", regex.IGNORECASE)
# Labels that are common words too: a single word after them is seldom a name.
COMMON_LABELS: Final = frozenset(
    ("by", "von", "par", "por", "di", "da", "door", "av", "af", "oleh", "na", "bởi", "του", "της")
)
BEHIND_NAME: Final = regex.compile(
    r"""\s*(?:[|•·⋅∣❘‖⋆»«\u2022<>()\[\]{}【】（）]|//|\s[-–—―]+(?:\s|$)|[—―])
    | \s+(?:in|for|für|pour|para|with|mit|at|from|via|als|as|ist|is|has|says?|recipes?)\s
    | ,?\s+\p{Nd} | (?<!\p{Latin})\p{Nd} | \s+\S+@\S+\.\w | \s*@ | \s+https?:
    | \s+(?:follow|updated?|share|edited|additional|photos?|photography)\b
    | \s+(?:illustration(?:en)?|adaptiert|reportage|leave\s+a)\b
    | ,\s+(?:the|for|für|en|in|at)\s""",
    regex.VERBOSE | regex.IGNORECASE,
)
WORD: Final = regex.compile(r"[\p{L}\p{M}][\p{L}\p{M}'’.\u200c\u200d-]*|(?<!\p{Latin})\p{Nd}+")
DANGLING: Final = regex.compile(
    r"[\s,;:|/–—-]+(?:(?:on|am|le|el|il|em|op|den|at|the|à|um|vom|dated?|and|und)[\s,;:|/–—-]*)?$|[\s,;:|/–—-]+$",
    regex.IGNORECASE,
)
BEFORE_DATE: Final = frozenset(("on", "am", "le", "el", "il", "em", "op", "den", "at", "um", "vom", "à"))
NUMBER_NEXT: Final = regex.compile(r"[\s,.]*\p{Nd}")
FULL_STOP: Final = regex.compile(r"\p{Ll}{3}\.$")
CONJUNCTION: Final = regex.compile(
    r"\s*[;、，؛]\s*|\s*/\s*|\s+[&＆]\s+|"
    r"\s+(?:and|und|et|y|e|en|og|och|ja|i|a|oraz|и|та|і|και|ve|dan|và|na|with|و|اور|और|ও)\s+",
    regex.IGNORECASE,
)
COMMA: Final = regex.compile(r"\s*[,،]\s+(?:(?:and|und|et|y)\s+)?")
_PARTICLE_WORDS: Final = """
    af al ap bin bint ben da das de degli dei del della den der di do dos du e el ibn la las le los of st ten ter und
    van vom von y zu zum zur
"""
PARTICLES: Final = frozenset(_PARTICLE_WORDS.split())
# What a person is, not what a person is called.
_ROLE_WORDS: Final = """
    correspondent reporter editor editors writer contributor columnist journalist producer director manager founder ceo
    cto chief officer head president professor senior analyst author associate assistant freelance blogger phd mba
    md esq reviewer educator
    redakteur redakteurin redaktion redaktionsleiter korrespondent chefredakteur volontär autor autorin journaliste
    rédacteur rédaction correspondant periodista redactor redactora corresponsal redazione giornalista redacteur
    images image photo photos foto getty profile profil profilo perfil website sponsored advertisement
    subscribe comments comment login unknown anonymous published updated posted
"""
ROLE_KEYS: Final = frozenset(map(title_key, _ROLE_WORDS.split()))
# Words with which a page's controls begin; later in a name they are names ("Emily Post", "Hui Min").
_CONTROL_WORDS: Final = """
    about admin all back bio biography articles account cart contact email expert facebook filed follow google guest
    home instagram learn leave linkedin log mail master menu min minutes more my next posts post previous print read
    register rss search see share sign stories twitter view web
"""
CONTROL_KEYS: Final = frozenset(map(title_key, _CONTROL_WORDS.split()))
# "River Post Staff": who signs together, after the name of what they work for.
GROUP_KEYS: Final = frozenset(("staff", "team", "desk", "newsroom"))
ROLE_SUFFIX: Final = regex.compile(
    r"\s*(?:기자|특파원|記者|记者|报道|報道|通讯员|通訊員)$|^本[报報]记者\s*|^(?:記者|记者)\s*(?=\p{Han}{2,4}$)"
)
# The scripts whose names have capitals. Georgian has them for headlines alone.
WITH_CAPITALS: Final = regex.compile(r"[\p{Latin}\p{Greek}\p{Cyrillic}\p{Armenian}]")
NAME_WORD: Final = regex.compile(
    r"(?:[\p{L}]{1,4}['’ʼ-])?[\p{Lu}\p{Lt}][\p{L}\p{M}'’ʼ.-]*|(?:al|el|bin)-\p{Lu}[\p{L}\p{M}-]*|\p{Lu}\."
)
