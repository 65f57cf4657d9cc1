"""What a process with SERVE=sign serves: coming in, signing, one's keys, and nothing else."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from console import health, urls
from console.pages import errors, icon
from console.sign_origin import PAGES, back_to_console

WITH_CEREMONIES = PAGES | {"sign-state", "sign-receipt"}

urlpatterns: list[URLPattern | URLResolver] = [
    *(found for found in urls.urlpatterns if isinstance(found, URLPattern) and found.name in WITH_CEREMONIES),
    path("", include("console.urls_account")),
    path("api/v1/", include("approvals.urls")),
    path("favicon.ico", icon.favicon),
    path("healthz", health.healthz),
    path("", back_to_console),
    re_path(
        r"^(?P<path>(?:approvals|audit|dead-letters|evidence|incidents|maintenance|rules|services|sources)/.*)$",
        back_to_console,
    ),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.broken
