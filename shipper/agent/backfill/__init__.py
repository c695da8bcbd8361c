"""Files read again, by path and by time, beside the agent that tails."""

from shipper.agent.backfill.plan import Plan, Scope, make_plan
from shipper.agent.backfill.run import Backfill, Outcome
from shipper.agent.backfill.selection import Window

__all__ = ["Backfill", "Outcome", "Plan", "Scope", "Window", "make_plan"]
