"""Where webhooks come in."""

from django.urls import path

from connectors.intake.views import hook

urlpatterns = [
    path("hooks/<str:kind>/<str:token>", hook, name="hook"),
    path("hooks/<str:kind>/<str:token>/", hook),
]
