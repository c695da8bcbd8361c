"""Certificates for the parts of one installation: an authority of its own, and a key pair a part.

Files of a part are `<folder>/<part>/{ca.crt, tls.crt, tls.key}`; the authority's key is in a folder of its own, which
no part sees. Keys are PKCS#8, the one form that Elasticsearch, Kibana and Logstash's inputs all read.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from shipper.errors import UnavailableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from shipper.clock import Clock

Action = Literal["create", "renew", "unchanged"]

_AUTHORITY_DAYS = 3650
_BITS = 2048
_HERE = ("localhost", "127.0.0.1")


@dataclass(frozen=True, slots=True)
class Part:
    """Who gets a certificate: its name is its folder and its first host name; `owner` is (uid, gid)."""

    name: str
    also: tuple[str, ...] = ()
    owner: tuple[int, int] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Host names and addresses in its certificate; health checks ask on `localhost`."""
        return tuple(dict.fromkeys((self.name, *self.also, *_HERE)))


@dataclass(frozen=True, slots=True)
class Issued:
    """What became of one certificate; `until` is its last day, as `2027-01-31`."""

    name: str
    action: Action
    until: str


@dataclass(frozen=True, slots=True)
class _Pair:
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey


def issue(folder: Path, authority: Path, parts: Iterable[Part], clock: Clock, days: int = 825) -> list[Issued]:
    """Make what is missing, and again what is damaged, names other hosts or has less than a third of its life left.

    A second run changes nothing but owners and modes. The authority is kept for its ten years: replace it by
    deleting its folder, which makes every certificate anew.

    Raises:
        UsageError: the authority is damaged or at its end.
        UnavailableError: the files cannot be written.
    """
    now = dt.datetime.fromtimestamp(clock.time(), dt.UTC)
    try:
        issuer, made = _authority(authority, now)
        return [made, *(_part(folder / part.name, part, issuer, now, days) for part in parts)]
    except OSError as error:
        raise UnavailableError(
            f"certificates cannot be written: {error.strerror}", where=str(error.filename or folder)
        ) from error


def _authority(folder: Path, now: dt.datetime) -> tuple[_Pair, Issued]:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    certificate, key = folder / "ca.crt", folder / "ca.key"
    action: Action = "unchanged"
    if not certificate.exists() and not key.exists():
        pair = _self_signed(now)
        _write(key, _pem_key(pair.key), 0o600)
        _write(certificate, _pem(pair.certificate), 0o644)
        action = "create"
    found = _read(certificate, key)
    if found is None or found.certificate.not_valid_after_utc <= now + dt.timedelta(days=30):
        raise UsageError(
            "the authority is damaged, or ends within 30 days",
            where=str(folder),
            hint="delete the folder, run this again (it makes all certificates anew), and restart every part",
        )
    return found, Issued("authority", action, _last_day(found.certificate))


def _part(folder: Path, part: Part, issuer: _Pair, now: dt.datetime, days: int) -> Issued:
    folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    certificate, key, trusted = folder / "tls.crt", folder / "tls.key", folder / "ca.crt"
    had = certificate.exists()
    found = _read(certificate, key)
    action: Action = "unchanged"
    if found is None or not _fits(found.certificate, part, issuer, now):
        found = _signed(part, issuer, now, days)
        _write(key, _pem_key(found.key), 0o600)
        _write(certificate, _pem(found.certificate), 0o644)
        action = "renew" if had else "create"
    if not trusted.exists() or trusted.read_bytes() != _pem(issuer.certificate):
        _write(trusted, _pem(issuer.certificate), 0o644)
    _guard(folder, part, {certificate: 0o644, key: 0o600, trusted: 0o644})
    return Issued(part.name, action, _last_day(found.certificate))


def _guard(folder: Path, part: Part, modes: dict[Path, int]) -> None:
    """The part's user owns its folder and files, and nobody else reads the key."""
    folder.chmod(0o750)
    for path, mode in modes.items():
        path.chmod(mode)
    if part.owner is not None:
        for path in (folder, *modes):
            os.chown(path, *part.owner)


def _read(certificate: Path, key: Path) -> _Pair | None:
    """A certificate and the key that belongs to it, or None where either is not whole."""
    try:
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
        private = serialization.load_pem_private_key(key.read_bytes(), password=None)
    except (FileNotFoundError, ValueError):
        return None
    if not isinstance(private, rsa.RSAPrivateKey) or private.public_key() != found.public_key():
        return None
    return _Pair(found, private)


def _fits(certificate: x509.Certificate, part: Part, issuer: _Pair, now: dt.datetime) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer.certificate)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, InvalidSignature, x509.ExtensionNotFound):
        return False
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return set(names) == set(_alternatives(part.names)) and begin <= now and end - now > (end - begin) / 3


def _self_signed(now: dt.datetime) -> _Pair:
    key = rsa.generate_private_key(65537, _BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Shipper authority")])
    usage = x509.KeyUsage(
        key_cert_sign=True, crl_sign=True, digital_signature=False, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    made = (
        _builder(name, name, key.public_key(), now, _AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return _Pair(made, key)


def _signed(part: Part, issuer: _Pair, now: dt.datetime, days: int) -> _Pair:
    """Each part both serves and calls others: one certificate for both."""
    key = rsa.generate_private_key(65537, _BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, part.name)])
    left = (issuer.certificate.not_valid_after_utc - now).days
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
    made = (
        _builder(name, issuer.certificate.subject, key.public_key(), now, min(days, left))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(_alternatives(part.names)), critical=False)
        .add_extension(usage, critical=False)
        .add_extension(identifier, critical=False)
        .sign(issuer.key, hashes.SHA256())
    )
    return _Pair(made, key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPublicKey, now: dt.datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))  # other hosts' clocks may be behind
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _alternatives(names: Iterable[str]) -> list[x509.GeneralName]:
    return [_alternative(name) for name in names]


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _pem_key(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, data: bytes, mode: int) -> None:
    """Whole or not at all, and never readable by others in between."""
    scratch = path.with_name(path.name + ".new")
    scratch.unlink(missing_ok=True)
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    scratch.chmod(mode)
    scratch.rename(path)


def _last_day(certificate: x509.Certificate) -> str:
    return f"{certificate.not_valid_after_utc:%Y-%m-%d}"
