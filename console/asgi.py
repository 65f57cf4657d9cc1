"""The ASGI entry: what a web process loads; it is refused where this installation must not serve."""

from importlib import import_module

from django.conf import settings

from console.application import application
from console.startup import require_safe_start, set_loaded_aside

__all__ = ["application"]

require_safe_start()
import_module(settings.ROOT_URLCONF)  # the pages, which would else be loaded by the first request
set_loaded_aside()
