"""Secrets inside text: `name=value` pairs, headers, URLs, well-known token shapes, card numbers.

All patterns run on RE2: time linear in the text, whatever it holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import re2

from shipper.agent.processor.secret_names import Secrecy, secrecy

if TYPE_CHECKING:
    from collections.abc import Callable

MASK = "[REDACTED]"

_VALUE = re2.compile(
    r"(?:(?i:bearer|basic|digest|token|negotiate|apikey|aws4-hmac-sha256)[ +]+)?"
    r'(?:"(?:[^"\\]|\\.)*(?:"|$)|\'(?:[^\'\\]|\\.)*(?:\'|$)|\\+["\'][^"\'\\]*(?:\\+["\']|$)|[^\s,;&"\'<>(){}\[\]|\\]+)'
)
_NAME = re2.compile(r"([A-Za-z0-9_$][\w$.\-]*(?:\[\w*\]|%5[Bb]\w*%5[Dd])?)(\\*[\"']?)(\s*(?:=>|:=|[:=]|%3[Dd])\s*)")
_WINDOW = 4096
_FLAG = re2.compile(r"(--?[A-Za-z][\w\-]*)(\s+)([^\s\-][^\s]*)")
_COOKIE = re2.compile(r"(?i)(\b(?:set-)?cookie[\"']?\s*[:=]\s*\\*[\"']?)([^\"'\r\n]+)()")
_USERINFO = re2.compile(r"(://[^\s/:@?#\"'<>]*:)([^\s/\"'<>]+)(@)")
_SCHEME = re2.compile(r"(?i)\b(bearer|basic)([ +]+)([A-Za-z0-9._~+/\-]{6,}=*)")
_PEM = re2.compile(r"(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)")
_SHAPES = re2.compile(
    r"\beyJ[A-Za-z0-9_\-]{5,}\.[A-Za-z0-9_\-]{5,}\.[A-Za-z0-9_\-]*"  # JWT
    r"|\b(?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9_]{20,255}|\bgithub_pat_[A-Za-z0-9_]{20,255}"
    r"|\b(?:A3T[A-Z0-9]|ABIA|ACCA|AKIA|ASIA)[0-9A-Z]{16}\b"  # AWS
    r"|\bxox[abeposr]-[A-Za-z0-9\-]{8,}|\bxapp-[A-Za-z0-9\-]{8,}"  # Slack
    r"|\b[rs]k_(?:live|test)_[0-9A-Za-z]{16,}|\bwhsec_[0-9A-Za-z]{16,}"  # Stripe
    r"|\bgl(?:pat|dt|ft|soat|rt|cbt|ptt)-[A-Za-z0-9_\-]{16,}"  # GitLab
    r"|\bAIza[0-9A-Za-z_\-]{35}"  # Google
    r"|\bsk-[A-Za-z0-9_\-]{20,}|\bSG\.[A-Za-z0-9_\-]{16,}\.[A-Za-z0-9_\-]{16,}|\bnpm_[A-Za-z0-9]{30,}"
    r"|\bpypi-[A-Za-z0-9_\-]{40,}|\bhf_[A-Za-z0-9]{30,}|\bdop_v1_[a-f0-9]{40,}"
)
_CARD = re2.compile(r"(^|[^\w.\-])([2-6]\d{3}(?:[ \-]?\d){8,14}\d)($|[^\w\-])")

PREFILTER = (
    r"passw|passwd|pwd|passphrase|passcode|passkey|pass[\"'\\]*\s*[=:]|secret|token|credential|cookie|authori[sz]|jwt"
    r"|bearer|basic "
    r"|(?:api|access|private|encryption|signing|signature|auth|account|master|ssh|shared|service|storage|subscription|"
    r"consumer|application|app|client|hmac|aes|rsa|session|license|deploy|function|host|admin|write|read|webhook)"
    r"[_.\- ]?key"
    r"|csrf|xsrf|session|sessid|\bsid\b|\bauth[\"'_\-]?|[_\-.]auth\b|principal|credit|\bcard|[_\-.]card|[a-z]card[\"'_n]"
    r"|\bcvv|\bcvc|\bssn\b|\botp\b|security.?code|cc.?number|recovery.?code|connection.?string"
    r"|eyj|:\\?/\\?/[^\s/@\"]*:[^\s/@\"]+@|begin [a-z0-9 ]*private|a3t|abia|acca|akia|asia|gh[pousr]_"
    r"|github_pat|xox[abeposr]-|xapp-"
    r"|[rs]k_(?:live|test)_|whsec_|gl(?:pat|dt|ft|soat|rt|cbt|ptt)-|aiza|sk-|sg\.|npm_|pypi-|hf_|dop_v1"
    r"|\\u00[2-7]|(?:(?m:^)|[^\w.\-\n]|\\[a-z]|\\u[0-9a-f]{4})[2-6][0-9]{3}(?:[ \-]?[0-9]){9}"
)
"""Whatever the patterns above and `secret_names` can find contains one of these (case ignored)."""


def clean_text(text: str, extra: Callable[[str], bool]) -> tuple[str, int]:
    """(text without its secrets, how many were masked). `extra` says which further names are secret."""
    cleaner = _Cleaner(extra)
    text = _PEM.sub(cleaner.whole, text)
    text = _COOKIE.sub(cleaner.part, text)
    text = _USERINFO.sub(cleaner.part, text)
    text = _SHAPES.sub(cleaner.whole, text)
    text = cleaner.pairs(text)
    text = _FLAG.sub(cleaner.flag, text)
    text = _SCHEME.sub(cleaner.scheme, text)
    text = _CARD.sub(cleaner.card, text)
    return text, cleaner.count


class _Cleaner:
    """What each pattern's matches become; counts the masks."""

    def __init__(self, extra: Callable[[str], bool]) -> None:
        self.count = 0
        self._extra = extra

    def whole(self, _match: Any) -> str:
        self.count += 1
        return MASK

    def part(self, match: Any) -> str:
        if match[2] == MASK or not match[2].strip("*"):  # masked already, here or by a library
            return str(match[0])
        self.count += 1
        return f"{match[1]}{MASK}{match[3]}"

    def pairs(self, text: str) -> str:
        """Mask the values of secret names: `password=x`, `"token": "x"`, `Authorization: Bearer x`."""
        parts: list[str] = []
        done = 0
        for name in _NAME.finditer(text):
            if name.start() < done or not _is_secret(name, self._extra):
                continue
            value = _value_at(text, name.end())
            if value and MASK[1:-1] not in value and not _is_innocent(name, value):
                parts += (text[done : name.end()], _masked(value))
                done = name.end() + len(value)
                self.count += 1
        return "".join([*parts, text[done:]]) if parts else text

    def flag(self, match: Any) -> str:
        if match[3] == MASK or (secrecy(match[1]) is not Secrecy.HARD and not self._extra(match[1])):
            return str(match[0])
        self.count += 1
        return f"{match[1]}{match[2]}{MASK}"

    def scheme(self, match: Any) -> str:
        if not _looks_random(match[3]):
            return str(match[0])
        self.count += 1
        return f"{match[1]}{match[2]}{MASK}"

    def card(self, match: Any) -> str:
        if not is_card(match[2]):
            return str(match[0])
        self.count += 1
        return f"{match[1]}{MASK}{match[3]}"


_NOTHING = frozenset(
    ["null", "Null", "NULL", "none", "None", "NONE", "true", "false", "nil", "undefined", "-", "n/a", "N/A", '""', "''"]
)
_ARCHITECTURES = frozenset(
    {"all", "any", "native", "amd64", "arm64", "armel", "armhf", "i386", "mips64el", "ppc64el", "riscv64", "s390x"}
)
_PAM = frozenset({"chauthtok", "auth", "account", "session", "setcred"})
_STATES = frozenset([
    "changed", "unchanged", "updated", "reset", "expired", "invalid", "missing", "required", "incorrect", "rejected",
    "revoked", "denied", "failed", "unset", "empty", "must", "cannot", "not",
])  # fmt: skip
"""What prose says of a secret after a colon; as a value of `name=` or in quotes they may be one."""


_COMMAND = re2.compile(r"(?:ch)?passwd\[\d{1,10}\]")
_SAID = frozenset({"pam_unix", "pam_pwquality", "pam_cracklib", "pam_sss", "password"})
"""How the lines of the programs `passwd` and `chpasswd` begin after their name and process."""


def _is_innocent(match: Any, value: str) -> bool:
    """Nothing; Debian's `python3-jwt:all`; `pam_unix(passwd:chauthtok)`; `password: changed`; a shell's `PWD=/x`."""
    if value in _NOTHING or (match[1] == "PWD" and value[0] == "/"):
        return True
    sign = match[3]
    if sign == ":":
        return value in _ARCHITECTURES or value in _PAM
    if sign != ": " or match[2]:
        return False
    return value.rstrip(".!") in _STATES or (value in _SAID and _COMMAND.fullmatch(match[1]) is not None)


def _is_secret(match: Any, extra: Callable[[str], bool]) -> bool:
    name, quote, sign = match.groups()
    if extra(name):
        return True
    degree = secrecy(name.replace("%5B", ".").replace("%5b", "."))
    if degree is Secrecy.SOFT:
        return "=" in sign or bool(quote)
    return degree is Secrecy.HARD


def _value_at(text: str, start: int) -> str:
    """The value that begins at `start`; a window at a time, because the engine encodes what it is given."""
    window = _WINDOW
    while True:
        match = _VALUE.match(text[start : start + window])
        value = "" if match is None else str(match[0])
        if len(value) < window or start + window >= len(text):
            return value
        window *= 4


def _masked(value: str) -> str:
    """The mask, inside the quotes of what it replaces."""
    start = len(value) - len(value.lstrip("\\"))
    quote = value[start : start + 1]
    if quote not in ('"', "'"):
        return MASK
    opening = value[: start + 1]
    closing = opening if len(value) > len(opening) and value.endswith(quote) else ""
    return f"{opening}{MASK}{closing}"


def _looks_random(text: str) -> bool:
    """Has a digit, padding or capitals inside: a credential and no word."""
    return any(char.isdigit() for char in text) or "=" in text or text[1:] != text[1:].lower()


def is_card(text: str) -> bool:
    """Does `text` (digits, spaces, dashes) pass as a payment card: issuer, length and check digit?"""
    digits = [int(char) for char in text if char.isdigit()]
    number = "".join(map(str, digits))
    if not _issued(number):
        return False
    total = sum(d if i % 2 == 0 else (d * 2 - 9 if d > 4 else d * 2) for i, d in enumerate(reversed(digits)))
    return total % 10 == 0


def _issued(number: str) -> bool:
    two, four, length = int(number[:2]), int(number[:4]), len(number)
    if number[0] == "4":
        return length in (13, 16, 19)
    if 51 <= two <= 55 or 2221 <= four <= 2720:
        return length == 16
    if two in (34, 37):
        return length == 15
    if two in (30, 36, 38, 39):
        return length in (14, 16)
    return length in (16, 19) and (two in (35, 62, 65) or four == 6011 or 644 <= int(number[:3]) <= 649)
