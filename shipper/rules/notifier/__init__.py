"""The notifiers by the name in `type:`; one settings model and one class a file."""

from __future__ import annotations

from typing import TypeAlias

from shipper.rules.notifier.alertmanager import Alertmanager, AlertmanagerSettings
from shipper.rules.notifier.apprise import Apprise, AppriseSettings
from shipper.rules.notifier.base import Failed, Notifier, Outcome, Retry, Sent
from shipper.rules.notifier.console import Console, ConsoleSettings
from shipper.rules.notifier.email import Email, EmailSettings
from shipper.rules.notifier.webhook import Webhook, WebhookSettings

AnyNotifierSettings: TypeAlias = (
    AlertmanagerSettings | AppriseSettings | ConsoleSettings | EmailSettings | WebhookSettings
)
"""The union that an entry of `notifiers:` is bound to."""

NOTIFIERS: dict[str, type[Notifier]] = {
    "alertmanager": Alertmanager,
    "apprise": Apprise,
    "console": Console,
    "email": Email,
    "webhook": Webhook,
}

__all__ = ["NOTIFIERS", "AnyNotifierSettings", "Failed", "Notifier", "Outcome", "Retry", "Sent"]
