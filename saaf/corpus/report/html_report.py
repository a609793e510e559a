"""Rendering of report.html: one self-contained HTML file that loads nothing and runs one script of ours alone."""

from __future__ import annotations

import base64
import hashlib
import os
import sys
from contextlib import suppress
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemBytecodeCache, PackageLoader, StrictUndefined
from markupsafe import Markup

from saaf.cleaning.text.language_codes import language_name
from saaf.corpus.explain import rule_kind, text_direction
from saaf.corpus.report.charts import tone

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jinja2.bccache import Bucket

    from saaf.corpus.report.document_view import Line

HUES = 6  # colours for kinds of rules, in report.css


def render(context: Mapping[str, object]) -> str:
    """Return the HTML of the report from the variables of its template.

    Everything in `context` is untrusted: jinja2 escapes it, and the content security policy allows one style and one
    script only, by their digests. The script filters the samples; the page is complete without it.
    """
    environment = _environment()
    loader = environment.loader
    assert loader is not None  # noqa: S101  (set where the environment is made; mypy cannot know)
    style, script = (loader.get_source(environment, name)[0] for name in ("report.css", "report.js"))
    return environment.get_template("report.html.j2").render(
        **context,
        # Our own files, and their digests are in the policy.
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        policy=(
            f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; base-uri 'none'; "
            "form-action 'none'"
        ),
    )


@cache
def _environment() -> Environment:
    """Return the environment of the template, which it compiles once for all reports of the process."""
    environment = Environment(
        loader=PackageLoader("saaf.corpus", "report"),
        bytecode_cache=_bytecode_cache(),
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
        own_direction=_own_direction,
        tone=tone,
        places=_places,
        figure=_figure,
        language_name=language_name,
    )
    return environment


class _CompiledTemplates(FileSystemBytecodeCache):
    """Compiled templates in files; where one cannot be written, the template is compiled again the next time."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


def _bytecode_cache() -> _CompiledTemplates | None:
    """Return where compiled templates are kept: with the compiled modules of this package, where Python keeps those.

    To compile the template takes half a second. None where Python writes no compiled modules.
    """
    directory = Path(cache_from_source(__file__)).parent
    if sys.dont_write_bytecode or not os.access(directory, os.W_OK):
        return None
    return _CompiledTemplates(str(directory), "%s.jinja")


def _digest(content: str) -> str:
    """Return the source of an inline style or script for a content security policy (CSP level 3)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


def _places(quantiles: Sequence[float], least: float, greatest: float) -> list[float]:
    """Return where values lie from `least` to `greatest`, in percent."""
    width = greatest - least
    return [round(100 * (value - least) / width, 2) if width > 0 else 50.0 for value in quantiles]


def _figure(value: float) -> str:
    """Return a number with three digits that count, thousands parted."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.3g}"


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


def _own_direction(line: Line, direction: str) -> str | None:
    """Return the direction of a line in a passage of another direction, such as English in Arabic, else None.

    Both its first letter and most of its letters have that direction: a label of the passage's language before a date
    in another ("تاريخ النشر: 3rd, September 2025") keeps the order in which it is read.
    """
    text = "".join(span.text for span in line)
    own, first = text_direction(text), next((character for character in text if character.isalpha()), None)
    return own if own != direction and first is not None and text_direction(first) == own else None


def _hue(rule: str, families: Sequence[str]) -> str:
    """Return the CSS class of the colour of a rule's kind; `families` are the kinds of rules in the report."""
    return f"hue{families.index(rule_kind(rule)) % HUES}"


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _breakable(name: str) -> Markup:
    """Return a dotted name that may be broken into lines after its dots."""
    return Markup(".<wbr>").join(name.split("."))
