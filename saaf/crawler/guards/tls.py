"""Certificates of servers: verified as browsers do, and what is wrong with one said in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from OpenSSL import SSL
from scrapy.core.downloader.contextfactory import _ScrapyClientContextFactory
from service_identity.hazmat import DNS_ID, IPAddress_ID, verify_service_identity
from service_identity.pyopenssl import extract_patterns
from twisted.internet.abstract import isIPAddress, isIPv6Address
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer

from saaf.crawler.guards.tls_mode import TlsMode

if TYPE_CHECKING:
    from OpenSSL.crypto import X509

WRONG_HOST = "is not of this host"
# OpenSSL's codes (X509_V_ERR_*, in x509_vfy.h), which are the same in all versions.
_PROBLEMS = {
    9: "is not valid yet",
    10: "has expired",
    18: "is self-signed",
    19: "comes from an authority that is not trusted",
    20: "comes from an authority that is not trusted, or the server does not send its chain",
    21: "comes from an authority that is not trusted, or the server does not send its chain",
    23: "was revoked",
    62: WRONG_HOST,
    64: WRONG_HOST,
}
_UNTRUSTED = "is not one that this machine trusts"


@implementer(IPolicyForHTTPS)
class VerifyingContextFactory(_ScrapyClientContextFactory):
    """Scrapy's factory of TLS connections, which verifies certificates and remembers what is wrong with them.

    `problems` has, by (host, port), what the last certificate was found to be. With `TlsMode.RECORD` the connection
    goes on all the same.
    """

    def __init__(self, *arguments: Any, mode: TlsMode, **options: Any) -> None:
        super().__init__(*arguments, **{**options, "verify_certificates": True})
        self._mode = mode
        self.problems: dict[tuple[str, int], str] = {}

    def creatorForNetloc(self, hostname: bytes | str, port: int) -> Any:
        """Return the creator of a connection to a host and port."""
        host = hostname if isinstance(hostname, str) else hostname.decode("ascii")
        creator = super().creatorForNetloc(host.encode("ascii"), port)
        return _VerifyingCreator(creator, host, (host.lower(), port), self.problems, self._mode)


@implementer(IOpenSSLClientConnectionCreator)
class _VerifyingCreator:
    def __init__(
        self, creator: Any, host: str, key: tuple[str, int], problems: dict[tuple[str, int], str], mode: TlsMode
    ) -> None:
        self._creator = creator
        is_address = isIPAddress(host) or isIPv6Address(host)
        self._identity = IPAddress_ID(host) if is_address else DNS_ID(host)
        self._key = key
        self._problems = problems
        self._mode = mode

    def clientConnectionForTLS(self, protocol: Any) -> SSL.Connection:
        connection: SSL.Connection = self._creator.clientConnectionForTLS(protocol)
        self._problems.pop(self._key, None)
        connection.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, self._verify)
        return connection

    def _verify(self, _: SSL.Connection, certificate: X509, error: int, depth: int, preverified: int) -> bool:
        """Record what is wrong with a certificate of the chain; return whether the handshake goes on."""
        problem = None if preverified else _PROBLEMS.get(error, _UNTRUSTED)
        if problem is None and depth == 0:
            problem = self._identity_problem(certificate)
        if problem is not None:
            self._problems.setdefault(self._key, problem)
        return problem is None or self._mode is TlsMode.RECORD

    def _identity_problem(self, certificate: X509) -> str | None:
        try:
            verify_service_identity(extract_patterns(certificate), [self._identity], [])
        except Exception:
            return WRONG_HOST  # whatever is wrong with its names: an exception in OpenSSL's callback would be lost
        return None
