"""What this house does with data about people, and why: the spine of every paper.

A personal model belongs to exactly one activity; what kinds of data it holds, who sees it and
when it goes is not typed here but read from the registries that also do it.
"""

from dataclasses import dataclass

# Art. 6 and Art. 9 always stand together: that somebody is in a party is a political opinion.
MEMBERSHIP = "Art. 6 Abs. 1 lit. b DSGVO (Mitgliedschaft)"
SECURITY = "Art. 6 Abs. 1 lit. f DSGVO (berechtigtes Interesse: Zugänge schützen), Art. 32"
PROOF = "Art. 6 Abs. 1 lit. c DSGVO (Pflicht, Einwilligungen nachzuweisen), Art. 7 Abs. 1"
RIGHTS = "Art. 6 Abs. 1 lit. c DSGVO (Pflichten aus Art. 15 bis 21)"
ACCOUNT = "Art. 6 Abs. 1 lit. c DSGVO (Pflicht zur Rechenschaft), Art. 5 Abs. 2 und Art. 32"
CONSENT = "Art. 6 Abs. 1 lit. a DSGVO (Einwilligung)"
PARTY = "Art. 9 Abs. 2 lit. d DSGVO (Mitglieder und regelmäßige Kontakte einer Partei)"
EXPRESS_CONSENT = "Art. 9 Abs. 2 lit. a DSGVO (ausdrückliche Einwilligung)"

MEMBERS = "Mitglieder"
FORMER = "frühere Mitglieder"
VOLUNTEERS = "Menschen mit einem Amt"
CITIZENS = "Interessierte"


@dataclass(frozen=True, slots=True)
class Activity:
    """One line of the record of processing (Art. 30).

    `seen_by` names capabilities: the offices that carry them are the recipients.
    `to_members` and `to_citizens` are the same purpose in the words of the two notices.
    """

    code: str
    name: str
    purpose: str
    basis: tuple[str, ...]
    people: tuple[str, ...]
    models: tuple[str, ...]
    seen_by: tuple[str, ...] = ()
    also_seen_by: tuple[str, ...] = ()
    citizens_basis: tuple[str, ...] = ()  # for people who are no members
    rules: tuple[str, ...] = ()  # deletion rules that belong here though their model does not
    to_members: str = ""
    to_citizens: str = ""


ACTIVITIES = (
    Activity(
        code="mitglieder",
        name="Mitglieder kennen und erreichen",
        purpose="Wissen, wer Mitglied ist, wohin jemand gehört und wie man sich erreicht; "
        "Eintritt, Wechsel und Austritt begleiten.",
        basis=(MEMBERSHIP, PARTY),
        people=(MEMBERS, FORMER, "Menschen, die ihre Aufnahme beantragt haben"),
        models=("members.Person", "members.Membership", "members.Transfer", "members.PhoneAnswer"),
        seen_by=("people.view", "onboarding.act", "admission.decide"),
        to_members="Wer du bist, wohin du gehörst und wie man dich erreicht.",
    ),
    Activity(
        code="ankommen",
        name="Neue Mitglieder begleiten",
        purpose="Jedes neue Mitglied wird angerufen, bekommt sein Parteibuch und wird nach einem "
        "halben Jahr gefragt, ob es angekommen ist.",
        basis=(MEMBERSHIP, PARTY),
        people=(MEMBERS, VOLUNTEERS),
        models=(
            "members.Onboarding",
            "members.Milestone",
            "members.Contact",
            "members.Parteibuch",
            "members.Assignment",
            "members.Wave",
            "members.WaveReply",
        ),
        seen_by=("onboarding.act", "people.view"),
        to_members="Damit sich jemand bei dir meldet und nichts vergessen wird, was wir dir "
        "versprochen haben. Jede Notiz über dich kannst du lesen.",
    ),
    Activity(
        code="rueckfrage",
        name="Fragen, ob jemand angekommen ist",
        purpose="Zwei freiwillige Fragen; wer Nein sagt, wird nur angerufen, wenn er oder sie das "
        "will. Ausgewertet werden nur Summen, in denen niemand zu erkennen ist.",
        basis=(CONSENT, EXPRESS_CONSENT),
        people=(MEMBERS,),
        models=("members.Pulse",),
        also_seen_by=("die Ansprechperson, aber nur mit Einverständnis",),
        to_members="Zwei Fragen, ob du angekommen bist. Deine Antwort ist freiwillig und bleibt "
        "bei dir, wenn du nichts anderes sagst.",
    ),
    Activity(
        code="mentoring",
        name="Mentor:innen vermitteln",
        purpose="Vorschlagen, wer zu wem passt; entschieden wird von Menschen.",
        basis=(MEMBERSHIP, PARTY),
        people=(MEMBERS, "Mentor:innen"),
        models=(
            "members.Mentor",
            "members.MatchingRun",
            "members.MatchProposal",
            "members.PairRule",
            "members.Tandem",
            "members.TandemMeeting",
            "members.TandemFeedback",
        ),
        seen_by=("mentoring.coordinate",),
        also_seen_by=("die andere Seite des Tandems, sobald beide Ja gesagt haben",),
        to_members="Wenn du eine Mentorin oder einen Mentor willst: damit ihr zusammenpasst und "
        "jemand merkt, wenn ihr euch nicht mehr trefft.",
    ),
    Activity(
        code="mentoring-meldung",
        name="Meldungen aus dem Mentoring klären",
        purpose="Wer sich im Mentoring nicht sicher fühlt, wird von zwei Menschen der "
        "Geschäftsstelle gehört.",
        basis=(MEMBERSHIP, PARTY),
        people=(MEMBERS, "Mentor:innen"),
        models=("members.TandemReport",),
        also_seen_by=(
            "zwei Menschen der Geschäftsstelle, nie die gemeldete Person und nie der eigene Ort",
        ),
        to_members="Damit dir jemand hilft, wenn im Mentoring etwas nicht stimmt. Nur zwei "
        "Menschen lesen es.",
    ),
    Activity(
        code="mitmachen",
        name="Orte zum Mitmachen vermitteln",
        purpose="Angebote der Gliederungen zeigen und weitergeben, wer Interesse hat.",
        basis=(MEMBERSHIP, PARTY),
        people=(MEMBERS, "Menschen, die ein Angebot betreuen"),
        models=("members.MitmachOrt", "members.Meldung"),
        seen_by=("onboarding.act",),
        also_seen_by=("wer das Angebot betreut",),
        to_members="Wenn du dich zu einem Angebot meldest: damit dir jemand antwortet.",
    ),
    Activity(
        code="termine",
        name="Zu Terminen einladen und anmelden",
        purpose="Wissen, wer kommt, Plätze vergeben, erinnern, absagen, an der Tür abhaken.",
        basis=(MEMBERSHIP, PARTY),
        people=(MEMBERS, "Gäste, die sich anmelden"),
        models=(
            "events.Event",
            "events.Registration",
            "events.CheckItem",
            "events.CalendarFeed",
        ),
        seen_by=("events.manage",),
        also_seen_by=("wer den Termin verantwortet oder dabei hilft",),
        to_members="Damit es einen Platz für dich gibt und du hörst, wenn sich etwas ändert.",
    ),
    Activity(
        code="interessierte",
        name="Interessierten antworten",
        purpose="Wer mitmachen will, wird von einem Menschen aus dem eigenen Ort angesprochen.",
        basis=(),
        citizens_basis=(CONSENT, EXPRESS_CONSENT),
        people=(CITIZENS,),
        models=("members.Interest",),
        rules=("person.interested",),
        seen_by=("onboarding.act",),
        also_seen_by=(
            "wer die Karte gab, aber nur mit Einverständnis und nur, dass es geklappt hat",
        ),
        to_citizens="Damit sich jemand aus Ihrem Ort bei Ihnen meldet.",
    ),
    Activity(
        code="einladen",
        name="Andere einladen",
        purpose="Jedes Mitglied kann mit einer eigenen Karte „Komm mit“ zum Mitmachen einladen.",
        basis=(MEMBERSHIP, PARTY),
        people=(MEMBERS,),
        models=("members.Card",),
        also_seen_by=("niemand außer dem Mitglied selbst",),
        to_members="Deine Karte „Komm mit“ gehört dir. Wer sie benutzt, erfährst du nur, wenn "
        "diese Person es erlaubt.",
    ),
    Activity(
        code="einwilligungen",
        name="Einwilligungen nachweisen",
        purpose="Belegen, wer wann welchem Text zugestimmt oder seine Zustimmung zurückgenommen "
        "hat.",
        basis=(PROOF, EXPRESS_CONSENT),
        citizens_basis=(PROOF, EXPRESS_CONSENT),
        people=(MEMBERS, CITIZENS),
        models=("common.Consent",),
        seen_by=("people.view",),
        to_members="Damit klar ist, wozu du Ja gesagt hast. Zurücknehmen ist ein Tipp.",
        to_citizens="Damit klar ist, wozu Sie Ja gesagt haben.",
    ),
    Activity(
        code="import",
        name="Mitgliederlisten einlesen",
        purpose="Die Liste der Mitgliederverwaltung übernehmen und einen Fehler zurücknehmen "
        "können.",
        basis=(MEMBERSHIP, PARTY),
        people=(MEMBERS, FORMER),
        models=("members.ImportRun", "members.ImportRow", "members.ImportChange"),
        seen_by=("import.run",),
        to_members="Deine Angaben kommen aus der Mitgliederverwaltung der Partei. Beitrag, "
        "Bankverbindung und Geburtsdatum übernehmen wir nicht.",
    ),
    Activity(
        code="post",
        name="Mails und Briefe schicken",
        purpose="Nachrichten zustellen, nichts doppelt schicken und höchstens zwei ungefragte im "
        "Monat.",
        basis=(MEMBERSHIP, PARTY),
        citizens_basis=(CONSENT, EXPRESS_CONSENT),
        people=(MEMBERS, VOLUNTEERS, CITIZENS),
        models=(
            "common.OutgoingMail",
            "common.AddressTrouble",
            "common.MailChoice",
        ),
        seen_by=("mail.manage",),
        to_members="Welche Nachrichten du bekommen hast und welche du nicht willst.",
        to_citizens="Damit Sie unsere Mail bekommen, und nur einmal.",
    ),
    Activity(
        code="aemter",
        name="Ämter und Vertretungen",
        purpose="Wissen, wer wofür zuständig ist, und daran erinnern; daraus folgt, wer wen sehen "
        "darf.",
        basis=(MEMBERSHIP, PARTY),
        people=(VOLUNTEERS,),
        models=("members.Amt", "members.Absence", "members.Reminder"),
        seen_by=("org.manage",),
        also_seen_by=("Mitglieder sehen, wer für sie zuständig ist",),
        to_members="Wenn du ein Amt hast: wofür du zuständig bist, woran wir dich erinnert haben "
        "und wann du weg bist.",
    ),
    Activity(
        code="zugang",
        name="Anmelden und Zugänge schützen",
        purpose="Nur wer darf, kommt hinein; verlorene Zugänge lassen sich zu zweit retten.",
        basis=(SECURITY, PARTY),
        people=(MEMBERS, VOLUNTEERS),
        models=(
            "members.User",
            "members.Session",
            "members.OneTimeCode",
            "members.Invitation",
            "account.EmailAddress",
            "account.EmailConfirmation",
            "mfa.Authenticator",
        ),
        seen_by=("access.manage",),
        to_members="Dein Passwort (nur als Prüfsumme), dein zweiter Faktor und wo du angemeldet "
        "bist. Keine IP-Adressen.",
    ),
    Activity(
        code="rechte",
        name="Rechte der Menschen wahren",
        purpose="Anfragen beantworten, löschen, sperren und es nachweisen; jede Löschregel geben "
        "zwei Menschen frei.",
        basis=(RIGHTS, PARTY),
        people=(MEMBERS, FORMER, CITIZENS, VOLUNTEERS),
        models=("members.Hold", "members.RightsRequest", "common.RetentionApproval"),
        seen_by=("people.edit",),
        to_members="Damit wir löschen, wann wir es versprochen haben, und nichts vorher.",
    ),
    Activity(
        code="protokoll",
        name="Protokoll über Änderungen und Einsicht",
        purpose="Nachvollziehen, wer wann was getan hat. Festgehalten wird nur, dass etwas "
        "geschah, nie der Inhalt.",
        basis=(ACCOUNT, PARTY),
        people=(MEMBERS, VOLUNTEERS),
        models=(
            "common.AuditEvent",
            "common.ExportRun",
            "members.Look",
            "members.LookStop",
            "members.LookRelease",
        ),
        seen_by=("audit.read", "org.manage"),
        to_members="Damit auffällt, wenn jemand etwas tut, was nicht sein darf.",
    ),
)
