from django.urls import path

from portal.dashboards import verwaltung, views

app_name = "dashboards"
urlpatterns = [
    path("", views.home, name="home"),
    path("start/", views.mein_start, name="mein_start"),
    path("start/noch-niemand/", views.nobody_called, name="nobody_called"),
    path("heute/", views.heute_page, name="heute"),
    path("uebersicht/", views.uebersicht, name="uebersicht"),
    path("verwaltung/", verwaltung.hub, name="verwaltung"),
    path("verwaltung/<slug:section>/", verwaltung.rows, name="verwaltung_list"),
    path("verwaltung/<slug:section>/neu/", verwaltung.new, name="verwaltung_new"),
    path("verwaltung/<slug:section>/<uuid:pk>/", verwaltung.edit, name="verwaltung_edit"),
    path(
        "verwaltung/<slug:section>/<uuid:pk>/<slug:action>/",
        verwaltung.act,
        name="verwaltung_action",
    ),
    path("hilfe/", views.help_page, name="help"),
    path("impressum/", views.imprint, name="imprint"),
    path("datenschutz/", views.privacy, name="privacy"),
    path("barrierefreiheit/", views.accessibility, name="accessibility"),
    path("demo/anmelden/", views.demo_login, name="demo_login"),
    path("demo/postfach/", views.demo_mailbox, name="demo_mailbox"),
]
