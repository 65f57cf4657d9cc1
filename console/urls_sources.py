"""What comes in: sources, their deliveries, and how they are read."""

from django.urls import path

from console.pages import sources

urlpatterns = [
    path("", sources.show, name="sources"),
    path("<slug:slug>/", sources.detail, name="source-page"),
    path("<slug:slug>/renewal/", sources.renewal, name="source-renewal"),
    path("<slug:slug>/pause/", sources.pause, name="source-pause"),
    path("<slug:slug>/resumption/", sources.resumption, name="source-resumption"),
    path("<slug:slug>/deliveries/", sources.deliveries, name="source-deliveries"),
    path("<slug:slug>/deliveries/<slug:uid>/", sources.delivery, name="source-delivery"),
]
