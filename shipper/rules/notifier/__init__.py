"""The notifiers by the name in `type:`; one settings model and one class a file."""

from __future__ import annotations

from typing import TypeAlias

from shipper.rules.notifier.base import Failed, Notifier, Outcome, Retry, Sent
from shipper.rules.notifier.console import Console, ConsoleSettings
from shipper.rules.notifier.webhook import Webhook, WebhookSettings

AnyNotifierSettings: TypeAlias = ConsoleSettings | WebhookSettings
"""The union that an entry of `notifiers:` is bound to."""

NOTIFIERS: dict[str, type[Console | Webhook]] = {"console": Console, "webhook": Webhook}

__all__ = ["NOTIFIERS", "AnyNotifierSettings", "Failed", "Notifier", "Outcome", "Retry", "Sent"]
