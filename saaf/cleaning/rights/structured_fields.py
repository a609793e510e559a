"""Dictionaries of structured fields (RFC 9651, section 3.2): the syntax of `Content-Usage`."""

from __future__ import annotations

import re
from typing import Final

MAX_LENGTH: Final = 8192
"""Length in characters from which on a dictionary is not parsed: servers limit all headers to about as much."""

_KEY = r"[a-z*][a-z0-9_\-.*]*+"
_WORD = r"[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*+"  # RFC 9651 calls it a token
_NUMBER = r"-?(?>[0-9]{1,12}\.[0-9]{1,3}|[0-9]{1,15})"
_STRING = r'"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*+"'
_BYTES = r":[A-Za-z0-9+/=]*+:"
_BOOLEAN = r"\?[01]"
_DATE = r"@-?[0-9]{1,15}"
_DISPLAY = r'%"(?:[\x20\x21\x23\x24\x26-\x7e]|%[0-9a-f]{2})*+"'
_OTHER = rf"(?>{_NUMBER}|{_STRING}|{_BYTES}|{_BOOLEAN}|{_DATE}|{_DISPLAY})"
_BARE = rf"(?>{_WORD}|{_OTHER})"
_PARAMETERS = rf"(?:;\ *+{_KEY}(?:={_BARE})?+)*+"
_INNER_LIST = rf"\(\ *+(?:{_BARE}{_PARAMETERS}(?:\ ++|(?=\))))*+\)"
_MEMBER = re.compile(rf"(?P<key>{_KEY})(?:=(?:(?P<token>{_WORD})|{_OTHER}|{_INNER_LIST}))?+{_PARAMETERS}")
_COMMA = re.compile(r"[ \t]*+,[ \t]*+")


def parse_dictionary(text: str) -> dict[str, str | None] | None:
    """Return the members of a dictionary by key: the text of a token, None for a value of any other type.

    Of members with one key the last counts. Parameters are left out. Returns None where the text is no dictionary, one
    wrong character included: RFC 9651, section 4.2, drops such a field as a whole.

    >>> parse_dictionary("train-ai=n;why=x, search=y"), parse_dictionary("train-ai"), parse_dictionary("Train-AI=n")
    ({'train-ai': 'n', 'search': 'y'}, {'train-ai': None}, None)
    """
    text = text.strip(" ")
    if len(text) > MAX_LENGTH:
        return None
    members: dict[str, str | None] = {}
    position = 0
    while position < len(text):
        member = _MEMBER.match(text, position)
        if member is None:
            return None
        members[member["key"]] = member["token"]
        position = member.end()
        if position == len(text):
            break
        comma = _COMMA.match(text, position)
        if comma is None or comma.end() == len(text):
            return None
        position = comma.end()
    return members
