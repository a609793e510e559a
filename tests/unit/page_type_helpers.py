"""Small pages of each type, in several languages and scripts."""

import json
import random
from collections.abc import Mapping
from html import escape

OFFER = {"@type": "Offer", "price": "12.50", "priceCurrency": "EUR"}
# A sentence, and words for menus, of each language.
TEXTS = {
    "hi": (
        "शहर के पुराने तालाब की सफाई में इस बार पूरा मोहल्ला जुट गया और तीन महीने में पानी फिर से साफ दिखने लगा है।",
        ("देश", "दुनिया", "खेल", "संपर्क"),
    ),
    "ar": (
        "أعادت المدينة افتتاح مكتبتها القديمة بعد ترميم استمر ست سنوات، وعاد إليها القراء من كل الأحياء منذ الصباح.",
        ("سياسة", "مجتمع", "رياضة", "اتصل"),
    ),
    "am": (
        "በከተማዋ የሚገኘው አሮጌ ቤተ መጻሕፍት ከስድስት ዓመታት እድሳት በኋላ ዛሬ ለአንባቢዎች በድጋሚ ተከፍቷል፣ ብዙ ሰዎችም ተገኝተዋል።",
        ("ዜና", "ስፖርት", "ባህል", "አግኙን"),
    ),
    "ja": (
        "橋の架け替え工事で遠回りを強いられていた高校生のため、昭和のころに姿を消した渡し船がこの春から川に戻ってきた。",
        ("地域", "社会", "運動", "連絡"),
    ),
    "zh": (
        "这座城市的老图书馆经过六年的修缮今天重新开放，清晨就有许多读者从各个街区赶来，在门前排起了长长的队伍。",
        ("新闻", "社会", "体育", "联系"),
    ),
    "en": (
        "The old library of the town opened again this morning after six years of repairs, and readers came from far.",
        ("News", "World", "Sport", "Contact"),
    ),
}


def sentences(language: str, count: int) -> list[str]:
    """Return sentences that differ from each other: the words of a language in another order."""
    text = TEXTS[language][0]
    cut = random.Random(count)
    words = text.split() if " " in text else [text[at : at + 6] for at in range(0, len(text), 6)]
    glue = " " if " " in text else ""
    return [glue.join(cut.sample(words, len(words))) for _ in range(count)]


def page(language: str, title: str, content: str, head: str = "", classes: str = "") -> str:
    """Return a page with a menu and a footer around its content."""
    menu = "".join(f'<li><a href="/{place}">{word}</a></li>' for place, word in enumerate(TEXTS[language][1]))
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}</title>{head}'
        f'</head><body class="{classes}"><header><nav><ul>{menu}</ul></nav></header><main>{content}</main>'
        f"<footer><p>© 2026 {TEXTS[language][1][0]}</p></footer></body></html>"
    )


def article(language: str) -> str:
    title, *text = sentences(language, 7)
    body = "".join(f"<p>{one} {text[0]}</p>" for one in text)
    date = '<p><time datetime="2026-03-04">2026-03-04</time></p>'
    return page(language, title[:60], f"<article><h1>{title[:60]}</h1>{date}{body}</article>")


def listing(language: str) -> str:
    found = sentences(language, 24)
    items = "".join(
        f'<article class="card"><h2><a href="/2026/{at}">{one[:70]}</a></h2><p>{found[-at - 1][:90]}…</p></article>'
        for at, one in enumerate(found)
    )
    title = TEXTS[language][1][1]
    return page(language, title, f"<h1>{title}</h1><section>{items}</section>")


def thread(language: str) -> str:
    title, *texts = sentences(language, 7)
    posts = "".join(
        f'<div class="post" id="p{at}"><div class="user">user{at}</div><time datetime="2026-01-0{at + 1}">'
        f'2026-01-0{at + 1}</time><div class="body"><p>{text}</p></div></div>'
        for at, text in enumerate(texts)
    )
    reply = '<form><textarea name="reply"></textarea><button>↵</button></form>'
    return page(language, title[:50], f"<h1>{title[:50]}</h1>{posts}{reply}")


def sign_in(language: str) -> str:
    words = TEXTS[language][1]
    fields = f'<label>{words[0]} <input name="u"></label><label>{words[1]} <input type="password" name="p"></label>'
    return page(
        language, words[2], f'<h1>{words[2]}</h1><form method="post">{fields}<button>{words[2]}</button></form>'
    )


def stating(language: str, *nodes: Mapping[str, object]) -> str:
    title, *texts = sentences(language, 4)
    data = "".join(f'<script type="application/ld+json">{json.dumps(node)}</script>' for node in nodes)
    return page(language, title[:50], f"<h1>{title[:50]}</h1>" + "".join(f"<p>{text}</p>" for text in texts), data)
