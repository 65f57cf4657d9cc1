"""A worker as its own process, for tests that kill it: does all that rings, until nothing is live."""

import os
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")


def main() -> None:
    import django

    django.setup()
    from agents.execution import intents
    from agents.models import Remediation
    from agents.models.remediation import WORKING
    from agents.services.advance import advance
    from agents.services.follow import follow
    from agents.services.reconcile import reconcile
    from audit.services.sequence import sequence_all
    from core import clock

    os.environ[clock.SHIFT_VARIABLE] = os.environ["SHIFT_LATER"]
    intents.PATIENCE_S = 0  # nobody sequences beside this loop

    end = time.monotonic() + float(sys.argv[1])
    while time.monotonic() < end:
        sequence_all()
        follow()
        for pk in reconcile():
            advance(pk)
        if not Remediation.objects.filter(state__in=WORKING).exists():
            return
        time.sleep(0.05)
    sys.exit(3)


if __name__ == "__main__":
    main()
