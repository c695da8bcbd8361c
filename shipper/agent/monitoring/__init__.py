"""Seeing into the agent: its status, its health, and what it tells other programs of both."""
