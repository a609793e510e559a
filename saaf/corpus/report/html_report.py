"""Rendering of report.html: one self-contained HTML file that runs no script and loads nothing."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from saaf.corpus.explain import rule_kind, text_direction
from saaf.corpus.report.charts import tone

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HUES = 6  # colours for kinds of rules, in report.css


def render(context: Mapping[str, object]) -> str:
    """Return the HTML of the report from the variables of its template.

    Everything in `context` is untrusted: jinja2 escapes it, and the content security policy allows one style only.
    """
    environment = Environment(
        loader=PackageLoader("saaf.corpus", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=_number,
        percent=_percent,
        jaccard=_jaccard,
        link=_link,
        hue=_hue,
        short=_short,
        breakable=_breakable,
        direction=text_direction,
        tone=tone,
    )
    loader = environment.loader
    assert loader is not None  # noqa: S101  (set three lines above; mypy cannot know)
    style, _, _ = loader.get_source(environment, "report.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return environment.get_template("report.html.j2").render(
        **context,
        style=Markup(style),  # noqa: S704  (our own file, and its hash is in the policy)
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
    )


def _number(value: int) -> str:
    return f"{value:,}"


def _percent(part: float, whole: float) -> str:
    """Return a share as percent: "–" where `whole` is 0, and never a rounded 0 % or 100 % where the share is not."""
    if not whole:
        return "–"
    share = 100 * part / whole
    if 0 < share < 0.1:
        return "< 0.1 %"
    if 99.9 < share < 100:
        return "> 99.9 %"
    return f"{share:.1f} %" if share % 100 else f"{share:.0f} %"


def _jaccard(value: float) -> str:
    return f"{value:.3f}" if value >= 1 else f"{min(value, 0.999):.3f}"


def _link(url: str | None) -> str | None:
    """Return the URL if a reader may follow it: http or https with a host; None for `javascript:` and the like."""
    try:
        parts = urlsplit(url or "")
    except ValueError:  # such as "http://[", which pages do link to
        return None
    return url if parts.scheme in {"http", "https"} and parts.netloc else None


def _hue(rule: str, families: Sequence[str]) -> str:
    """Return the CSS class of the colour of a rule's kind; `families` are the kinds of rules in the report."""
    return f"hue{families.index(rule_kind(rule)) % HUES}"


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _breakable(name: str) -> Markup:
    """Return a dotted name that may be broken into lines after its dots."""
    return Markup(".<wbr>").join(name.split("."))
