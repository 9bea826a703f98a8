from django.urls import path

from portal.common import views

app_name = "common"
urlpatterns = [
    path("l/<str:token>/", views.signed_link, name="signed_link"),
    # HealthMiddleware answers it; listed so that the access matrix knows it.
    path("healthz", views.healthz, name="healthz"),
]
