"""The thinking and the hands: evidence, diagnosis, runbooks, guardrails, remediation, execution, verification."""
