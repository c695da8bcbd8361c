"""What the agent must not forget: sources, generations and acknowledged offsets."""

from shipper.agent.registry.entry import Entry, Key, mint
from shipper.agent.registry.journal import Journal, LoadReport
from shipper.agent.registry.registry import Registry

__all__ = ["Entry", "Journal", "Key", "LoadReport", "Registry", "mint"]
