"""The files of site profiles in a directory, one for each site: their names, reading them, keeping them for later."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from saaf.cleaning.site.profile import SITES
from saaf.cleaning.site.profile_json import ProfileError, from_json
from saaf.cleaning.text.urls import digest_of

if TYPE_CHECKING:
    from pathlib import Path

    from saaf.cleaning.site.profile import SiteProfile

_SUFFIX = ".json"
# Encrypted file systems allow 143 bytes a name, of which writing takes 8 (".partial").
_MAX_HOST_BYTES = 120
_PREFIX_BYTES = 80  # of a longer host, so that a person still knows it
_DIGEST_DIGITS = 32
# Windows opens a device in place of a file of these names, with any ending.
_DEVICES = frozenset(("con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))))


def profile_file_name(site: str) -> str:
    """Return the name of a site's file: the host, percent-encoded, with ".json"; ASCII, 125 bytes at most.

    Of a host that takes more than 120 bytes, which 14 letters of Hindi do, the name has the beginning, "=" and 32
    digits of its SHA-256. Different sites have different names, also where upper and lower case count as the same.
    """
    name = _encode(site)
    if name.startswith(".") or name.partition(".")[0] in _DEVICES:
        name = f"%{ord(name[0]):02X}{name[1:]}"
    if len(name) <= _MAX_HOST_BYTES:
        return name + _SUFFIX
    beginning = name[:_PREFIX_BYTES]
    if "%" in beginning[-2:]:  # half an escape
        beginning = beginning[: beginning.rindex("%")]
    return f"{beginning}={digest_of(site, _DIGEST_DIGITS)}{_SUFFIX}"


def _encode(site: str) -> str:
    return quote(site, safe=".-_", errors="surrogatepass")


def find_profile(directory: Path, site: str) -> Path | None:
    """Return the path of a site's profile in a directory, None where there is none.

    Files that versions up to 0.2.0 named after a long host, or after a host such as "aux.example", are found too.
    """
    longest = os.pathconf(directory, "PC_NAME_MAX") if directory.is_dir() else 0
    names = (profile_file_name(site), _encode(site) + _SUFFIX)
    return next((directory / name for name in names if len(name) <= longest and (directory / name).exists()), None)


def read_profile(path: Path, site: str | None = None) -> SiteProfile:
    """Return the profile in a file. Raises ProfileError, with the file's name and what to do, where it cannot be read,
    holds none, or holds that of another site than `site` (None: any site).
    """
    try:
        status = path.stat()
        profile = _parse_profile(path, (status.st_ino, status.st_mtime_ns, status.st_size))
    except OSError as error:
        raise ProfileError(f"{path}: the site's profile cannot be read: {error.strerror or error}") from error
    if site is not None and profile.site != site:
        raise ProfileError(f"{path}: this is the profile of {profile.site}, not of {site}: rename or delete the file")
    return profile


@lru_cache(maxsize=SITES)
def _parse_profile(path: Path, _version: tuple[int, int, int]) -> SiteProfile:
    """Return the profile in a file; inode, modification time and size make a changed file another cache key."""
    try:
        return from_json(path.read_text(encoding="utf-8"))
    except ProfileError as error:
        raise ProfileError(f"{path}: {error}") from error
    except UnicodeDecodeError as error:
        raise ProfileError(f"{path}: the file is not UTF-8: correct or delete it") from error
