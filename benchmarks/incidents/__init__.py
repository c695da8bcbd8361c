"""Twelve kinds of trouble in simulated services, and what the rule library makes of them."""
