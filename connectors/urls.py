"""Where webhooks come in, and where those that go out are kept."""

from django.urls import include, path

from connectors.intake.views import hook

urlpatterns = [
    path("hooks/<str:kind>/<str:token>", hook, name="hook"),
    path("hooks/<str:kind>/<str:token>/", hook),
    path("api/v1/", include("connectors.outbound.api")),
]
