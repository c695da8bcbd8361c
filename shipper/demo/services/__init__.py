"""Four small services that log as real ones do; each is a process of its own."""
