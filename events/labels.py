"""Codes that events store, and what people read for them."""

ACCESS = {
    "stufenlos": "stufenlos",
    "wc": "rollstuhlgerechtes WC",
    "hoeren": "Höranlage",
    "gebaerden": "Gebärdensprache auf Wunsch",
    "bahn": "nah an Bus oder Bahn",
}
EXTRAS = {
    "kinder": "Kinderbetreuung",
    "kinder-dabei": "Kinder willkommen",
    "alkoholfrei": "ohne Alkohol",
    "essen": "etwas zu essen",
    "heimweg": "gemeinsamer Heimweg",
    "leicht": "einfache Sprache",
}
