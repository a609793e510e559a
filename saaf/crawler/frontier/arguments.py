"""Arguments of a spider that a crawl is gone on with: which changed, and what that means for what was read before."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

_WINDOW = ("since", "until")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedArguments:
    """Arguments that are others than in the run before.

    `described` names them with both values. `is_narrower` says that the crawl wants a part of what it wanted, a later
    `since` or an earlier `until`: then nothing has to be read again.
    """

    described: str
    is_narrower: bool


def compare_arguments(earlier: object, now: str) -> ChangedArguments | None:
    """Return what changed between two sets of arguments, each a JSON object; None where nothing did, or is known."""
    before, after = _parse(earlier), _parse(now)
    if before is None or after is None or before == after:
        return None
    names = sorted(name for name in before.keys() | after.keys() if before.get(name, "") != after.get(name, ""))
    if not names:
        return None
    described = ", ".join(f"{name}={after.get(name, '')} after {name}={before.get(name, '')}" for name in names)
    is_narrower = all(_is_narrower(name, before.get(name, ""), after.get(name, "")) for name in names)
    return ChangedArguments(described=described, is_narrower=is_narrower)


def _parse(arguments: object) -> dict[str, str] | None:
    try:
        found = json.loads(arguments) if isinstance(arguments, str) and arguments else None
    except ValueError:
        return None
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else None


def _is_narrower(name: str, before: str, after: str) -> bool:
    """Return whether a changed argument leaves out more than before: an end of the window that was moved inwards."""
    if name not in _WINDOW or not after:
        return False
    try:
        earlier = date.fromisoformat(before) if before else None
        now = date.fromisoformat(after)
    except ValueError:
        return False
    return earlier is None or (now >= earlier if name == "since" else now <= earlier)
