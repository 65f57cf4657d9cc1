"""Django's entry for the package."""

from importlib import import_module

from django.apps import AppConfig
from django.core.checks import register


class Config(AppConfig):
    """The package as Django sees it."""

    name = "approvals"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks and what each kind of act does; they need the models, so they are imported now."""
        checks = import_module("approvals.checks")
        register(checks.passkeys_work)
        register(checks.shipped_policies_compile)
        acts = import_module("approvals.acts")
        revoking = import_module("approvals.services.revoke_key")
        acts.register("revoke-key", may=revoking.may_revoke, then=revoking.revoke_by_act)
        proving = import_module("approvals.services.prove_possession")
        acts.register("prove-possession", may=proving.may_prove, then=proving.prove_possession, verb="key.proved")
        erasing = import_module("approvals.services.erase_person")
        acts.register("erase", may=erasing.may_erase, then=erasing.erase_by_act)
        lending = import_module("approvals.services.delegate")
        acts.register("delegate", may=lending.may_delegate, then=lending.delegate)
        acts.register("end-delegation", may=lending.may_end, then=lending.end_delegation)
        authoring = import_module("approvals.services.author_change")
        acts.register("author-change", may=authoring.may_author, then=authoring.author_change)
        ending = import_module("approvals.services.end_standing")
        acts.register("end-standing", may=ending.may_end, then=ending.end_by_act)
        reviewing = import_module("approvals.services.review_override")
        acts.register("review-override", may=reviewing.may_review, then=reviewing.review_override)
