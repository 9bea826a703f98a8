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
