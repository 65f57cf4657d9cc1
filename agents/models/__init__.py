"""What the agents do about an incident."""

from agents.models.diagnosis import Citation, Evidence, Hypothesis
from agents.models.executor import Executor
from agents.models.remediation import Remediation, RemediationState
from agents.models.run import Run, RunState, StepRun
from agents.models.watch import Reading

__all__ = [
    "Citation",
    "Evidence",
    "Executor",
    "Hypothesis",
    "Reading",
    "Remediation",
    "RemediationState",
    "Run",
    "RunState",
    "StepRun",
]
