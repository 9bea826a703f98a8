from django.urls import path

from portal.common import views

app_name = "common"
urlpatterns = [path("l/<str:token>/", views.signed_link, name="signed_link")]
