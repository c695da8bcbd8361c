"""A real SMTP server that keeps what it gets, and answers as it is told."""

from __future__ import annotations

import asyncio
import email
import email.policy
from typing import TYPE_CHECKING, Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

if TYPE_CHECKING:
    import ssl
    from email.message import EmailMessage


class _Controller(Controller):
    """Its own check connects to the port it was given; ours is any that is free."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class Mailbox:
    """Listens on a free port of 127.0.0.1 while it is entered.

    Args:
        tls: offer STARTTLS with it.
        password: what the account needs; None = no account.
    """

    def __init__(self, tls: ssl.SSLContext | None = None, password: str | None = None) -> None:
        self.letters: list[EmailMessage] = []
        self.answers: dict[str, list[str]] = {}
        """`MAIL`, `RCPT` or `DATA` -> answers to the next ones."""
        self.recipients: list[str] = []
        options: dict[str, Any] = {"tls_context": tls, "require_starttls": tls is not None}
        if password is not None:
            options |= {"authenticator": self._authenticate, "auth_required": True}
        self._password = password
        self._controller = _Controller(self, hostname="127.0.0.1", port=0, **options)

    def __enter__(self) -> Self:
        self._controller.start()
        self.port = self._controller.port
        return self

    def __exit__(self, *error: object) -> None:
        self._controller.stop()

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self._answer("MAIL")

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        answer = self._answer("RCPT")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        answer = self._answer("DATA")
        if answer.startswith("250"):
            self.recipients += envelope.rcpt_tos
            self.letters.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return answer

    def _authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, credentials: Any) -> AuthResult:
        known = isinstance(credentials, LoginPassword) and credentials.password.decode() == self._password
        return AuthResult(success=known, handled=known)

    def _answer(self, verb: str) -> str:
        waiting = self.answers.get(verb)
        return waiting.pop(0) if waiting else "250 OK"
