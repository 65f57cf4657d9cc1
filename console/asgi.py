"""The ASGI entry: what a web process loads; it is refused where this installation must not serve."""

from console.application import application
from console.startup import require_safe_start, set_loaded_aside

__all__ = ["application"]

require_safe_start()
set_loaded_aside()
