"""What a crawl does about certificates that cannot be verified."""

from __future__ import annotations

from enum import StrEnum


class TlsMode(StrEnum):
    """What to do about a certificate that cannot be verified: the values of SAAF_TLS."""

    VERIFY = "verify"
    """Refuse the page."""
    RECORD = "record"
    """Fetch it all the same, and record what is wrong with the certificate."""
