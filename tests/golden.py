"""500 names as they occur here: they must come through every encoding unharmed."""

from itertools import islice, product

GIVEN = (
    "Jörg Ayşe Zoë Łukasz Çağla Bjørn André Siân Þóra Dvořák-Ana Nuño Jürgen-Weiß François Ömer "
    "Ivó Gülşen Škoda Žofie Ñusta Élodie Mária Ștefan Ģirts Ķ Ağça Øyvind Åsa Ærø Œuvre İrem"
).split()
FAMILY = (
    "Weiß",
    "Großmann",
    "O’Neill",
    "O'Brien",
    "D’Angelo",
    "'t Hooft",
    "von der Leyen",
    "van ’t Hoff",
    "de la Peña",
    "zu Guttenberg",
    "al-Ḥusaynī",
    "Öztürk-Çelik",
    "Yıldız",
    "Kılıçdaroğlu",
    "Łukaszewicz",
    "Wałęsa",
    "Nguyễn",
    "Sørensen",
    "Ångström",
    "Müller-Lüdenscheidt",
    "Dvořák",
    "Čapek",
    "Žižek",
    "Șerban",
    "Ćosić",
    "Ibn Rušd",
    "Łątka ß",
)
NAMES = list(islice(product(GIVEN, FAMILY), 500))
