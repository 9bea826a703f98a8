"""German paths, English names."""

from django.urls import path

from events.views import calendars, people, phone, planning, termine

app_name = "events"
urlpatterns = [
    path("termine/", termine.termine, name="termine"),
    path("termine/neu/", planning.kinds, name="kinds"),
    path("termine/neu/<slug:code>/", planning.new, name="new"),
    path("termine/abo/", calendars.subscribe, name="subscribe"),
    path("termine/abo/beenden/", calendars.revoke, name="revoke"),
    path("termine/abo/<str:token>.ics", calendars.my_calendar, name="my_calendar"),
    path("termine/da/<str:token>/", people.arrive, name="arrive"),
    path("termine/gliederung/<uuid:pk>.ics", calendars.public_calendar, name="public_calendar"),
    path("termine/<uuid:pk>/", termine.event, name="event"),
    path("termine/<uuid:pk>/termin.ics", termine.event_file, name="event_file"),
    path("termine/<uuid:pk>/anmelden/", termine.register, name="register"),
    path("termine/<uuid:pk>/abmelden/", termine.unregister, name="unregister"),
    path("termine/<uuid:pk>/gast/", termine.guest, name="guest"),
    path("termine/<uuid:pk>/aendern/", planning.edit, name="edit"),
    path("termine/<uuid:pk>/absagen/", planning.cancel, name="cancel"),
    path("termine/<uuid:pk>/vorbereiten/", planning.prepare, name="prepare"),
    path("termine/<uuid:pk>/aufgabe/<uuid:item>/", planning.tick, name="tick"),
    path("termine/<uuid:pk>/bericht/", planning.report, name="report"),
    path("termine/<uuid:pk>/liste/", people.participants, name="participants"),
    path("termine/<uuid:pk>/liste.pdf", people.sheet, name="sheet"),
    path("termine/<uuid:pk>/liste/<uuid:registration>/", people.mark, name="mark"),
    path("termine/<uuid:pk>/liste/<uuid:registration>/gespraech/", people.talked, name="talked"),
    path("termine/<uuid:pk>/einladen/", people.invite, name="invite"),
    path("neumitglieder/<uuid:pk>/termine/", phone.by_phone, name="by_phone"),
]
