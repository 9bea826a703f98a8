from django.urls import path

from members.views import accounts, import_files, imports, mentoring, newcomers, people

app_name = "members"
urlpatterns = [
    path("neumitglieder/", newcomers.NewcomerList.as_view(), name="newcomers"),
    path("neumitglieder/<uuid:pk>/", newcomers.newcomer, name="newcomer"),
    path("neumitglieder/<uuid:pk>/gespraech/", newcomers.log_contact, name="log_contact"),
    path(
        "neumitglieder/<uuid:pk>/uebergabe/<uuid:milestone>/",
        newcomers.hand_over,
        name="hand_over",
    ),
    path("personen/", people.people, name="people"),
    path("personen/<uuid:pk>/", people.person, name="person"),
    path("import/", import_files.import_list, name="import_list"),
    path("import/<uuid:pk>/pruefung/", import_files.import_check, name="import_check"),
    path("import/<uuid:pk>/spalten/", import_files.import_mapping, name="import_mapping"),
    path(
        "import/zuordnung/<uuid:pk>/loeschen/",
        import_files.forget_profile,
        name="import_profile_delete",
    ),
    path("import/<uuid:pk>/", imports.import_run, name="import_run"),
    path("import/<uuid:pk>/uebernehmen/", imports.import_apply, name="import_apply"),
    path("import/<uuid:pk>/verwerfen/", imports.import_discard, name="import_discard"),
    path("zuordnen/", imports.undecided, name="undecided"),
    path("zuordnen/<uuid:pk>/", imports.decide, name="decide"),
    path("mentoring/", mentoring.mentoring, name="mentoring"),
    path("mentoring/vorschau/", mentoring.mentoring_preview, name="mentoring_preview"),
    path("mentoring/<uuid:pk>/gilt/", mentoring.mentoring_accept, name="mentoring_accept"),
    path("einladung/<str:token>/", accounts.invitation, name="invitation"),
    path("einladung/<str:token>/neu/", accounts.invitation_again, name="invitation_again"),
    path("ich/", accounts.profile_page, name="profile"),
    path("ich/einwilligung/", accounts.profile_consent, name="profile_consent"),
    path("ich/nummer/", accounts.profile_phone, name="profile_phone"),
]
