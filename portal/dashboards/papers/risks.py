"""T1–T40: what could go wrong for people, what this product does, and the test that proves it."""

from dataclasses import dataclass

from portal.dashboards.papers.goals import Goal

MINIMAL, AVAILABLE, INTEGRITY, SECRET, UNLINKED, OPEN, CONTROL = Goal
_MATRIX = "tests/security/test_access_matrix.py::test_cell"
# What a feature that does not exist yet will bring along.
LATER = "Gibt es hier noch nicht; vor dem Bau zu bewerten."


@dataclass(frozen=True, slots=True)
class Risk:
    """`proof` names tests; without one the risk stands open in the paper."""

    number: int
    text: str
    goals: tuple[Goal, ...]
    measure: str = LATER
    proof: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        return f"T{self.number}"


RISKS = (
    Risk(
        1,
        "Namen und Adressen von Mitgliedern landen auf „Feindeslisten“",
        (SECRET, MINIMAL),
        "Kein Name ohne Anmeldung; Anschrift nur von Menschen ohne E-Mail; Suchmaschinen sind "
        "ausgesperrt.",
        (
            _MATRIX,
            "tests/members/test_import_addresses.py::"
            "test_a_street_is_kept_only_without_an_address_for_mail",
        ),
    ),
    Risk(
        2,
        "Ein übernommener Zugang liest massenhaft Daten aus",
        (SECRET,),
        "Sicht nur auf die eigene Gliederung, höchstens 50 Zeilen je Seite; Stopp nach 200 "
        "Personen am Tag.",
        (
            "tests/members/test_visibility.py::test_no_list_shows_a_foreign_newcomer",
            "tests/members/test_looks.py::test_a_bot_gets_at_most_200_people_over_all_channels",
        ),
    ),
    Risk(
        3,
        "Wer ein Amt hatte, sieht weiter hinein",
        (SECRET,),
        "Ämter enden spätestens nach 24 Monaten und werden jedes Quartal geprüft; Rechte gelten "
        "je Aufruf.",
        (
            "tests/members/test_sessions.py::"
            "test_an_ex_officers_open_tab_shows_nothing_at_the_next_click",
            "tests/members/test_onboarding.py::test_an_office_ends_after_24_months_at_the_latest",
        ),
    ),
    Risk(
        4,
        "An den Antworten ist zu erkennen, wer Mitglied ist",
        (SECRET,),
        "Gleiche Antwort und gleiche Arbeit für bekannte und unbekannte Adressen.",
        (
            "tests/members/test_same_work.py::test_a_code_and_a_reset",
            "tests/members/test_interest_flood.py::"
            "test_new_known_member_too_often_and_doubtful_cost_the_same",
        ),
    ),
    Risk(
        5,
        "Passwörter werden durchprobiert",
        (SECRET,),
        "Fünf Versuche, dann Pause; ohne Zähler bleibt die Tür zu.",
        (
            "tests/members/test_limits.py::test_one_ip_cannot_try_many_addresses",
            "tests/faults/test_frozen_broker.py::test_a_door_is_closed_with_a_sentence",
        ),
    ),
    Risk(
        6,
        "Der zweite Faktor wird umgangen",
        (SECRET,),
        "Jedes Amt, das andere zeigt, verlangt ihn in dieser Sitzung; ein neues Passwort ersetzt "
        "ihn nicht.",
        (
            "tests/members/test_second_factor.py::"
            "test_a_new_password_by_mail_does_not_replace_the_second_factor",
        ),
    ),
    Risk(
        7,
        "Jemand ruft fremde Seiten über die Adresse auf",
        (SECRET,),
        "Nicht Sichtbares sieht aus wie nicht Vorhandenes, auch für die Datenbank; jede Seite "
        "wird mit jeder Rolle geprüft.",
        (
            _MATRIX,
            "tests/security/test_access_matrix.py::"
            "test_a_foreign_object_looks_exactly_like_one_that_does_not_exist",
            "tests/security/test_row_layer.py::"
            "test_without_the_rule_of_visibility_a_list_still_shows_no_stranger",
        ),
    ),
    Risk(
        8,
        "Einzelne Felder sieht, wer sie nicht braucht",
        (SECRET, OPEN),
        "Vor dem ersten Gespräch nur Vornamen; „Wer mich sieht“ ist dieselbe Regel von der "
        "anderen Seite.",
        (
            "tests/members/test_who_sees_me.py::"
            "test_only_the_contact_has_a_surname_before_the_first_talk",
            "tests/members/test_who_sees_me.py::test_the_list_is_the_rule_for_everybody_of_the_cast",
        ),
    ),
    Risk(
        9,
        "Ein Formular ändert mehr, als es zeigt",
        (INTEGRITY,),
        "Formulare nennen ihre Felder einzeln.",
        ("tests/dashboards/test_pages.py::test_the_profile_changes_channel_and_language_only",),
    ),
    Risk(
        10,
        "Eine fremde Seite löst hier etwas aus",
        (INTEGRITY,),
        "Ansehen ändert nichts; jedes Absenden braucht ein Zeichen dieser Seite.",
        ("tests/security/test_access_matrix.py::test_every_post_wants_a_csrf_token",),
    ),
    Risk(
        11,
        "Der Server wird benutzt, um andere anzugreifen",
        (SECRET,),
        "Kein Teil des Portals ruft fremde Adressen ab; nur der Proxy ist von außen erreichbar.",
        (
            "tests/production/test_files.py::"
            "test_only_the_proxy_is_reached_from_outside_and_it_does_not_reach_the_data",
        ),
    ),
    Risk(
        12,
        "Eingetippter Text läuft als Programm im Browser anderer",
        (INTEGRITY, SECRET),
        "Text bleibt Text; der Browser darf nur unsere eigenen Dateien ausführen.",
        (
            "tests/test_architecture.py::test_nothing_marks_text_as_safe_html",
            "tests/security/test_headers.py::test_every_page_carries_the_headers",
        ),
    ),
    Risk(
        13,
        "Formeln in Tabellen greifen den Rechner an",
        (INTEGRITY,),
        "Was wie eine Formel beginnt, wird entschärft oder abgelehnt.",
        (
            "tests/common/test_csv_export.py::"
            "test_no_cell_of_any_file_starts_a_formula_and_every_text_survives",
            "tests/members/test_xlsx.py::test_a_formula_rejects_its_row_and_names_the_field",
        ),
    ),
    Risk(
        14,
        "Eine vergiftete Datei legt das Portal lahm",
        (AVAILABLE,),
        "Größe, Inhalt und Zeit sind begrenzt; gelesen wird in einem abgeschlossenen Prozess.",
        ("tests/members/test_xlsx.py::test_a_hostile_or_broken_file_is_refused_within_a_second",),
    ),
    Risk(
        15,
        "Namen werden verstümmelt oder eine Liste halb übernommen",
        (INTEGRITY,),
        "Alles oder nichts; Zeichensätze werden erkannt und gezeigt.",
        (
            "tests/members/test_golden_names.py::test_500_names_survive_an_encoding",
            "tests/faults/test_import_kill.py::"
            "test_a_take_over_killed_in_the_middle_happens_exactly_once",
        ),
    ),
    Risk(
        16,
        "Dateinamen führen an fremde Orte",
        (INTEGRITY,),
        "Namen von Dateien werden nie verwendet, nur ihre Endung gelesen.",
        ("tests/members/test_xlsx.py::test_only_the_ending_of_a_name_is_looked_at",),
    ),
    Risk(
        17,
        "Ein Name schmuggelt Empfänger oder Betrug in Mails",
        (INTEGRITY, SECRET),
        "Eine Mail hat genau eine Adresse; Namen können keine Kopfzeile schreiben.",
        ("tests/common/test_outbox_text.py::test_no_name_can_add_a_header_or_a_recipient",),
    ),
    Risk(
        18,
        "Das Portal wird benutzt, um andere mit Mails zu überschütten",
        (AVAILABLE, CONTROL),
        "Eine Bestätigungsmail am Tag und drei insgesamt je Adresse; eine Obergrenze fürs Haus.",
        (
            "tests/members/test_interest_flood.py::"
            "test_a_flood_is_one_mail_an_address_and_stays_below_the_cap",
        ),
    ),
    Risk(
        19,
        "Maschinen füllen öffentliche Formulare",
        (INTEGRITY,),
        "Was nach Maschine aussieht, wartet auf einen Menschen; kein Bilderrätsel.",
        (
            "tests/members/test_interest_flood.py::"
            "test_what_a_machine_sends_waits_for_a_human_and_gets_the_same_answer",
        ),
    ),
    Risk(20, "Eine geheime Kalenderadresse wird weitergegeben", (SECRET,)),
    Risk(
        21,
        "Ein Link aus einer Mail wird weitergeleitet oder von einer Maschine geöffnet",
        (INTEGRITY, CONTROL),
        "Öffnen ändert nichts; erst der Knopf tut etwas, und nur einmal.",
        ("tests/common/test_links.py::test_opening_a_link_five_times_changes_nothing",),
    ),
    Risk(22, "Treffpunkte und Zeiten verraten, wo Ehrenamtliche sind", (SECRET,)),
    Risk(23, "Berichte über Vorfälle geraten in falsche Hände", (SECRET, UNLINKED)),
    Risk(
        24,
        "Vertrauen in der Begleitung wird missbraucht, besonders bei Minderjährigen",
        (SECRET, CONTROL),
        "Namen erst nach beiden Ja, Nummern erst nach einem ersten Gespräch; Minderjährige nur mit "
        "zwei Mentor:innen mit Schutzkonzept und schriftlicher Einwilligung; Sperren wirkt sofort; "
        "Meldungen lesen nur zwei Menschen, nie die gemeldete Person und nie der eigene Ort.",
        (
            "tests/members/test_mentoring.py::"
            "test_a_minor_is_never_proposed_to_a_mentor_without_protection_concept",
            "tests/members/tandems/test_life.py::"
            "test_nobody_is_named_on_any_page_before_both_have_said_yes",
            "tests/members/tandems/test_safety.py::"
            "test_after_a_block_there_is_nothing_for_either_side_and_no_trace",
            "tests/members/tandems/test_safety.py::"
            "test_a_report_reaches_two_of_the_office_and_nobody_else",
            "tests/members/tandems/test_machine.py::test_months_of_a_programme",
        ),
    ),
    Risk(
        25,
        "Aus Zahlen lässt sich auf Einzelne schließen",
        (UNLINKED, MINIMAL),
        "Zahlen über Antworten erst ab sechs von jeder Art und in festen Schritten.",
        ("tests/members/test_pulse.py::test_one_more_answer_never_changes_a_published_number",),
    ),
    Risk(
        26,
        "Ein Zwischenspeicher zeigt fremde Seiten",
        (SECRET,),
        "Jede Seite hinter der Anmeldung verbietet das Speichern.",
        ("tests/security/test_headers.py::test_every_page_carries_the_headers",),
    ),
    Risk(
        27,
        "Personen stehen in Protokollen der Technik",
        (SECRET, MINIMAL),
        "Nur bekannte Schlüssel mit Werten bekannter Form verlassen das Programm.",
        ("tests/security/test_log_canary.py::test_no_page_writes_down_what_was_typed",),
    ),
    Risk(
        28,
        "Personen stehen in der Warteschlange",
        (SECRET, MINIMAL),
        "Aufgaben tragen nur Kennungen.",
        ("tests/common/test_jobs.py::test_the_broker_learns_ids_and_nothing_else",),
    ),
    Risk(
        29,
        "Eine Sicherung wird gestohlen oder bringt Gelöschte zurück",
        (SECRET, AVAILABLE, CONTROL),
        "Sicherungen sind verschlüsselt und werden nach festen Zahlen gelöscht; Zurückspielen "
        "wird geübt.",
        (
            "tests/production/test_backup.py::test_a_damaged_dump_or_a_wrong_key_changes_nothing",
            "tests/production/test_backup.py::"
            "test_a_lost_database_comes_back_row_by_row_with_its_rights",
            "tests/production/test_drill.py::"
            "test_a_restore_brings_nobody_back_and_changes_nothing_else",
        ),
    ),
    Risk(
        30,
        "Eine einzelne Person mit viel Rechten handelt allein",
        (SECRET, INTEGRITY),
        "Rechte über die Gliederung hinaus brauchen eine zweite Person; niemand schlüpft in "
        "fremde Zugänge.",
        (
            "tests/members/test_recovery.py::test_nobody_lets_themselves_in",
            "tests/common/test_audit_chain.py::test_a_changed_event_is_named",
        ),
    ),
    Risk(31, "Ein verlorenes Telefon verrät Anliegen", (SECRET,)),
    Risk(32, "Nachgereichte Einträge werden gefälscht oder verdoppelt", (INTEGRITY,)),
    Risk(
        33,
        "Zwei tun dasselbe im selben Augenblick",
        (INTEGRITY,),
        "Sperren in der Datenbank lassen genau eine Handlung gelten.",
        (
            "tests/members/test_onboarding.py::"
            "test_two_people_log_the_same_talk_at_once_and_one_promise_is_kept",
        ),
    ),
    Risk(
        34,
        "Das Portal wird in eine fremde Seite eingebaut",
        (INTEGRITY,),
        "Einbetten ist verboten.",
        ("tests/security/test_headers.py::test_account_pages_carry_the_headers",),
    ),
    Risk(
        35,
        "Ein fremder Baustein bringt Schadprogramme mit",
        (INTEGRITY, SECRET),
        "Wenige Bausteine, jeder mit Prüfsumme; das ausgelieferte Abbild enthält kein Werkzeug.",
        ("tests/production/test_files.py::test_the_image_holds_no_compiler_and_no_secret",),
    ),
    Risk(
        36,
        "Schlüssel werden bekannt",
        (SECRET,),
        "Schlüssel liegen außerhalb des Programms und lassen sich wechseln.",
        (
            "tests/production/test_key_rotation.py::test_links_and_sessions_from_before_live_on",
            "tests/production/test_files.py::test_secrets_and_dumps_are_never_committed",
        ),
    ),
    Risk(
        37,
        "Seltsame Anfragen legen das Portal lahm",
        (AVAILABLE,),
        "Grenzen für Länge, Zeit und Größe; Unsinn bekommt eine ruhige Antwort.",
        ("tests/security/test_headers.py::test_odd_query_strings_are_never_a_server_error",),
    ),
    Risk(
        38,
        "Ein Fehler öffnet eine Tür, statt sie zu schließen",
        (SECRET, INTEGRITY),
        "Ein Fehler nimmt alles zurück; ein unbekanntes Recht ist ein Fehler, keine Erlaubnis.",
        (
            "tests/members/test_visibility.py::"
            "test_a_capability_that_does_not_exist_is_an_error_not_a_denial",
            "tests/security/test_headers.py::test_an_error_undoes_the_request_and_says_so_in_german",
        ),
    ),
    Risk(
        39,
        "Zwei Menschen werden verwechselt",
        (INTEGRITY, SECRET, CONTROL),
        "Nie werden zwei von selbst zu einer Person; es entscheidet ein Mensch, und es lässt sich "
        "zurücknehmen.",
        ("tests/members/test_lookalikes.py::test_undo_makes_two_of_one_again",),
    ),
    Risk(
        40,
        "Presse, Behörde oder Personalwechsel: Es muss schnell gehen",
        (CONTROL, OPEN),
        "Zugänge lassen sich sofort sperren; wer geht, verliert das Amt beim nächsten Klick.",
        ("tests/members/test_sessions.py::test_locking_a_login_ends_its_sessions_at_once",),
    ),
)
