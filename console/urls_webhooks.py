"""What goes out: webhooks, and what was sent to them."""

from django.urls import path

from console.pages import webhooks

urlpatterns = [
    path("", webhooks.show, name="webhooks-page"),
    path("<slug:name>/", webhooks.detail, name="webhook-page"),
    path("<slug:name>/deliveries/", webhooks.deliveries, name="webhook-page-deliveries"),
    path("<slug:name>/test/", webhooks.trial, name="webhook-trial"),
    path("<slug:name>/pause/", webhooks.pause, name="webhook-pause"),
    path("<slug:name>/resumption/", webhooks.resumption, name="webhook-resumption"),
    path("<slug:name>/rotation/", webhooks.rotation, name="webhook-rotation"),
    path("<slug:name>/removal/", webhooks.removal, name="webhook-removal"),
]
