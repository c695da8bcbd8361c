import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.bulk import Outcome, action_line, classify_item, classify_request, encode_body, read_answer


def answer(*items):
    return json.dumps({"errors": True, "items": [{"create": item} for item in items]}).encode()


def test_an_action_line_names_index_and_id():
    assert json.loads(action_line("logs", 'a"b')) == {"create": {"_index": "logs", "_id": 'a"b'}}


def test_without_an_id_the_server_chooses_one():
    assert json.loads(action_line("logs", None, "index")) == {"index": {"_index": "logs"}}


@given(st.lists(st.tuples(st.text(), st.text(), st.dictionaries(st.text(), st.integers()))))
def test_a_body_alternates_actions_and_documents_that_read_back(rows):
    documents = [json.dumps(document).encode() for _, _, document in rows]
    lines = encode_body([r[0] for r in rows], [r[1] for r in rows], documents).split(b"\n")
    assert lines.pop() == b""
    assert [json.loads(line) for line in lines[::2]] == [{"create": {"_index": i, "_id": d}} for i, d, _ in rows]
    assert lines[1::2] == documents


def test_ids_without_escapes_of_one_index_make_the_same_body_as_each_alone():
    ids, documents = [f"aaaa-0-{number}" for number in range(100)], [b'{"a":1}'] * 100
    alone = [encode_body(["x"], [each], [b'{"a":1}']) for each in ids]
    assert encode_body(["x"] * 100, ids, documents) == b"".join(alone)
    assert encode_body(["x"] * 50 + ["y"] * 50, ids, documents) == b"".join(
        [*alone[:50], *(each.replace(b'"x"', b'"y"') for each in alone[50:])]
    )


def test_lists_of_different_lengths_make_no_body():
    with pytest.raises(ValueError, match="one index and one id"):
        encode_body(["x"], ["a", "b"], [b"{}"])


@pytest.mark.parametrize(
    ("status", "kind", "outcome"),
    [
        (201, "", Outcome.OK),
        (409, "version_conflict_engine_exception", Outcome.DUPLICATE),
        (400, "document_parsing_exception", Outcome.REJECT),
        (404, "index_not_found_exception", Outcome.REJECT),
        (400, "index_closed_exception", Outcome.RETRY),
        (401, "security_exception", Outcome.RETRY),
        (403, "cluster_block_exception", Outcome.RETRY),
        (429, "es_rejected_execution_exception", Outcome.RETRY),
        (503, "unavailable_shards_exception", Outcome.RETRY),
        (413, "", Outcome.SPLIT),
    ],
)
def test_t35_t36_each_item_status_has_one_outcome(status, kind, outcome):
    assert classify_item(status, kind) is outcome


def test_a_full_shard_limit_is_the_clusters_fault_not_the_records():
    assert classify_item(400, "validation_exception", "would add [2] shards") is Outcome.RETRY


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(200, "ok"), (413, "split"), (400, "split"), (401, "retry"), (403, "retry"), (404, "retry"), (503, "retry")],
)
def test_a_request_that_failed_as_a_whole_is_retried_or_split(status, outcome):
    assert classify_request(status).value == outcome


def test_an_answer_without_errors_is_read_without_its_items():
    items = b",".join([b'{"create":{"status":201}}'] * 1000)
    result = read_answer(200, b'{"errors":false,"items":[%b]}' % items, 1000)
    assert result.whole is Outcome.OK
    assert result.failures == []


@pytest.mark.parametrize(
    "body",
    [
        b'{"errors":false}',
        b'{"errors":false,"items":[]}',
        b'{"errors":false,"items":[{"create":{"status":201}}]}',
        b'{"errors":false,"items":[{"create":{"status":201}},{"create":{"status":201}},{"create":{"status":201}}]}',
        b'{"errors":false,"items":[{"create":{}},{"create":{}}]}',
    ],
)
def test_an_answer_that_does_not_speak_of_each_record_settles_none(body):
    result = read_answer(200, body, 2)
    settled = result.whole is Outcome.OK and not result.failures
    assert not settled


def test_an_answer_laid_out_for_people_is_read_all_the_same():
    items = b",\n".join([b'{ "create" : { "status" : 201 } }'] * 2)
    result = read_answer(200, b'{ "errors" : false, "items" : [ %b ] }' % items, 2)
    assert result.whole is Outcome.OK
    assert result.failures == []


def test_t37_only_the_failed_items_are_listed():
    body = answer(
        {"status": 201},
        {"status": 409, "error": {"type": "version_conflict_engine_exception", "reason": "exists"}},
        {"status": 429, "error": {"type": "es_rejected_execution_exception", "reason": "busy"}},
        {
            "status": 400,
            "error": {"type": "x", "reason": "field", "caused_by": {"reason": "not a number"}},
        },
    )
    result = read_answer(200, body, 4)
    assert [(f.position, f.outcome.value) for f in result.failures] == [(1, "duplicate"), (2, "retry"), (3, "reject")]
    assert result.failures[2].reason == "field: not a number"


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b'{"took":1}', b"[]", b'{"a":' + b"[" * 100_000, b'{"errors":true,"items":' + b"[" * 100_000],
)
def test_a_damaged_success_is_retried(body):
    assert read_answer(200, body, 1).whole is Outcome.RETRY


def test_an_answer_of_another_length_is_retried():
    assert read_answer(200, answer({"status": 429}), 2).whole is Outcome.RETRY


def test_a_long_reason_is_cut():
    assert len(read_answer(503, b"x" * 9000, 1).reason) == 500


@pytest.mark.parametrize(
    ("status", "count", "asked_again"),
    [(400, 1, True), (400, 2, False), (413, 1, False), (429, 1, False), (503, 1, False)],
)
def test_only_a_single_record_whose_request_was_refused_gets_a_second_opinion(status, count, asked_again):
    assert read_answer(status, b"", count).needs_second_opinion(count) is asked_again
