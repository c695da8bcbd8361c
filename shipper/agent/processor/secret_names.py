"""Which field names hold secrets: the lists of the common agents, without their false friends.

`author`, `discard`, `foreign_key`, `cache_key`, `max_tokens` and `session_count` are no secrets.
"""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache


class Secrecy(IntEnum):
    """How sure a name is."""

    NONE = 0
    SOFT = 1
    """Holds a secret where it is a field or stands before `=`; in prose it is a word (`auth: failed`)."""
    HARD = 2


_HARD_WORDS = frozenset([
    "password", "passwd", "passwort", "pwd", "pass", "passphrase", "passcode", "secret", "secrets", "token",
    "credentials", "credential", "authorization", "authorisation", "cookie", "cookies", "jwt", "apikey", "privatekey",
    "secretkey", "accesskey", "csrf", "xsrf", "csrftoken", "xsrftoken", "sessionid", "sessid", "phpsessid",
    "jsessionid", "aspsessionid", "creditcard", "cardnumber", "cardno", "cvv", "cvv2", "cvc", "cvc2", "ssn", "otp",
    "passkey", "accesstoken", "refreshtoken", "idtoken", "authtoken", "bearertoken", "clientsecret",
])  # fmt: skip
"""A name that ends in one of these words."""
_SOFT_WORDS = frozenset({"auth", "session", "card", "sid", "bearer", "principal"})
_NOT_BEFORE = {
    "pass": frozenset(
        ["first", "second", "third", "last", "by", "pass", "full", "bypass", "render", "test", "tests", "did"]
    ),
    "token": frozenset(
        ["next", "page", "continuation", "unexpected", "sync", "per", "cancellation", "eof", "end", "start"]
    ),
    "card": frozenset(
        ["business", "report", "score", "post", "sim", "graphics", "network", "sd", "memory", "wild", "dash"]
    ),
    "principal": frozenset({"loan"}),
}
"""Words that make an innocent phrase of the sensitive word they stand before."""
_KEY_OWNERS = frozenset([
    "api", "access", "secret", "private", "encryption", "signing", "signature", "auth", "account", "master", "ssh",
    "shared", "service", "storage", "subscription", "consumer", "application", "app", "client", "hmac", "aes", "rsa",
    "session", "license", "deploy", "function", "host", "admin", "write", "read", "webhook",
])  # fmt: skip
"""`<owner>_key` is a secret; `primary_key`, `foreign_key`, `cache_key` and `public_key` are not."""
_PAIRS = frozenset(
    {
        ("session", "id"), ("session", "key"), ("session", "hash"), ("session", "cookie"), ("session", "data"),
        ("card", "number"), ("card", "no"), ("card", "num"), ("card", "pan"), ("cc", "number"), ("credit", "card"),
        ("auth", "header"), ("auth", "code"), ("auth", "hash"), ("auth", "data"), ("connect", "sid"),
        ("security", "code"), ("authorization", "code"), ("token", "value"), ("token", "secret"), ("token", "key"),
        ("token", "hash"), ("set", "cookie"), ("password", "hash"), ("password", "digest"), ("secret", "value"),
        ("connection", "string"), ("access", "code"), ("recovery", "code"), ("recovery", "codes"),
    }
)  # fmt: skip
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@lru_cache(maxsize=8192)
def secrecy(name: str) -> Secrecy:
    """How secret the value of a field called `name` is; snake, kebab, camel and dotted names alike."""
    words = [word.lower() for word in _WORD.findall(name[-128:])]
    while words and (
        words[-1].isdigit() or words[-1] in ("raw", "plain", "plaintext", "new", "old", "confirm", "confirmation")
    ):
        words.pop()
    if not words:
        return Secrecy.NONE
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    if before in _NOT_BEFORE.get(last, ()):
        return Secrecy.NONE
    if last in _HARD_WORDS or (before, last) in _PAIRS or (last == "key" and before in _KEY_OWNERS):
        return Secrecy.HARD
    if last.endswith(("password", "passwd")) or (last.endswith(("token", "secret")) and len(last) > 6):
        return Secrecy.HARD
    return Secrecy.SOFT if last in _SOFT_WORDS else Secrecy.NONE
