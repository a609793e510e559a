"""Names of the files of site profiles: bounded, unique, safe on every file system, and those of earlier versions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from saaf.atomic_files import atomic_write
from saaf.cleaning.site.profile import SiteProfile
from saaf.cleaning.site.profile_json import ProfileError, to_json
from saaf.corpus.profile_files import find_profile, profile_file_name, read_profile

if TYPE_CHECKING:
    from pathlib import Path

HINDI = "कखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसहकखग"
HOSTS = (
    "www.example.org",
    "a_b-c.example",
    ".example",
    "..",
    "con",
    "aux.example",
    "lpt1.example",
    "auxiliary.example",
    "a/b\\c:d*e.example",
    "\0.example",
    "\ud800.example",
    "ሰላምሰላምሰላምሰላምሰላምሰላምሰላም.example",
    f"{HINDI}.example",
    f"{HINDI}घ.example",
    "a" * 121,
    "a" * 122,
    "a" * 1_000_000,
)


@pytest.mark.parametrize("host", HOSTS)
def test_every_host_has_a_safe_name(host: str) -> None:
    name = profile_file_name(host)
    assert len(name.encode()) + len(".partial") <= 143, "what encrypted file systems allow"
    assert re.fullmatch(r"[A-Za-z0-9%_=-][A-Za-z0-9%._=~-]*\.json", name)
    assert name.partition(".")[0].lower() not in {"con", "prn", "aux", "nul", "com1", "lpt1"}
    assert re.fullmatch(r"(?:[^%]|%[0-9A-F]{2})*", name), "no escape is cut in half"


def test_different_hosts_have_different_names_also_without_case() -> None:
    names = [profile_file_name(host).lower() for host in HOSTS]
    assert len(set(names)) == len(names)


def test_short_names_are_the_host_as_in_earlier_versions() -> None:
    assert profile_file_name("www.example.org") == "www.example.org.json"
    assert profile_file_name("हि.example") == "%E0%A4%B9%E0%A4%BF.example.json"


@pytest.mark.parametrize("host", ["aux.example", f"{HINDI[:20]}.example"])
def test_a_profile_that_an_earlier_version_named_is_found(tmp_path: Path, host: str) -> None:
    old = tmp_path / f"{quote(host, safe='.-_')}.json"
    assert find_profile(tmp_path, host) is None
    old.write_text(to_json(SiteProfile(site=host)), encoding="utf-8")
    assert find_profile(tmp_path, host) == old
    assert read_profile(old, host).site == host
    (tmp_path / profile_file_name(host)).write_text("{}")
    assert find_profile(tmp_path, host) == tmp_path / profile_file_name(host)


def test_a_directory_of_profiles_that_does_not_exist_has_none(tmp_path: Path) -> None:
    assert find_profile(tmp_path / "none", "www.example.org") is None


def test_a_profile_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.example.json").mkdir()
    with pytest.raises(ProfileError, match=r"a\.example\.json: the site's profile cannot be read"):
        read_profile(tmp_path / "a.example.json")


@pytest.mark.parametrize("name", ["a" * 255, "ह" * 85])
def test_a_file_of_the_longest_name_can_be_written(tmp_path: Path, name: str) -> None:
    with atomic_write(tmp_path / name) as partial:
        partial.write_text("whole")
    assert [path.name for path in tmp_path.iterdir()] == [name]
