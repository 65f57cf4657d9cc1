"""What the tables hold in a person's own words; an ordered erasure takes it all away."""

from approvals.models import (
    Decision,
    Notice,
    Override,
    OverrideReview,
    Question,
    Revision,
    SigningTemplate,
    StandingDecision,
)

ERASED = "(erased)"


def forget_words(person_id: str) -> None:
    """Empty comments, reasons, questions and notices of a person; digests and signatures stay."""
    actor = f"person:{person_id}"
    Decision.objects.filter(person_id=person_id).update(comment="", comment_salt=b"")
    StandingDecision.objects.filter(person_id=person_id).update(comment="", comment_salt=b"")
    SigningTemplate.objects.filter(person_id=person_id).update(comment_salt=b"")
    Override.objects.filter(person_id=person_id).update(reason=ERASED)
    OverrideReview.objects.filter(person_id=person_id).update(note="")
    Revision.objects.filter(made_by=actor).update(why=ERASED)
    Question.objects.filter(asked_by=actor).update(text=ERASED)
    Question.objects.filter(answered_by=actor).update(answer=ERASED)
    Notice.objects.filter(person_id=person_id).delete()
