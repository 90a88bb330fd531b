"""The ledger adds up, whatever was counted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hashmatch.ledger import Ledger

outcomes = st.sampled_from(["done", "low-information", "rejected", "failed"])


@given(st.lists(st.tuples(outcomes, st.sampled_from(["a", "b"]))))
def test_seen_is_the_sum(items: list[tuple[str, str]]) -> None:
    ledger = Ledger()
    for outcome, reason in items:
        if outcome == "done":
            ledger.add_done()
        elif outcome == "low-information":
            ledger.add_low_information(reason)
        elif outcome == "rejected":
            ledger.add_rejected(reason)
        else:
            ledger.add_failed(reason)
    told = ledger.to_dict()
    assert ledger.seen == told["seen"] == len(items)
    for outcome, key in (("low-information", "low_information"), ("failed", "failed")):
        assert told[key] == sum(name == outcome for name, _ in items)
    explained = [item for item in items if item[0] != "done"]
    assert sum(row["count"] for row in told["reasons"]) == len(explained)
    for row in told["reasons"]:
        assert row["count"] == explained.count((row["outcome"], row["reason"]))


def test_many_at_once() -> None:
    ledger = Ledger()
    ledger.add_done(1000)
    assert (ledger.done, ledger.seen) == (1000, 1000)
    assert ledger.to_dict()["reasons"] == []
