"""What `stack setup --dry-run` says beside its table."""

from __future__ import annotations

from shipper.cli.stack_plan import Change


def test_a_dry_run_says_that_the_run_would_refuse_for_what_somebody_else_made():
    (line,) = Change("http://es", "index_template", "shipper-logs", "foreign").lines()
    assert "index_template shipper-logs is there and not made by us: setup would refuse" in line
