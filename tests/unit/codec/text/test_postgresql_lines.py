"""What follows a head of PostgreSQL."""

from __future__ import annotations

from shipper.agent.codec.text.postgresql import PostgreSQL

HEAD = "2026-01-01 12:00:00.123 UTC [77-1] ann@shop ERROR:  relation is missing"


def test_a_second_head_among_the_lines_of_a_record_is_kept_as_text_whatever_its_severity() -> None:
    form = PostgreSQL()
    fields = form.parse(HEAD, {})
    assert fields is not None
    form.complete(fields, [HEAD.replace("ERROR", "DETAIL"), HEAD])
    assert fields["message"] == "relation is missing"
    assert HEAD in "\n".join(str(value) for value in fields.values())
