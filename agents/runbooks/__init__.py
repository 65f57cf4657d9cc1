"""Runbooks: what to do about a known pattern, as YAML beside this file, read strictly."""

from agents.runbooks.loader import load, names
from agents.runbooks.shape import Runbook, RunbookError
from agents.runbooks.template import fill

__all__ = ["Runbook", "RunbookError", "fill", "load", "names"]
