"""The API's paths for incidents, under /api/v1/."""

from django.urls import path

from incidents import api, catalogue_api, ratings_api, rules_api, windows_api

urlpatterns = [
    path("alerts/", api.AlertList.as_view(), name="alerts"),
    path("alerts/<int:pk>/", api.AlertDetail.as_view(), name="alert"),
    path("alerts/<int:pk>/feedback/", ratings_api.AlertFeedback.as_view(), name="alert-feedback"),
    path("alert-usefulness/", ratings_api.UsefulnessList.as_view(), name="alert-usefulness"),
    path("incidents/", api.IncidentList.as_view(), name="incidents"),
    path("incidents/<int:pk>/", api.IncidentDetail.as_view(), name="incident"),
    path("incidents/<int:pk>/timeline/", api.IncidentTimeline.as_view(), name="incident-timeline"),
    path("incidents/<int:pk>/acknowledgement/", api.IncidentAcknowledgement.as_view(), name="incident-acknowledgement"),
    path("incidents/<int:pk>/talkers/", api.IncidentTalkers.as_view(), name="incident-talkers"),
    path("maintenance-windows/", windows_api.WindowList.as_view(), name="maintenance-windows"),
    path("maintenance-windows/<int:pk>/", windows_api.WindowDetail.as_view(), name="maintenance-window"),
    path("maintenance-windows/<int:pk>/ending/", windows_api.WindowEnding.as_view(), name="maintenance-window-ending"),
    path(
        "maintenance-windows/<int:pk>/extension/",
        windows_api.WindowExtension.as_view(),
        name="maintenance-window-extension",
    ),
    path("alert-rules/", rules_api.RuleSetList.as_view(), name="alert-rules"),
    path("alert-rules/checks/", rules_api.RuleChecks.as_view(), name="alert-rules-checks"),
    path("alert-rules/held/", rules_api.RulesHeld.as_view(), name="alert-rules-held"),
    path("services/", catalogue_api.ServiceList.as_view(), name="services"),
    path("services/<slug:slug>/", catalogue_api.ServiceDetail.as_view(), name="service"),
]
