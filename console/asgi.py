"""The ASGI entry: HTTP to Django, sockets to Channels, hook bodies held to their limit before anybody reads them."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
http = get_asgi_application()

# These read models and settings, so they come after Django is set up.
from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path  # noqa: E402

from connectors.intake.asgi import limit_body  # noqa: E402
from console.consumers import Live, same_origin  # noqa: E402

sockets = same_origin(AuthMiddlewareStack(URLRouter([path("ws/live/", Live.as_asgi())])))
application = ProtocolTypeRouter({"http": limit_body(http), "websocket": sockets})
