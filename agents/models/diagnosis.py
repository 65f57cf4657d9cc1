"""What was read, and what it may mean."""

from typing import ClassVar

from django.db import models

from agents.models.remediation import Remediation


class Evidence(models.Model):
    """A stored snapshot of what was read from an outside system.

    Attributes:
        name: stable within the remediation, such as `heap-checkout`; hypotheses cite it.
        kind: metric, log, change, topology, alert.
        sha256: the `audit.Document` with the snapshot.
        sentence: what it shows, for people.
        facts: the numbers behind the sentence.
    """

    remediation = models.ForeignKey(Remediation, on_delete=models.CASCADE, related_name="evidence")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10)
    source = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    sentence = models.CharField(max_length=500)
    facts = models.JSONField(default=dict)
    read_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["remediation", "name"], name="one_evidence_a_name")]

    def __str__(self) -> str:
        return self.name


class Hypothesis(models.Model):
    """A ranked explanation.

    Attributes:
        pattern: memory-leak, bad-change, load, dependency, unknown.
        confidence: 0..1.
        runbook: slug of the runbook that remedies it, empty if none; `parameters` fill it in.
    """

    remediation = models.ForeignKey(Remediation, on_delete=models.CASCADE, related_name="hypotheses")
    rank = models.PositiveIntegerField()
    pattern = models.CharField(max_length=40)
    service = models.CharField(max_length=120)
    title = models.CharField(max_length=300)
    summary = models.CharField(max_length=1000, blank=True)
    confidence = models.FloatField()
    runbook = models.CharField(max_length=80, blank=True)
    parameters = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["remediation", "rank"], name="one_hypothesis_a_rank")]

    def __str__(self) -> str:
        return self.title


class Citation(models.Model):
    """One finding for or against a hypothesis, with the evidence it rests on."""

    hypothesis = models.ForeignKey(Hypothesis, on_delete=models.CASCADE, related_name="citations")
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT)
    supports = models.BooleanField()
    sentence = models.CharField(max_length=500)

    def __str__(self) -> str:
        return self.sentence
