"""The sections that papers are made of, as they call them.  Pure."""

from __future__ import annotations

SECTIONS = (
    *("Politics", "World", "Economy", "Economics", "Region", "Regional", "Business", "Culture", "Sports", "Sport"),
    *("Society", "Local", "National", "International", "Europe", "Balkans", "Serbia", "Kosovo", "Opinion", "Analysis"),
    *("Science", "Technology", "Tech", "Health", "Life", "Lifestyle", "Entertainment", "Travel", "Environment", "War"),
    *("Crime", "Crime & War crimes", "Arts", "Education", "Religion", "Weather", "News", "Breaking news", "Finance"),
    *("Top Stories", "In focus", "Interview", "Comment", "Security", "Defence", "Defense", "Energy", "Media", "Law"),
    *(
        "Politika",
        "Svet",
        "Svijet",
        "Ekonomija",
        "Regija",
        "Biznis",
        "Kultura",
        "Društvo",
        "Hronika",
        "Vesti",
        "Vijesti",
    ),
    *("Srbija", "Zabava", "Tehnologija", "Zdravlje", "Život", "Nauka", "Beograd", "Evropa", "Planeta", "Kosmet"),
    *("Fudbal", "Košarka", "Tenis", "Crna hronika", "Kolumne", "Intervju", "Scena", "Magazin", "Region", "BiH"),
    *("Lokales", "Lokalno", "Hrvatska", "Crna Gora", "Regionales", "Football"),
    *("Фудбал", "Кошарка", "Тенис", "Црна хроника", "Београд", "Европа", "Здравље", "Наука", "Технологија", "Косово"),
    *("Политика", "Свет", "Економија", "Регион", "Друштво", "Култура", "Спорт", "Хроника", "Србија", "Мир", "Вести"),
    *("В мире", "Экономика", "Общество", "Политик", "Politik", "Wirtschaft", "Ausland", "Inland", "Panorama", "Kultur"),
    *(
        "Politique",
        "Monde",
        "Économie",
        "Société",
        "Política",
        "Mundo",
        "Economía",
        "Internacional",
        "Esteri",
        "Cronaca",
    ),
)
KNOWN = {name.casefold(): name for name in SECTIONS}
MOST_WORDS = max(len(name.split()) for name in SECTIONS)


def spelt(name: str) -> str:
    """Return the section *name* as papers write it, if it stands in capitals."""
    return KNOWN.get(name.casefold(), name) if name.isupper() else name


def is_section(name: str) -> bool:
    """Return whether *name* is what papers call a section."""
    return name.casefold() in KNOWN
