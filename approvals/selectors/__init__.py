"""Reads of approvals for pages and the API; each function is one question about a request, a person or the house."""

from approvals.selectors.ladder import LadderStep, ladder
from approvals.selectors.told import Name

__all__ = ["LadderStep", "Name", "ladder"]
