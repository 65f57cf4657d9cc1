"""`python -m tests.scenarios.later SECONDS MODULE …` runs a module of ours with the clock moved forward.

Production does not start with a moved clock, so it is moved once the settings were read.
"""

import os
import runpy
import sys


def main() -> None:
    """Run it."""
    import django

    from core import clock

    seconds, module = sys.argv[1:3]
    os.environ["DJANGO_SETTINGS_MODULE"] = "console.settings"
    django.setup()
    os.environ[clock.SHIFT_VARIABLE] = seconds
    sys.argv = sys.argv[2:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
