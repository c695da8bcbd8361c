"""The receiver of the demonstration's alerts."""

from __future__ import annotations

import threading

from shipper.demo.webhook import Webhook


def test_a_webhook_that_never_began_can_be_stopped():
    ended = threading.Thread(target=Webhook().stop, daemon=True)
    ended.start()
    ended.join(10)
    assert not ended.is_alive()
