"""What no plan may do, whoever made it and whoever signs it: pure rules with a sentence each (S20)."""

from agents.guardrails.rules import PlannedStep, Situation, Verdict, check, refusals

__all__ = ["PlannedStep", "Situation", "Verdict", "check", "refusals"]
