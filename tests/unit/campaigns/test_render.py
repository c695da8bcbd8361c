from __future__ import annotations

import pytest

from shipper.campaigns.render import attribution, cell, cohorts, money
from shipper.campaigns.report import Attribution, Cohort, Cohorts, Credit, Scope


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [(1250, "EUR", "12.50 EUR"), (-5, "EUR", "-0.05 EUR"), (1234567, "JPY", "1,234,567 JPY"), (1, "KWD", "0.001 KWD")],
)
def test_money_is_written_with_the_minor_digits_of_its_currency(amount, currency, text):
    assert money(amount, currency) == text


def test_a_cohort_cell_is_final_open_or_empty_by_the_days_its_contacts_have_had():
    row = Cohort("w", "2026-11-01", "", entered=4, converted={0: 1, 2: 1, 40: 1})
    as_of = "2026-11-04T12:00:00+00:00"  # the day's last contact has had two whole days, its first begins the fourth
    assert [cell(row, lag, as_of) for lag in range(5)] == ["25.0 %", "25.0 %", "~50.0 %", "~50.0 %", ""]
    assert row.ever == 3


def test_tables_end_in_sums_and_say_when_there_is_nothing():
    scope = Scope("acme", "purchase")
    rows = {"email": Credit(1_500_000_000, {"EUR": 1000}), "(none)": Credit(500_000_000, {"EUR": -250, "USD": 1})}
    text = attribution(Attribution(scope, "linear", "channel", rows, 2, {"EUR": 750, "USD": 1}))
    total = next(line for line in text.splitlines() if line.startswith("total"))
    assert total.split() == ["total", "2.00", "100.0", "%", "7.50", "EUR", "0.01", "USD"]
    assert "Nothing is counted here yet" in attribution(Attribution(scope, "linear", "channel", {}, 0, {}))
    assert "Nothing is counted here yet" in cohorts(Cohorts(scope, "2026-11-04T12:00:00+00:00", []))
