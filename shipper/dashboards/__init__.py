"""Kibana dashboards as code: build, lint, execute, preview."""
