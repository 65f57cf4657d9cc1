"""What must be right about approvals before the console starts."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error

from approvals import bundles
from approvals.origins import relying_party
from core import clock
from core.errors import BadInputError


def passkeys_work(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 -- Django's signature
    **_: Any,  # noqa: ANN401 -- Django's signature
) -> list[CheckMessage]:
    """Say when nobody can use a passkey at the address that people are told."""
    problem = relying_party(settings.PUBLIC_URL).problem
    if not problem:
        return []
    return [checks.Warning(f"PUBLIC_URL is {settings.PUBLIC_URL}. {problem}", id="approvals.W001")]


def shipped_policies_compile(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 -- Django's signature
    **_: Any,  # noqa: ANN401 -- Django's signature
) -> list[CheckMessage]:
    """A policy that cannot be activated is found now, not when it is needed."""
    found: list[CheckMessage] = []
    for path in sorted(bundles.SHIPPED.glob("*.yaml")):
        try:
            bundles.document_of(bundles.content_of(path), version=1, created_at=clock.now())
        except BadInputError as error:
            found.append(Error(f"{path.name}: {error.detail}", id="approvals.E001"))
    return found
