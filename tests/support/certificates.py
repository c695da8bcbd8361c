"""A certificate authority of the test's own, and what it issues."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shipper.lumberjack.tls import ServerTls

if TYPE_CHECKING:
    from pathlib import Path

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True)
class Authority:
    """`certificate` is what others trust."""

    folder: Path

    @property
    def certificate(self) -> Path:
        return self.folder / "ca.crt"

    def issue(self, name: str, days: int = 2, names: str = "IP:127.0.0.1,DNS:logstash.internal") -> ServerTls:
        """`<name>.crt` and `<name>.key`; issued again, they are written over as a renewal would."""
        key, csr, crt = (self.folder / f"{name}.{end}" for end in ("key.new", "csr", "crt.new"))
        subject = ("-subj", f"/CN={name}", "-addext", f"subjectAltName={names}")
        _openssl(self.folder, "req", *_KEY, *subject, "-keyout", str(key), "-out", str(csr))
        signed = ("-CA", "ca.crt", "-CAkey", "ca.key", "-days", str(days), "-copy_extensions", "copy")
        _openssl(self.folder, "x509", "-req", "-in", str(csr), *signed, "-out", str(crt))
        for file in (key, crt):
            file.rename(file.with_suffix(""))
        return ServerTls(certificate=self.folder / f"{name}.crt", key=self.folder / f"{name}.key")


def make_authority(folder: Path, name: str = "ca") -> Authority:
    """A new authority whose files are in `folder`."""
    authority = folder / name
    authority.mkdir(parents=True)
    files = ("-keyout", "ca.key", "-out", "ca.crt")
    _openssl(authority, "req", "-x509", *_KEY, "-days", "30", "-subj", f"/CN={name}", *files)
    return Authority(authority)


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
