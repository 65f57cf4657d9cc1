"""What this installation can promise, computed from how it is set up; nobody writes it by hand."""

from typing import Any

from django.conf import settings

from audit import keystore, witnesses
from people.models import Person

SIGNERS = ("root", "policy", "log", "executor")


def facts() -> dict[str, Any]:
    """The facts that the ledger states at each start and every export carries.

    What is not built yet is told as its weakest form: the executor shares the worker's process, the registry is trusted
    on first use, and the time is this machine's word. Of the witnesses only those on other hosts count.
    """
    here = [name for name in SIGNERS if keystore.exists(name)]
    return {
        "executor": "in-process",
        "signers": f"{len(here)} of {len(SIGNERS)} service keys on this host",
        "witnesses": witnesses.outside(),
        "registry": "first-use",
        "people": "demo" if Person.objects.filter(is_demo=True).exists() else "vouched",
        "clock": "own",
        "mode": "embedded" if settings.EMBEDDED else "production",
    }
