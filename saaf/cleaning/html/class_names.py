"""Class names, ids, roles and tags as evidence: the names that themes give to menus, comments, lists and articles."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Whole tokens of ids, classes and roles that themes give to the parts around an article, by the rule they stand for.
_TOKENS_BY_RULE: Final[Mapping[str, str]] = {
    "html.navigation": """
        breadcrumb breadcrumbs colophon contentinfo copyright crumbs foot footer header headerbar
        masthead menu menus nav navbar navigation pager pagination paging sitemap skip submenu toc
        toolbar topbar
    """,
    "html.comments": """
        comentarios coment comment commentaires commentlist comments disqus fbcomments kommentare opinie
        replies reply respond
    """,
    "html.related": """
        carousel headlines hot latest like more morefrom mostpopular mostread mostviewed outbrain
        popular rank ranking readmore recommend recommendation recommendations recommended relacionadas
        relate related relatednews relatedposts similar slider taboola teaser teasers ticker topstories
        trending upnext viewed yarpp
    """,
    "html.share": """
        addthis addtoany bookmark bookmarks follow share shareaholic sharebar sharedaddy sharing social
        socials
    """,
    "html.advertisement": """
        ad ads adsbygoogle adv advert advertisement advertising banner cmp consent cookie cookies donate
        gdpr login modal newsletter newsletters overlay paywall popup promo promoted promotion register
        signup sponsor sponsored subscribe subscription
    """,
    "html.sidebar": "aside colright complementary leftcol rail rightcol side sidebar sidecol widget widgets",
    "body": """
        artibody article articlebody articletext body content contents detail details entry main
        maincontent newstext post prose richtext story text
    """,
}
# Names of notices about cookies: by what they are, and of the services that show them. A page about cookies, and a
# recipe, have the word alone.
_NOTICES: Final = """
    alert banner bar bot box choices? compliance consent container control dialog disclaimer drawer hint info layer law
    manager message msg notice? notification note overlay panel permission popin preferences prompt settings tip toast
    warning widget wrap(?:per)?
"""
_CONSENT_SERVICES: Final = """
    axeptio borlabs-?cookie cky- cli-bar cmplz cmpbox cookie-?law-?info cookiebot
    cookiefirst cookieyes cybot didomi- eupopup fc-consent iubenda-cs klaro moove_gdpr onetrust osano- qc-cmp
    sp_message tarteaucitron termly- truste(?![a-z]) trustarc usercentrics wt-cli
"""
_COOKIE_NOTICE: Final = (
    rf"(?:cookies?|consent|gdpr|ccpa|dsgvo|rgpd|lgpd)[-_]?(?:{'|'.join(_NOTICES.split())})(?![a-z])"
    rf"|(?<![a-z])(?:{'|'.join(_CONSENT_SERVICES.split())})"
)
# Names that decide alone, whatever the model's probability; not where a theme names most of the page so. On 1,579
# development pages the model would keep 3,183 words of windows (rules for comments, sign-ins) that are residue and 54
# that the gold texts have, of disclaimers 2,854 and 376, of networks' posts 591 and 23, of captions 214 and 25.
_ALWAYS_REMOVED: Final[Mapping[str, re.Pattern[str]]] = {
    "html.window": re.compile(rf"modal|dialog|pop-?up|{_COOKIE_NOTICE}", re.IGNORECASE),
    "html.disclaimer": re.compile(r"disclaimer", re.IGNORECASE),
    "html.caption": re.compile(r"^figcaption\b"),
    "html.embed": re.compile(r"\btwitter-tweet|\binstagram-media|\btiktok-embed|\bfb-post|\bbluesky-embed"),
}
# One of these stands in every name that decides alone; to look for them takes a tenth of the time of the patterns.
_SIGNS: Final = frozenset(
    (
        *("modal", "dialog", "pop-up", "popup", "cookie", "consent", "gdpr", "ccpa", "dsgvo", "rgpd", "lgpd"),
        *("disclaimer", "figcaption", "twitter-", "instagram-", "tiktok-", "fb-post", "bluesky-"),
        *(re.split(r"-\?|\(", service)[0] for service in _CONSENT_SERVICES.split()),
    )
)
_SIGNS_OF_ALWAYS_REMOVED: Final = tuple(
    sorted(sign for sign in _SIGNS if not any(other in sign for other in _SIGNS - {sign}))
)
_QUOTATION: Final = re.compile(r"(?!.*pull[-_]?quote).*quote", re.IGNORECASE)  # blockquote too, but no pull quote
_RULE_OF_TOKEN: Final = {name: rule for rule, names in _TOKENS_BY_RULE.items() for name in names.split()}
_RULE_OF_TAG: Final = {
    "nav": "html.navigation",
    "footer": "html.navigation",
    "aside": "html.sidebar",
    "form": "html.form",
    "button": "html.form",
    "article": "body",
    "main": "body",
}
STATE_CLASS: Final = re.compile(
    r"(?:is-)?(?:active|show|shown|in|current|selected|open|opened|expanded|visible|first|last|fade|odd|even)"
)
"""Classes that say in which state an element is, or which of several it is; they differ between elements of a kind."""
_TAG = re.compile(r"[^#.\[]*")
_TOKEN = re.compile(r"[^#.\[\]\-_:=]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@lru_cache(maxsize=8192)
def rule_of_step(step: str) -> str | None:
    """Return the rule that the names in a path step like "div#more.related-posts[role=navigation]" stand for.

    "body" for the names of an article's body, None where no name is known; a rule has precedence over "body".
    """
    tag = tag_of_step(step)
    found = [_RULE_OF_TAG[tag]] if tag in _RULE_OF_TAG else []
    if len(tag) < len(step):
        names = step[len(tag) :]
        lowered = names.lower()
        tokens = _TOKEN.findall(lowered if lowered == names else _CAMEL.sub("-", names).lower())
        found += [_RULE_OF_TOKEN[token] for token in tokens if token in _RULE_OF_TOKEN]
    return next((rule for rule in found if rule != "body"), found[0] if found else None)


@lru_cache(maxsize=8192)
def always_removed(step: str) -> str | None:
    """Return the rule by which an element with this path step is removed whatever the model's probability, else None.

    A window that opens over the page, a disclaimer, a caption, a post that a social network's script embeds.
    """
    if step.isascii():  # other letters may be equal to one of these but for case: the long s, the sign for kelvin
        lowered = step.lower()
        if not any(map(lowered.__contains__, _SIGNS_OF_ALWAYS_REMOVED)):
            return None
    return next((rule for rule, name in _ALWAYS_REMOVED.items() if name.search(step)), None)


def always_removed_steps(steps: Sequence[str]) -> list[str | None]:
    """Return `always_removed` of each step: most pages have one or two of the signs in the names of all their elements,
    and only for these the names are looked through one by one.
    """
    joined = "\n".join(steps)
    if not joined.isascii():
        return [always_removed(step) for step in steps]
    lowered = joined.lower()
    signs = [sign for sign in _SIGNS_OF_ALWAYS_REMOVED if sign in lowered]
    return [always_removed(step) if any(map(step.lower().__contains__, signs)) else None for step in steps]


@lru_cache(maxsize=8192)
def is_quoted(path: str) -> bool:
    """Return whether a path has an element with a quotation's tag or name, other than a pull quote."""
    return _QUOTATION.match(path) is not None


@lru_cache(maxsize=8192)
def tag_of_step(step: str) -> str:
    """Return the tag of a path step: "div" of "div#main.post"."""
    return _TAG.match(step)[0]  # type: ignore[index]  # it matches the empty string too
