"""The invariant of the room: whatever the order, repetition, lateness or deaths, the result is the rebuild's."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from shipper.campaigns import cell, journey
from shipper.campaigns.contact import Contact, contact_id, fold, restate
from shipper.campaigns.credit import CREDIT
from shipper.campaigns.definitions import CampaignSettings, compile_settings
from shipper.campaigns.event import parse
from shipper.campaigns.job import Job
from shipper.campaigns.record import Record, merge, record
from shipper.clock import ManualClock
from tests.unit.campaigns.made import documents
from tests.unit.campaigns.memory import DiedError, ListFeed, MemoryStore

DEFINITIONS = compile_settings(CampaignSettings())


def rebuilt(made):
    """Contacts and cells in one go, without the job."""
    by_contact: dict[tuple[str, str], list[Record]] = {}
    for document in made:
        event = parse(document)
        kept = record(event, DEFINITIONS)
        if kept is not None:
            by_contact.setdefault((event.tenant, event.contact), []).append(kept)
    contacts = {contact_id(*key): restate(Contact(*key), some, DEFINITIONS, "") for key, some in by_contact.items()}
    amounts = cell.total(cell.from_rows(contact.contributions) for contact in contacts.values())
    return {key: contact.core() for key, contact in contacts.items()}, amounts


def run(store: MemoryStore, made, page: int) -> None:
    Job(store, DEFINITIONS, ManualClock()).run_once(ListFeed(made, page), store.ledger_feed)


@given(documents(), st.data())
def test_any_order_repetition_and_batching_of_events_gives_the_state_of_a_rebuild(made, data):
    arrived = data.draw(st.permutations(made + data.draw(st.lists(st.sampled_from(made), max_size=6))))
    page = data.draw(st.integers(1, 5))
    store = MemoryStore()
    cut = data.draw(st.integers(0, len(arrived)))
    run(store, arrived[:cut], page)
    run(store, arrived, page)
    cores, amounts = rebuilt(made)
    assert store.cores() == cores
    assert store.amounts() == amounts


@given(documents(most=8), st.data())
def test_a_worker_killed_at_any_write_any_number_of_times_loses_and_doubles_nothing(made, data):
    arrived = data.draw(st.permutations(made))
    store = MemoryStore()
    for writes in data.draw(st.lists(st.integers(0, 25), max_size=6)):
        store.writes_left = writes
        seen = data.draw(st.integers(0, len(arrived)))  # what was visible then; the next run sees it batched anew
        try:
            run(store, arrived[:seen], data.draw(st.integers(1, 5)))
        except DiedError:
            continue
    store.writes_left = None
    run(store, arrived, 2)
    cores, amounts = rebuilt(made)
    assert store.cores() == cores
    assert store.amounts() == amounts


@given(documents(), st.data())
def test_the_ledger_sums_to_the_contributions_after_every_step(made, data):
    records = [kept for document in made if (kept := record(parse(document), DEFINITIONS)) is not None]
    state, deltas = Contact("acme", "c1"), []
    for some in itertools.batched(records, 2) if hasattr(itertools, "batched") else zip(records, strict=True):
        after = fold(state, some, DEFINITIONS, "")
        if after is not state and after.outbox is not None:
            deltas.append(cell.from_rows(after.outbox.rows))
        state = after
        assert cell.total(deltas) == cell.from_rows(state.contributions)


@given(documents())
def test_the_credits_of_each_model_sum_to_the_conversions_and_their_value_exactly(made):
    for contact in ("c1", "c2"):
        some = [parse(document) for document in made if document["actor"]["id"] == contact]
        records = merge((), [kept for event in some if (kept := record(event, DEFINITIONS)) is not None])
        found = journey.contributions("acme", records, DEFINITIONS)
        for goal, model in itertools.product(("purchase", "signup"), DEFINITIONS.models):
            for measure, whole, unit in (("credit", "conversions", CREDIT), ("value", "value", 1)):
                for currency in ("", "EUR", "USD"):
                    credited = sum(
                        amount
                        for key, amount in found.items()
                        if (key.kind, key.goal, key.model, key.measure, key.currency)
                        == ("credit", goal, model, measure, currency)
                    )
                    wanted = sum(
                        amount
                        for key, amount in found.items()
                        if (key.kind, key.goal, key.measure, key.currency) == ("goal", goal, whole, currency)
                    )
                    assert credited == wanted * unit


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(-9, 9)), max_size=12), st.data())
def test_a_cell_that_is_given_some_deltas_again_stays_their_sum(deltas, data):
    from shipper.campaigns.job import apply
    from shipper.campaigns.store import CellState

    numbered = [(str(shard), number, amount) for number, (shard, amount) in enumerate(deltas)]
    state = CellState(cell.Cell("goal", "acme", "conversions"))
    position = 0
    while position < len(numbered):
        again = data.draw(st.integers(0, position))
        until = data.draw(st.integers(position + 1, len(numbered)))
        state = apply(state, numbered[again:until])
        position = until
    assert state.amount == sum(amount for _, amount in deltas)
