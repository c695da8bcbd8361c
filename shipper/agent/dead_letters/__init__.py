"""Records that the peer will never take: kept on disk with their reason, bounded, listed, replayed."""

from shipper.agent.dead_letters.letter import DeadLetter
from shipper.agent.dead_letters.store import DeadLetters, DeadLetterSettings, FullError
from shipper.agent.dead_letters.upgrade import adopt_old, open_store

__all__ = ["DeadLetter", "DeadLetterSettings", "DeadLetters", "FullError", "adopt_old", "open_store"]
