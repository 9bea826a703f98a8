"""German labels for codes that are stored as short words."""

SLOTS = {
    "mo-fr-vormittag": "werktags vormittags",
    "mo-fr-abend": "werktags abends",
    "mo-abend": "montags abends",
    "di-abend": "dienstags abends",
    "mi-abend": "mittwochs abends",
    "do-abend": "donnerstags abends",
    "wochenende": "am Wochenende",
    "schicht": "wechselnd (Schicht)",
}
LANGUAGES = {
    "de": "Deutsch",
    "en": "Englisch",
    "tr": "Türkisch",
    "ar": "Arabisch",
    "uk": "Ukrainisch",
    "fa": "Persisch",
    "pl": "Polnisch",
}
# Tick boxes of the first talk and of „Mein Start“ (B9).
SKILLS = {
    "schreiben": "Texte schreiben",
    "reden": "vor Leuten reden",
    "organisieren": "organisieren",
    "technik": "Technik und Computer",
    "gestalten": "gestalten, Fotos, Video",
    "handwerk": "anpacken und aufbauen",
    "kochen": "kochen und backen",
    "zahlen": "mit Geld und Zahlen umgehen",
    "fahren": "fahren und transportieren",
    "zuhoeren": "zuhören und beraten",
}
MOTIVES = {
    "werte": "die Werte der Partei",
    "thema": "ein bestimmtes Thema",
    "ort": "etwas vor Ort verändern",
    "leute": "Menschen kennenlernen",
    "wahl": "eine Wahl oder ein Ereignis",
    "familie": "Familie oder Freunde sind dabei",
}
EXPECTATIONS = {
    "infos": "informiert werden",
    "lernen": "etwas lernen",
    "treffen": "zu Treffen kommen",
    "aufgabe": "eine Aufgabe übernehmen",
    "mitreden": "mitreden und mitentscheiden",
    "amt": "ein Amt oder Mandat",
}
# What a place to engage is good for; offers carry these, people never do.
TAGS = {
    "vormittags": "vormittags",
    "online": "online",
    "deutschlernende": "für Deutschlernende",
    "mit-kindern": "mit Kindern",
    "barrierefrei": "ohne Stufen",
}
SHIFTS = {"F": "Früh", "S": "Spät", "N": "Nacht", "-": "frei", "?": "weiß ich noch nicht"}
# The purpose of the consent to be written to by messenger.
MESSENGER = "messenger"
# What a shared fact counts when mentors are proposed, and what a further place takes off.
# The parts of a score, as the engine names them.
PARTS = {
    "gliederung": "Gliederung",
    "kommune": "Kommune",
    "topics": "Themen",
    "languages": "Sprachen",
    "availability": "Zeiten",
    "wish": "Wunsch",
    "keep": "blieb",
    "load": "Auslastung",
}
WEIGHTS = {
    "same_gliederung": "Selbe Gliederung",
    "near_kommune": "Selbe oder benachbarte Kommune",
    "topic": "Jedes gemeinsame Thema, höchstens drei",
    "language": "Eine weitere gemeinsame Sprache",
    "availability": "Gemeinsame freie Zeit",
    "wish": "Vom Neumitglied gewünscht",
    "keep": "Offener Vorschlag bleibt",
    "second": "Abzug für den zweiten Platz",
    "third": "Abzug für den dritten Platz",
}
