"""Certificates are verified: what is wrong with one is said in words, and SAAF_TLS=record goes on all the same."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.integration.hostile import good, says, serving_plays, whole
from tests.integration.server import crawl

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime.now(UTC)
FAULTS = {
    "127.0.0.2": "is self-signed",
    "127.0.0.3": "has expired",
    "127.0.0.4": "is not of this host",
    "127.0.0.5": "comes from an authority that is not trusted",
}


def certificate(
    path: Path, address: str, *, signer: tuple[x509.Name, ec.EllipticCurvePrivateKey] | None = None, days: int = 30
) -> tuple[x509.Name, ec.EllipticCurvePrivateKey]:
    """Write a certificate and its key to a file; `days` from now it expires."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"test of {path.stem}")])
    issuer, signing_key = signer or (name, key)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=99))
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=not address, path_length=None), critical=True)
    )
    if address:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False
        )
    made = builder.sign(signing_key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return name, key


def context(path: Path) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(path)
    return made


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory of an authority, ca.pem, and of certificates by address."""
    directory = tmp_path_factory.mktemp("certificates")
    authority = certificate(directory / "ca.pem", "")
    stranger = certificate(directory / "stranger.pem", "")
    certificate(directory / "127.0.0.1.pem", "127.0.0.1", signer=authority)
    certificate(directory / "127.0.0.2.pem", "127.0.0.2")
    certificate(directory / "127.0.0.3.pem", "127.0.0.3", signer=authority, days=-1)
    certificate(directory / "127.0.0.4.pem", "127.0.0.99", signer=authority)
    certificate(directory / "127.0.0.5.pem", "127.0.0.5", signer=stranger)
    return directory


@pytest.mark.parametrize("mode", ["verify", "record"])
def test_a_certificate_is_verified_or_its_fault_recorded(
    mode: str, certificates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / "ca.pem"))
    addresses = ["127.0.0.1", *FAULTS, "127.0.0.6"]
    plays = {address: {"/a": says(whole(good()))} for address in addresses}
    tls = {address: context(certificates / f"{address}.pem") for address in addresses[:-1]}
    with serving_plays(plays, tls=tls) as web:
        starts = ",".join(f"https://{address}:{web.port}/a" for address in addresses)
        done = crawl(
            "web", "-a", f"start={starts}", output=tmp_path, SAAF_BUILD=0, SAAF_TLS=mode, RETRY_TIMES=0,
            STATS_DUMP=1, SAAF_QUIET=0, SAAF_ALLOW_ADDRESSES="127.0.0.0/8:*",
        )  # fmt: skip
    ledger = {url.split("/")[2].split(":")[0]: row for url, row in done.ledger().items() if url.endswith("/a")}
    assert ledger["127.0.0.1"][0] == "document", ledger
    assert ledger["127.0.0.6"][1] == "fetch_failed"
    assert "TLS handshake failed" in (ledger["127.0.0.6"][2] or "")
    for address, fault in FAULTS.items():
        role, state, reason = ledger[address]
        if mode == "verify":
            assert (state, web.asked[address]) == ("fetch_failed", [])
            assert f"the certificate of {address} {fault}" in (reason or "")
            assert "SAAF_TLS=record" in (reason or "")
        else:
            assert (role, web.asked[address]) == ("document", ["/robots.txt", "/a"])
            assert f"'saaf/tls/certificate {fault}" in done.stderr


def test_an_unknown_mode_is_one_line(tmp_path: Path) -> None:
    done = crawl("web", "-a", "start=https://127.0.0.1/", output=tmp_path, SAAF_TLS="ignore")
    assert done.code == 2
    assert "SAAF_TLS is verify or record, not 'ignore'" in done.stderr
