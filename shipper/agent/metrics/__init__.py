"""Host facts, host metrics and heartbeats: the records the agent makes itself."""
