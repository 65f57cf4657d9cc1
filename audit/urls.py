"""The log's addresses, under /ledger/; those of C2SP tlog-tiles end without a slash."""

from django.urls import path

from audit import views

urlpatterns = [
    path("checkpoint", views.CheckpointView.as_view(), name="ledger-checkpoint"),
    path("tile/<path:place>", views.TileView.as_view(), name="ledger-tile"),
    path("entries/<int:seq>/proof", views.EntryProofView.as_view(), name="ledger-proof"),
    path("witness-keys", views.WitnessKeysView.as_view(), name="ledger-witness-keys"),
]
