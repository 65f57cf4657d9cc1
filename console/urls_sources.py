"""What comes in: sources, their deliveries, and how they are read."""

from django.urls import path

from console.pages import mapping, replays, sources

urlpatterns = [
    path("", sources.show, name="sources"),
    path("<slug:slug>/", sources.detail, name="source-page"),
    path("<slug:slug>/renewal/", sources.renewal, name="source-renewal"),
    path("<slug:slug>/pause/", sources.pause, name="source-pause"),
    path("<slug:slug>/resumption/", sources.resumption, name="source-resumption"),
    path("<slug:slug>/deliveries/", sources.deliveries, name="source-deliveries"),
    path("<slug:slug>/deliveries/<slug:uid>/", sources.delivery, name="source-delivery"),
    path("<slug:slug>/deliveries/<slug:uid>/replay/", replays.one, name="delivery-replay"),
    path("<slug:slug>/replay/", replays.dead, name="source-replay"),
    path("<slug:slug>/mapping/", mapping.show, name="source-mapping"),
    path("<slug:slug>/mapping/preview/", mapping.preview, name="mapping-preview"),
    path("<slug:slug>/mapping/document/", mapping.document, name="mapping-document"),
]
