"""Who decides? Pure: rules over a stored snapshot give a route, and the same snapshot always the same one."""

from approvals.policy.routes import Route
from approvals.policy.rules import Rule, RulesError, parse_rules
from approvals.policy.ruling import Ruling, rule_on
from core.expressions import LIBRARY, ExpressionError

__all__ = ["LIBRARY", "ExpressionError", "Route", "Rule", "RulesError", "Ruling", "parse_rules", "rule_on"]
