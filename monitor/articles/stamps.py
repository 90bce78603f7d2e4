"""How the templates of papers print a date: alone in its line, or between strokes."""

from __future__ import annotations

import re

WEEKDAYS = (
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|ponedelj[ae]k|ponedjeljak|utorak|sr(?:ij)?eda|"
    r"četvrtak|petak|subota|nedelja|nedjelja|понедељак|уторак|среда|четвртак|петак|субота|недеља|"
    r"montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi|"
    r"dimanche|понедельник|вторник|четверг|пятница|суббота|воскресенье"
)
DAY = (
    rf"(?:(?:{WEEKDAYS})\.?,?\s+)?"
    r"(?:[^\W\d_]{3,12}\.?\s+\d{1,2},?\s+\d{4}|\d{1,2}\.?\s+[^\W\d_]{3,12}\.?\s+\d{4}\.?|"
    r"\d{1,2}\.\s?\d{1,2}\.\s?(?:\d{4}|\d{2}\b)\.?|\d{4}-\d{2}-\d{2})"
)
STAMP = re.compile(
    rf"(?<!\w){DAY}\s*(?:\||/|u|у|at|um|à|-|–|•|·|,)?\s*\d{{1,2}}[:.]\d{{2}}(?::\d{{2}}\b)?(?:\s?[ap]\.?m\b\.?)?\s?(?:h\b)?",
    re.IGNORECASE,
)
ALONE = re.compile(rf"(?:{STAMP.pattern}|{DAY})(?:\s*\|)?", re.IGNORECASE)
PIPED = re.compile(rf"(?<!\w){DAY}\s*\|\s*\d{{1,2}}[:.]\d{{2}}", re.IGNORECASE)
READING_TIME = re.compile(
    r"(?:lesedauer|lesezeit|reading time|vreme čitanja|време читања|время чтения)[: ]*\d+\s?\w{1,8}\.?|"
    r"\d+ ?[- ]?min(?:ute|uta|uten|утa)?\.?s? (?:read|lesezeit|čitanja|читања|чтения|de lecture)",
    re.IGNORECASE,
)
REVISED = re.compile(
    r"updated|modified|corrected|ažurirano|izm[ej]+njeno|ажурирано|измењено|обновлено|изменено|aktualisiert|"
    r"mis à jour|modifié|actualizado|aggiornato",
    re.IGNORECASE,
)
PARTED = re.compile(rf"\s*(?:[|·•\n]|\s[–—-]\s|[,;(]\s?(?={REVISED.pattern}))\s*", re.IGNORECASE)
