"""Shippers side by side: see `scripts/bench`."""
