from django.urls import path

from portal.dashboards import verwaltung
from portal.dashboards.views import (
    datenschutz,
    demo,
    heute,
    mein_start,
    papers,
    public,
    uebersicht,
    wishes,
)

app_name = "dashboards"
urlpatterns = [
    path("", public.home, name="home"),
    path("start/", mein_start.mein_start, name="mein_start"),
    path("start/noch-niemand/", mein_start.nobody_called, name="nobody_called"),
    path("start/wieder-ansprechen/", wishes.contact_again, name="contact_again"),
    path("heute/", heute.heute_page, name="heute"),
    path("uebersicht/", uebersicht.uebersicht, name="uebersicht"),
    path("aufsicht/", datenschutz.data_protection, name="data_protection"),
    path("aufsicht/protokoll/", datenschutz.audit_log, name="audit_log"),
    path("verwaltung/", verwaltung.hub, name="verwaltung"),
    path("verwaltung/<slug:section>/", verwaltung.rows, name="verwaltung_list"),
    path("verwaltung/<slug:section>/neu/", verwaltung.new, name="verwaltung_new"),
    path("verwaltung/<slug:section>/<uuid:pk>/", verwaltung.edit, name="verwaltung_edit"),
    path(
        "verwaltung/<slug:section>/<uuid:pk>/<slug:action>/",
        verwaltung.act,
        name="verwaltung_action",
    ),
    path("hilfe/", public.help_page, name="help"),
    path("impressum/", public.imprint, name="imprint"),
    path("datenschutz/", papers.privacy, name="privacy"),
    path("datenschutz/interessierte/", papers.privacy_citizens, name="privacy_citizens"),
    path("barrierefreiheit/", papers.accessibility, name="accessibility"),
    path("datenschutz-papiere/", papers.papers, name="papers"),
    path("datenschutz-papiere/<slug:code>/", papers.paper, name="paper"),
    path("datenschutz-papiere/<slug:code>/pdf/", papers.paper_pdf, name="paper_pdf"),
    path("demo/anmelden/", demo.demo_login, name="demo_login"),
    path("demo/postfach/", demo.demo_mailbox, name="demo_mailbox"),
]
