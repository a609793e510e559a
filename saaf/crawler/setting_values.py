"""Values of single SAAF_* settings, each checked: `saaf.crawler.config` reads them all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from saaf.crawler.guards.addresses import SETTING, AddressPolicy
from saaf.crawler.guards.tls_mode import TlsMode
from saaf.crawler.politeness.host_health import Limits as HostLimits

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings


def positive(settings: BaseSettings, name: str, *, default: float) -> float:
    """Return a setting that is a number above 0. Raises ValueError for any other."""
    value = number(settings, name, default=default)
    if not 0 < value < float("inf"):
        raise ValueError(f"{name} is a number above 0, not {value:g}: for example -s {name}={default:g}")
    return value


def build_options(settings: BaseSettings) -> dict[str, Any]:
    """Return the settings of the build by the keys of saaf.toml. Raises ValueError where they are no dict."""
    try:
        return settings.getdict("SAAF_BUILD_OPTIONS")
    except (TypeError, ValueError):
        raise ValueError(
            "SAAF_BUILD_OPTIONS has the keys of saaf.toml with their values, as a dict or as JSON: for example "
            """-s SAAF_BUILD_OPTIONS='{"language": ["hi"]}'"""
        ) from None


def address_policy(settings: BaseSettings) -> AddressPolicy:
    """Return what the crawl may connect to. Raises ValueError for an entry that is no address."""
    try:
        return AddressPolicy.parse(str(entry) for entry in settings.getlist(SETTING))
    except ValueError as error:
        raise ValueError(f"{SETTING}: {error}") from None


def tls_mode(settings: BaseSettings) -> TlsMode:
    """Return what a certificate that cannot be verified does. Raises ValueError for an unknown word."""
    value = str(settings.get("SAAF_TLS") or TlsMode.VERIFY)
    if value not in set(TlsMode):
        raise ValueError(f"SAAF_TLS is {' or '.join(TlsMode)}, not {value!r}")
    return TlsMode(value)


def host_limits(settings: BaseSettings) -> HostLimits:
    """Return back-off and budget of a host. Raises ValueError for what is no number from 0 on."""
    defaults = HostLimits()
    values = {
        "backoff": number(settings, "SAAF_BACKOFF", default=defaults.backoff),
        "max_backoff": number(settings, "SAAF_BACKOFF_MAX", default=defaults.max_backoff),
        "pages": number(settings, "SAAF_HOST_PAGES", default=0),
        "size": number(settings, "SAAF_HOST_BYTES", default=0),
        "seconds": number(settings, "SAAF_HOST_SECONDS", default=0),
    }
    for value in values.values():
        if not 0 <= value < float("inf"):
            raise ValueError(f"the limits of a host (SAAF_BACKOFF…, SAAF_HOST_…) are numbers from 0 on, not {value}")
    return HostLimits(
        backoff=values["backoff"],
        max_backoff=values["max_backoff"],
        pages=int(values["pages"]),
        size=int(values["size"]),
        seconds=values["seconds"],
    )


def number(settings: BaseSettings, name: str, *, default: float) -> float:
    """Return a setting that is a number, `default` where it is None. Raises ValueError for any other."""
    value = settings.get(name)
    try:
        return default if value is None else float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is a number, not {value!r}: for example -s {name}=4") from None
