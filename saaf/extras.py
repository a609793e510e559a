"""The sentence that says how to install an extra of saaf, in the way in which saaf itself was installed."""

from __future__ import annotations

import json
import shlex
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any
from urllib.parse import unquote, urlsplit


class NotInstalledError(ValueError):
    """A package of an extra is not installed; the message is a sentence that says how to install it."""


def install_hint(extra: str) -> str:
    """Return how to install saaf with an extra ("lid"), as the end of a sentence: "install it with `pip install …`".

    The command names what saaf was installed from: a checkout, a wheel, or the package index. Source of the record:
    https://packaging.python.org/en/latest/specifications/direct-url/.
    """
    return f"install it with `{install_command(extra, _direct_url())}`"


def install_command(extra: str, direct_url: dict[str, Any] | None) -> str:
    """Return the command of pip that installs saaf with an extra; `direct_url` is the record, None for an index.

    >>> install_command("lid", {"url": "file:///src/saaf", "dir_info": {"editable": True}})
    "pip install --editable '/src/saaf[lid]'"
    >>> install_command("lid", {"url": "file:///tmp/saaf-1-py3-none-any.whl", "archive_info": {}})
    "pip install '/tmp/saaf-1-py3-none-any.whl[lid]'"
    >>> install_command("lid", None)
    "pip install 'saaf[lid]'"
    """
    if direct_url is None:
        return f"pip install {shlex.quote(f'saaf[{extra}]')}"
    url = str(direct_url.get("url") or "")
    parts = urlsplit(url)
    is_local = parts.scheme == "file" and parts.netloc in ("", "localhost")
    vcs = (direct_url.get("vcs_info") or {}).get("vcs")
    place = (
        f"{unquote(parts.path)}[{extra}]"
        if is_local and not vcs
        else f"saaf[{extra}] @ {f'{vcs}+' if vcs else ''}{url}"
    )
    editable = "--editable " if (direct_url.get("dir_info") or {}).get("editable") else ""
    return f"pip install {editable}{shlex.quote(place)}"


def _direct_url() -> dict[str, Any] | None:
    """Return the record of where saaf was installed from; None for an index. A checkout that never was is "."."""
    try:
        text = distribution("saaf").read_text("direct_url.json")
        found = json.loads(text) if text else None
    except PackageNotFoundError:
        return {"url": "file:.", "dir_info": {"editable": True}}
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
