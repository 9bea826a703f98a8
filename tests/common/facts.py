"""What the welcome texts need, without a row of anybody."""

HOUSE = "http://127.0.0.1:8000"
OWN_LINKS = ("ja", "eher_ja", "eher_nein", "nein", "ruft_mich_an", "ich_komme", "lieber_nicht")


def facts(_mail=None, **changes):
    """What the welcome texts need."""
    urls = ("einladung", "niemand_gemeldet", "lieber_schreiben")
    languages = ("easy_url", "english_url")
    return {
        "vorname": "Kim",
        "nachname": "Beispiel",
        "language": "de",
        "ansprechperson": "",
        "ansprechperson_vorname": "",
        "ansprechperson_telefon": "",
        "wenn_ohne_ansprechperson": True,
        "wenn_neu": True,
        "wenn_schon_laenger": False,
        "termine": "- Erstes Gespräch: spätestens am 3. Dezember",
        "naechste_zwei_termine": "- Erstes Gespräch: spätestens am 3. Dezember",
        "geschaeftsstelle": "Geschäftsstelle Test",
        "geschaeftsstelle_telefon": "0511 123456",
        "geschaeftsstelle_adresse": "Testweg 1, 30159 Hannover",
        "impressum": f"{HOUSE}/impressum/",
        "andere_sprachen": "\n".join(
            f"{name}: {HOUSE}/{name}/geheim-{name}/" for name in languages
        ),
        # Other kinds' own.
        "code": "123456",
        "adresse": "kim@example.org",
        "anmelden": f"{HOUSE}/konto/anmelden/",
        "ansehen": f"{HOUSE}/geheim-ansehen/",
        "erstellt_von": "Alex Muster",
        "tag": "3. Dezember",
        "uhrzeit": "18:05",
        **{name: f"{HOUSE}/{name}/geheim-{name}/" for name in OWN_LINKS},
        "seit_jahr": "2014",
        "treffen": "Donnerstag, 3. Dezember, 18:00 Uhr, Gasthaus Beispiel",
        "wenn_treffen": True,
        "neues_passwort": f"{HOUSE}/geheim-neues_passwort/",
        **{name: f"{HOUSE}/{name}/geheim-{name}/" for name in urls},
        **changes,
    }
