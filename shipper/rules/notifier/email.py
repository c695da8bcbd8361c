"""email: one message by SMTP (RFC 5321), encrypted by STARTTLS (RFC 3207) or from the first byte.

`Message-ID` is made of the notification's key, `References` of its episode: a repeated message is recognised, and an
episode is one thread.
"""

from __future__ import annotations

import logging
import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from shipper.config import Duration, Secret
from shipper.rules.notifier.base import Failed, Outcome, Retry, Sent
from shipper.rules.notifier.page import page
from shipper.rules.notifier.text import lines
from shipper.rules.routing.policy import NotifierSettings
from shipper.rules.words import line

if TYPE_CHECKING:
    from shipper.rules.notification import Notification

LONGEST_SUBJECT = 200
_log = logging.getLogger("shipper.rules")


class EmailSettings(NotifierSettings, frozen=True, kw_only=True, tag_field="type", tag="email"):
    """The server, the account, who writes and who reads."""

    host: str
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: Secret | None = None
    sender: str = msgspec.field(name="from")
    to: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    ca: Path | None = None
    """Certificates to trust besides the system's."""
    timeout: Duration = Duration(20)

    def __post_init__(self) -> None:
        if (self.user is None) != (self.password is None):
            raise ValueError("`user` and `password` go together")
        if self.password is not None and self.security == "none":
            raise ValueError("a password needs `security: starttls` or `tls`")
        for address in (self.sender, *self.to):
            if "@" not in address or not address.isprintable() or " " in address:
                raise ValueError(f"`{address}` is no address: write name@host")

    def build(self) -> Email:
        """The notifier."""
        return Email(self)


class Email:
    """Sends messages; a connection each."""

    def __init__(self, settings: EmailSettings) -> None:
        self._settings = settings

    def notify(self, notification: Notification) -> Outcome:
        try:
            with self._connected() as smtp:
                refused = smtp.send_message(self._message(notification))
        except smtplib.SMTPAuthenticationError as error:
            return Retry(f"the server refused the account: {error.smtp_code}")  # a person can mend it
        except smtplib.SMTPRecipientsRefused as error:
            return _judged(min(code for code, _ in error.recipients.values()))
        except smtplib.SMTPResponseException as error:
            return _judged(error.smtp_code)
        except (smtplib.SMTPException, OSError) as error:
            return Retry(f"cannot be reached: {type(error).__name__}")
        for address, (code, _) in refused.items():
            _log.error("notification %s: the server refused %s: %s", notification.key, address, code)
        return Sent()

    def close(self) -> None:
        """Nothing is held between messages."""

    def _connected(self) -> smtplib.SMTP:
        settings, timeout = self._settings, float(self._settings.timeout)
        if settings.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(settings.host, settings.port, timeout=timeout, context=self._tls())
        else:
            smtp = smtplib.SMTP(settings.host, settings.port, timeout=timeout)
        try:
            if settings.security == "starttls":
                smtp.starttls(context=self._tls())
            if settings.user is not None and settings.password is not None:
                smtp.login(settings.user, settings.password.reveal())
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._settings.ca is not None:
            context.load_verify_locations(self._settings.ca)
        return context

    def _message(self, told: Notification) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._settings.sender
        message["To"] = ", ".join(self._settings.to)
        message["Subject"] = line(told.title, LONGEST_SUBJECT)
        message["Date"] = format_datetime(datetime.fromisoformat(told.at))
        message["Message-ID"] = f"<{told.key}@shipper.rules>"
        message["In-Reply-To"] = message["References"] = f"<{told.episode}@shipper.rules>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answers from robots
        message.set_content("\n".join([told.title, "", *lines(told)]) + "\n")
        message.add_alternative(page(told), subtype="html")
        if told.members:
            document = msgspec.json.encode(told)
            message.add_attachment(document, maintype="application", subtype="json", filename="alerts.json")
        return message


def _judged(code: int) -> Outcome:
    """4yz may change, 5yz will not (RFC 5321, 4.2.1)."""
    return Failed(f"answered {code}") if 500 <= code < 600 else Retry(f"answered {code}")
