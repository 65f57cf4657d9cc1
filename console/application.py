"""The ASGI application: HTTP to Django, sockets to Channels, hook bodies held to their limit."""

import os
import warnings
from typing import Any, cast

import django

# WhiteNoise hands files out as synchronous iterators; Django reads them in a thread and says so.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
django.setup()

# These read models and settings, so they come after Django is set up.
from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.conf import settings  # noqa: E402
from django.urls import path  # noqa: E402

from connectors.intake.asgi import answer_posts, limit_body  # noqa: E402
from console.consumers import App, Live, same_origin  # noqa: E402
from console.handler import Handler  # noqa: E402

routes: list[Any] = [path("ws/live/", cast("Any", Live.as_asgi()))]
sockets = same_origin(cast("App", AuthMiddlewareStack(URLRouter(routes))))
app = cast("Any", Handler())
hooks = limit_body(app if settings.SERVE == "sign" else answer_posts(app))  # alerts do not come to the signing origin
application = ProtocolTypeRouter({"http": hooks, "websocket": sockets})
