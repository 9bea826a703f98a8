"""A match in one German sentence, made from its score parts and without anybody's name."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from members.matching_data import Pair

# So many of a kind are named; a sentence has to fit on a phone, and into its column.
MOST = 3
NO_NAMES: Mapping[str, str] = MappingProxyType({})


def explain(
    pair: Pair,
    topic_names: Mapping[str, str] = NO_NAMES,
    slot_names: Mapping[str, str] = NO_NAMES,
    language_names: Mapping[str, str] = NO_NAMES,
) -> str:
    """One German sentence why these two, without a person's name; mappings are code → label.

    Load, wish and keeping are left out: the first could tell of a block, the second who it is
    (R14), the third means nothing to whoever reads it.
    """
    slots, languages = pair.shared_slots[:MOST], pair.shared_languages[:MOST]
    where = "derselben Kommune" if pair.same_kommune else "benachbarten Kommunen"
    sentences = {
        "topics": f"interessieren sich für {_listed(pair.shared_topics[:MOST], topic_names)}",
        "gliederung": "gehören zur selben Gliederung",
        "kommune": f"wohnen in {where}",
        "languages": f"sprechen {_listed(languages, language_names)}",
        "availability": f"haben {_listed(slots, slot_names)} Zeit",
    }
    facts = [text for part, text in sentences.items() if part in pair.parts]
    return f"Beide {_joined(facts or ['gehören zum selben Gebiet'])}."


def _listed(codes: Iterable[str], names: Mapping[str, str]) -> str:
    return _joined(sorted(names.get(code, code) for code in codes))


def _joined(words: Sequence[str]) -> str:
    return " und ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
