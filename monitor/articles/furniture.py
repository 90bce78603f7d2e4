"""The blocks of a text → its paragraphs, and what stands among them without being the article.  Pure.

Cautious on purpose: a paragraph taken for furniture is news that no rule sees,
furniture taken for a paragraph is at worst a false alert that a person can explain.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from monitor import dates
from monitor.articles.markup import Block
from monitor.articles.stamps import ALONE
from monitor.model import Furniture

LABELS = {
    "source": "source|izvor|извор|источник|джерело|източник|quelle|fuente|fonte|źródło|zdroj|kaynak|bron|forrás|πηγή|"
    "来源|來源",
    "credit": r"(?:foto(?:graf(?:ij[ae])?)?|photo(?:s|graph)?|picture|image|illustration|ilustracija|bild|фото|video)"
    r"(?:\s(?:credit|by))?|credits?",
    "byline": "autor(?:ka)?|author|аутор(?:ка)?|автор|written by|piše|пише|von|par",
}
PHOTO = r"(?:foto(?:grafija)?|photo(?:graph)?|image|bild|фото)(?:\s(?:credit|by))?"
LABELLED = {name: re.compile(rf"(?:{words})\s?[:：]\s*(?P<value>\S.{{0,79}})", re.I) for name, words in LABELS.items()}
IN_BRACKETS = re.compile(rf"[(\[](?:{LABELS['credit']})\s?[:：]\s*(?P<value>[^()\[\]]{{1,80}})[)\]]\.?$", re.IGNORECASE)

AGENCIES = re.compile(
    r"(?:©\s?)?[^!?:]{0,60}(?:/\s?|\bvia |©\s?)(?:getty images?|afp(?: photo)?|ap(?: photo)?|reuters|epa(?:-efe)?|"
    r"efe|dpa|pa|picture[- ]alliance|imago\w*|shutterstock|istock\w*|anadolu\w*|xinhua|tass|tanjug|beta|fonet|"
    r"танјуг|бета|фонет)"
    r"(?: images?| photo)?(?:/[^.!?:]{1,40})?",
    re.IGNORECASE,
)
CREDITED = re.compile(
    rf"(?:[.!?…,]|[(\[]|(?<=\w)(?=\s(?-i:Photo|Image|Foto|Bild|Фото)))\s*{PHOTO}\s?[:：]\s*(?P<value>[^()\[\]:]{{1,60}})[)\]]?\.?$",
    re.IGNORECASE,
)
NAME = r"[A-ZČĆŠŽĐÄÖÜÉА-ЯЂЈЉЊЋЏ][\w.'’-]*"
CONTACT = re.compile(r"\s*(?:[|·•,/–-]\s*)?(?:[\w.+-]+@[\w-]+\.[\w.-]+|(?<!\w)@\w{2,30})\s*$")
"""A mail address or the name of an account, which stands behind who wrote."""
BY = re.compile(
    rf"(?:By|BY|Von|Par|Por|Piše|Пише|Od|Од)\s(?P<value>{NAME}(?:\s{NAME}){{1,3}}"
    rf"(?:(?:,\s|\s(?:and|und|et|y|i|и)\s){NAME}(?:\s{NAME}){{1,3}}){{0,3}})"
)
ROLE = re.compile(
    r",[^,]*\b(?:reporter|correspondent|editor|writer|producer|journalist|columnist|staff|novinar(?:ka)?|dopisnik|"
    r"urednik|urednica|новинар(?:ка)?|дописник|уредник|уредница|redakteur(?:in)?|journaliste)\b[^,]*$",
    re.IGNORECASE,
)
"""What an author is, behind the name."""
DRAWN = re.compile(
    rf"(?:Photo(?:graph)?s?|Foto|Images?|Illustrations?|Pictures?) (?:by|von) (?P<value>{NAME}(?:\s{NAME}){{0,3}})\.?"
)
POSTED = re.compile(r"[—–-]\s.{1,60}\(@\w{1,30}\)\s+[^\W\d_]{3,10}\.? \d{1,2}, \d{4}")
"""Whose embedded post stands above, and since when."""
SIGNED = re.compile(rf"\((?P<value>{NAME}(?:(?:\s|/\s?|,\s){NAME}){{0,2}})\)\.?")
"""(Tanjug) alone in its line, as the agencies of the region sign."""

SHARING = frozenset(
    [
        *("tweet", "share", "sharing", "podeli", "podelite", "podijeli", "подели", "поделите", "поделиться", "teilen"),
        *("partager", "compartir", "condividi", "facebook", "twitter", "viber", "whatsapp", "telegram", "linkedin"),
        *(
            "pinterest",
            "reddit",
            "messenger",
            "instagram",
            "bluesky",
            "threads",
            "email",
            "print",
            "štampaj",
            "drucken",
        ),
        *("odštampaj", "pošalji", "одштампај", "пошаљи", "штампај", "фејсбук", "твитер", "вајбер", "вконтакте"),
    ]
)
BESIDE_SHARING = frozenset(
    [
        *("x", "on", "to", "via", "or", "and", "this", "article", "story", "post", "page", "by", "e", "mail", "like"),
        *("save", "send", "copy", "link", "kopiraj", "bookmark", "listen", "na", "vest", "članak", "i", "auf", "sur"),
        *("a", "friend", "comments", "vesti", "вест", "на", "и", "чланак", "копирај", "линк", "artikel", "l", "gmail"),
        *("preko", "преко", "kopieren", "merken", "vkontakte", "ok", "flipboard", "the", "us", "your", "friends"),
    ]
)
"""A line of these words alone, one of the former among them, is a share bar."""

READ_MORE = re.compile(
    r"(?:read (?:more|also|next|this)|also read|see also|more on this(?: story)?|don'?t miss|"
    r"related(?: articles?| stories| news| content| reading)?|"
    r"(?:pročitaj(?:te)?|čitajte)(?: još| i| više| takođe)?|opširnije|saznajte više|više o (?:ovome|temi)|"
    r"(?:povezane|vezane|slične) vesti|povezani članci|povezan[eo](?: teme)?|"
    r"(?:прочитај(?:те)?|читајте)(?: још| и| више| такође)?|опширније|сазнајте више|"
    r"(?:повезане|везане|сличне) вести|повезани чланци|"
    r"читайте (?:также|ещё|еще)|по теме|материалы по теме|lesen sie (?:auch|mehr)|mehr zum thema|auch interessant|"
    r"lire aussi|à lire(?: aussi| également)?|sur le même sujet|lea también|te puede interesar|lee también|leggi anche|"
    r"možda (?:vas|će vas|te) zanima(?:ti)?|можда (?:вас|ће вас|те) занима(?:ти)?|"
    r"you (?:may|might) (?:also )?(?:like|be interested in)|recommended(?: for you)?|editor'?s picks?|"
    r"das könnte sie auch interessieren|lees ook|"
    r"czytaj (?:też|także)|leia (?:também|mais))(?!\w)\s*(?P<mark>[:：>»→-]*)\s*(?P<rest>.*)",
    re.IGNORECASE,
)
MORE_TO_COME = re.compile(
    r"najnovije(?: vesti)?|najčitanije(?: vesti)?|izdvajamo|ostale vesti|još vesti|најновије(?: вести)?|"
    r"најчитаније(?: вести)?|издвајамо|остале вести|још вести|most (?:read|popular|viewed)|latest (?:news|stories)|"
    r"blog archive|arhiva bloga|архива блога|bonus video|бонус видео|pogledajte (?:video|galeriju|još)|"
    r"погледајте (?:видео|галерију|још)|popular content|trending(?: now)?|"
    r"top stories|recent posts|more (?:news|stories|from [\w ]{2,30})|популярное|главное|"
    r"(?:other|similar|related|more) (?:[\w-]+ )?(?:articles|columns|stories|posts)|slični članci|слични чланци|"
    r"ähnliche artikel|последние новости|meistgelesen|neueste (?:nachrichten|artikel)|"
    r"weitere (?:artikel|themen)|les plus lus",
    re.IGNORECASE,
)
COMMENTS = re.compile(
    r"(?:komentari|komentara|komentar|comments?|коментари|коментара|комментарии|kommentare|commentaires|comentarios)"
    r"\s*[(:]?\s*\d{0,6}\)?|"
    r"\d{1,6} (?:comments?|komentar[ai]?|коментар[аи]?|kommentare?|commentaires?)|"
    r"(?:leave|post|write|add) a (?:comment|reply)|(?:pošalji|ostavi|dodaj|napiši)(?:te)? (?:komentar|odgovor)|"
    r"(?:пошаљи|остави|додај|напиши)(?:те)? (?:коментар|одговор)|оставить комментарий|kommentar (?:schreiben|abgeben)|"
    r"laisser un commentaire|join the (?:conversation|discussion)|(?:view|show)(?: all)? comments|"
    r"unesite komentar!?|унесите коментар!?",
    re.IGNORECASE,
)
TAGS = re.compile(
    r"(?:tags?|topics|filed under|tagged|tagovi|oznake|ključne reči|тагови|ознаке|кључне речи|теги|schlagw[oö]rter?|"
    r"schlagworte|themen|mots[- ]clés|etiquetas)\s?(?:[:：].{0,200}|)",
    re.IGNORECASE,
)
ADVERTISED = re.compile(
    r"advertisement|advertising|sponsored(?: content)?|(?:story )?continues? (?:below|after) (?:the )?advertisement|"
    r"article continues below|oglas|reklama|promo|marketing|tekst se nastavlja ispod (?:oglasa|reklame)|оглас|реклама|"
    r"текст се наставља испод (?:огласа|рекламе)|anzeige|werbung|publicité|publicidad|pubblicità",
    re.IGNORECASE,
)
STANDING = {"comments": COMMENTS, "teaser": MORE_TO_COME, "tags": TAGS, "advertisement": ADVERTISED}
"""What is furniture if it stands alone, whatever surrounds it."""

PURPOSE = (
    r"[\s,](?:.{0,200}[\s,])?(?:to (?:make|improve|give|ensure|provide|offer|personali|analy|help|enhance|deliver)|"
    r"accept|agree|consent|learn more|policy|da bi|kako bi|radi|u svrhu|nastav\w+|saglas\w*|pristaj\w+|prihvat\w+|"
    r"politi[ck]\w+|да би|како би|ради|у сврху|настав\w+|саглас\w*|пристај\w+|прихват\w+|политик\w+|um |pour |чтобы )"
)
"""What a notice about cookies goes on with."""
PLACES = (
    r"(?:facebook|fejsbuk\w*|фејсбук\w*|twitter|tviter\w*|твитер\w*|\bx\b|instagram\w*|инстаграм\w*|telegram\w*|"
    r"телеграм\w*|google|linkedin|you ?tube|tik ?tok|whats ?app|viber\w*|вајбер\w*|threads|bluesky|mastodon|flipboard|"
    r"newsletter\w*|kanal|канал\w*|рассылк\w*|вконтакте|дзен\w*|группу|podcast|mrežama|мрежама|réseaux|lettre)"
)
SAID = re.compile(
    r"\b(?:said|says|told|asked|wrote|shouted|found|kaže|kazao|kazala|rekao|rekla|izjavi\w+|utvrdi\w+|saopšti\w+|"
    r"poručuj\w+|каже|казао|казала|рекао|рекла|изјави\w+|утврди\w+|саопшти\w+|поручуј\w+|сказал\w*|заявил\w*|sagte|"
    r"a dit|a déclaré)\b",
    re.IGNORECASE,
)
"""A notice speaks for itself: what reports that somebody said it is news of it."""

OPENINGS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(words, re.IGNORECASE), kind)
    for words, kind in (
        (
            r"(?:(?:we|this (?:web)?site|our (?:web)?site|ovaj (?:veb ?)?(?:sajt|portal)|naš (?:sajt|portal)|"
            r"овај (?:веб ?)?(?:сајт|портал)|наш (?:сајт|портал)|этот сайт|diese (?:web)?(?:seite|site)|"
            r"ce site)\s(?:also\s)?"
            r"(?:uses? |koristi(?:mo)? |користи(?:мо)? |использует |verwendet |nutzt |utilise )(?:des )?"
            r"(?:cookies|kolačiće|колачиће|файлы cookie)|"
            r"(?:mi )?koristimo kolačiće|(?:ми )?користимо колачиће|wir verwenden cookies|nous utilisons des cookies|"
            rf"мы используем (?:файлы )?cookie)\b(?:[.;:!]|$|{PURPOSE})|"
            r"by continuing to (?:use|browse) (?:this|our) ",
            "cookie",
        ),
        (
            r"(?:sign up|subscribe|register) (?:for|to) (?:our|the|my)\b.{0,80}"
            r"(?:newsletter|updates|channel|podcast|briefing)|"
            r"get (?:our|the) .{0,60}(?:newsletter|in your inbox)|"
            r"(?:prijavite|pretplatite|prijavi|pretplati) se (?:na|za) .{0,40}(?:bilten|njuzleter|newsletter|vesti)|"
            r"(?:пријавите|претплатите|пријави|претплати) се (?:на|за) .{0,40}(?:билтен|њузлетер|вести)|"
            r"newsletter abonnieren|(?:подпишитесь на|подписывайтесь на|abonnieren sie|(?:abonnez|inscrivez)-vous|"
            r"suivez-nous|folgen sie uns|(?:follow|like|find) us on|(?:za)?prati(?:te)? nas (?:na|i na)|"
            rf"(?:за)?прати(?:те)? нас (?:на|и на))\s.{{0,80}}{PLACES}|"
            r"budite u toku|будите у току|download (?:our|the)(?: \w+){0,3} app\b|"
            r"preuzmite (?:našu |novu )?(?:\w+ )?(?:mobilnu )?aplikaciju|преузмите (?:нашу |нову )?(?:\w+ )?апликацију",
            "teaser",
        ),
        (
            r"the post .{1,300} (?:appeared first|first appeared) on |continue reading\b.{0,200}$|"
            r"\[?(?:…|\.\.\.)\]?$|"
            r"(?:nastavite|nastavi) (?:sa )?čitanje[mn]?\b.{0,60}$|наставите (?:са )?читање[м]?\b.{0,60}$",
            "teaser",
        ),
        (
            r"\((?:additional )?(?:reporting|writing|editing|compiled|edited|written|translated) by\b"
            r"[^()]{1,250}\)\.?$|"
            r"\((?:mit )?material von [^()]{1,80}\)$",
            "byline",
        ),
        (
            r"(?:do you have|have you got|got|if you have) (?:a|any|some)? ?(?:\w+ )?(?:story|stories|tips?|news)\b"
            r".{0,160}"
            r"(?:[\w.+-]+@[\w-]+\.\w|\b(?:call|contact|tell|write to) (?:us|our|the news)\b|get in touch)|"
            r"our standards: .{0,80}principles",
            "notice",
        ),
        (
            r"(?:©|\(c\)|copyright (?:©|by\b|\(c\)|\D{0,60}(?:19|20)\d{2})).{0,120}$|"
            r".{0,120}\ball rights reserved\.?$|.{0,80}\bsva prava zadržana\.?$|"
            r".{0,80}\bсва права задржана\.?$|.{0,80}\bвсе права защищены\.?$|.{0,80}\balle rechte vorbehalten\.?$|"
            r".{0,80}\btous droits réservés\.?$",
            "copyright",
        ),
    )
)
ENDS = re.compile(r"[.!?…。！？।;:,–—-][\"'“”‘’«»)\]*]*$|[\"“”«»)]$")
LABEL_AT_END = re.compile(
    r"\s*[(\[](?:FOTO|VIDEO|PHOTOS?|UŽIVO|LIVE|ФОТО|ВИДЕО|УЖИВО)(?:[ /,+]+\w+)*[)\]]$", re.IGNORECASE
)
INNER_END = re.compile(r"[^\W\d_]{3,}[.!?…][\"“”«»)]*\s+[\"“„«(]?[^\W\d_]")
LONGEST_FURNITURE = 400  # characters; a choice: what is longer is taken for text unread
LONGEST_HEADLINE = 200  # characters; 99.8 % of the 4,956 feed titles of the corpus are no longer
SHORTEST_HEADLINE = 4  # words; a choice: what is shorter between paragraphs is taken for a subheading
LONGEST_CAPTION = 300  # characters
LONGEST_LABELLED = 9  # words behind a label; a choice
OFTEN = 3  # times that a paragraph stands on a page before it is taken for a notice
LONGEST_CREDITED = 200  # characters; a choice: a paragraph of that length at most, with a photographer at its end


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """A text taken apart: the paragraphs that count, and the rest by its kind."""

    body: tuple[str, ...] = ()
    source: str | None = None
    credit: str | None = None
    byline: str | None = None
    related: tuple[str, ...] = ()
    furniture: tuple[Furniture, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A block with what it turned out to be; *kind* None is a paragraph, *value* what a label names."""

    block: Block
    kind: str | None = None
    value: str | None = None


def sort_out(blocks: Iterable[Block], *, template: bool = False) -> Sorted:
    """Return the paragraphs among *blocks*, and set the furniture aside, each piece with its kind.

    *template* says that this is the whole text of a page of a news site, where a line
    without its full stop is a headline sooner than anything else.
    """
    pieces = [piece for block in blocks for piece in pieces_of(block)]
    pieces = _without_related(_after_markers(_without_captions(_without_notices(pieces))), template=template)
    return Sorted(
        body=tuple(_joined(piece.block.text) for piece in pieces if piece.kind is None),
        source=_first(pieces, "source"),
        credit=_first(pieces, "credit") or _first(pieces, "caption"),
        byline=_first(pieces, "byline"),
        related=tuple(dict.fromkeys(piece.value for piece in pieces if piece.kind == "related" and piece.value)),
        furniture=tuple(
            Furniture(kind=piece.kind, text=_joined(piece.block.text)) for piece in pieces if piece.kind is not None
        ),
    )


def pieces_of(block: Block) -> list[Piece]:
    """Return *block* as pieces: lines of furniture at its head and foot part from it."""
    lines = block.text.split("\n")
    if len(lines) == 1:
        return [kind_of(block)]
    head: list[Piece] = []
    foot: list[Piece] = []
    while lines and (kind := kind_of(replace(block, text=lines[0]))).kind is not None:
        head.append(kind)
        lines.pop(0)
    while lines and (kind := kind_of(replace(block, text=lines[-1]))).kind is not None:
        foot.insert(0, kind)
        lines.pop()
    whole = [kind_of(replace(block, text="\n".join(lines)))] if lines else []
    return [*head, *whole, *foot]


def kind_of(block: Block) -> Piece:
    """Return what *block* is on its own, whatever stands around it."""
    text = _joined(block.text)
    if len(text) > LONGEST_FURNITURE:
        return Piece(block=block)
    if is_share_bar(text):
        return Piece(block=block, kind="share")
    for name, pattern in LABELLED.items():
        if (match := pattern.fullmatch(text)) is not None and is_label(match["value"]):
            return Piece(block=block, kind=name, value=_named(match["value"]))
    for kind, words in STANDING.items():
        if words.fullmatch(text.rstrip(" :")) and not (kind == "tags" and ENDS.search(text.rstrip(" :,"))):
            return Piece(block=block, kind=kind)
    if ALONE.fullmatch(text) and dates.published(text) is not None:
        return Piece(block=block, kind="date", value=text)
    if (match := DRAWN.fullmatch(text)) is not None:
        return Piece(block=block, kind="credit", value=_named(match["value"]))
    if POSTED.fullmatch(text):
        return Piece(block=block, kind="caption")
    if (match := BY.fullmatch(ROLE.sub("", _without_contacts(text)))) is not None:
        return Piece(block=block, kind="byline", value=match["value"])
    if (match := SIGNED.fullmatch(text)) is not None:
        return Piece(block=block, kind="source", value=match["value"])
    if len(text.split()) <= LONGEST_LABELLED and AGENCIES.fullmatch(text):
        return Piece(block=block, kind="credit", value=_named(text))
    if len(text) <= LONGEST_CREDITED and (match := CREDITED.search(text)) and is_label(match["value"]):
        return Piece(block=block, kind="caption", value=_named(match["value"]))
    if (match := READ_MORE.match(text)) is not None and (piece := _read_more(block, match)) is not None:
        return piece
    opened = next((kind for opening, kind in OPENINGS if opening.match(text)), None)
    if opened is not None and not SAID.search(text):
        return Piece(block=block, kind=opened)
    return _by_hint(block, text)


def _without_contacts(text: str) -> str:
    while (shorter := CONTACT.sub("", text)) != text:
        text = shorter
    return text


def is_share_bar(text: str) -> bool:
    """Return whether *text* is nothing but the names of places to share it, and their counts."""
    words = [word for word in re.findall(r"[^\W_]+", text.casefold()) if not word.isdigit()]
    return any(word in SHARING for word in words) and all(word in SHARING or word in BESIDE_SHARING for word in words)


def is_label(value: str) -> bool:
    """Return whether *value* can stand behind "Source:" or "Photo:": a name or a few, not a sentence."""
    return (
        len(value.split()) <= LONGEST_LABELLED
        and not INNER_END.search(value)
        and not (ENDS.search(value) and len(value.split()) > 4)
    )


def is_headline(text: str) -> bool:
    """Return whether *text* stands without the full stop of a sentence, as headlines do."""
    text = LABEL_AT_END.sub("", text)
    opening = text.lstrip("\"'“„«‘(")[:1]
    return (
        len(text) <= LONGEST_HEADLINE
        and len(text.split()) >= SHORTEST_HEADLINE
        and not ENDS.search(text)
        and not INNER_END.search(text)
        and "://" not in text
        and not re.search(r"(?:^|\s)#\w", text)
        and (opening.isupper() or opening.isdigit() or (opening.isalpha() and opening.lower() == opening.upper()))
    )


def _read_more(block: Block, match: re.Match[str]) -> Piece | None:
    """Return the pointer to another article that *match* is; None where a sentence begins with these words."""
    rest = match["rest"].strip()
    if not rest:
        return Piece(block=block, kind="related")
    pointing = block.link or block.hint == "related"
    marked = len(rest) <= LONGEST_HEADLINE and not INNER_END.search(rest) and match["mark"]
    if pointing or marked or is_headline(rest):
        return Piece(block=block, kind="related", value=rest)
    return None


def _by_hint(block: Block, text: str) -> Piece:
    if block.kind == "caption" and len(text) <= LONGEST_CAPTION:
        return Piece(block=block, kind="caption", value=_credit_within(text))
    match block.hint:
        case "caption" if len(text) <= LONGEST_CAPTION:
            return Piece(block=block, kind="caption", value=_credit_within(text))
        case "related" if block.link or is_headline(text):
            return Piece(block=block, kind="related", value=text)
        case "tags" if block.link:
            return Piece(block=block, kind="tags")
        case "bio":
            return Piece(block=block, kind="byline")
        case "share" | "teaser" | "comments" | "cookie" if block.link or not ENDS.search(text):
            return Piece(block=block, kind=block.hint)
    return Piece(block=block)


def _credit_within(text: str) -> str | None:
    """Return the photographer or agency that a caption names at its end."""
    match = IN_BRACKETS.search(text) or re.search(
        rf"\b(?:{LABELS['credit']})\s?[:：]\s*(?P<value>.{{1,80}})$", text, re.I
    )
    return None if match is None else _named(match["value"])


def _without_related(pieces: Sequence[Piece], *, template: bool) -> list[Piece]:
    """Return *pieces* with headlines of other articles found: between sentences, or in a template at the end too.

    A text in which more than a third of the paragraphs lack their full stop (half
    in a template) is a list, a poem, or in a language without it: it stays as it is.
    """
    texts = [_joined(piece.block.text) for piece in pieces]
    plain = [index for index, piece in enumerate(pieces) if piece.kind is None and piece.block.kind != "item"]
    suspects = {
        i for i in plain if is_headline(texts[i]) and (pieces[i].block.link or pieces[i].block.kind != "heading")
    }
    sentences = {i for i in plain if ENDS.search(texts[i])}
    if not suspects or len(suspects) * (2 if template else 3) > len(plain):
        return list(pieces)
    found = {
        index
        for index in suspects
        if _nearest(plain, suspects, index, -1) in sentences
        and (_nearest(plain, suspects, index, 1) in sentences or (template and plain[-1] in suspects))
    }
    return [
        replace(piece, kind="related", value=texts[index]) if index in found else piece
        for index, piece in enumerate(pieces)
    ]


def _nearest(plain: Sequence[int], suspects: set[int], index: int, step: int) -> int | None:
    """Return the paragraph next to *index* in the direction of *step* that is no suspect itself."""
    at = plain.index(index) + step
    while 0 <= at < len(plain) and plain[at] in suspects:
        at += step
    return plain[at] if 0 <= at < len(plain) else None


def _without_notices(pieces: Sequence[Piece]) -> list[Piece]:
    """Return *pieces* with what stands OFTEN among them found to be a notice, such as one on every embedded post."""
    often = Counter(piece.block.text for piece in pieces if len(piece.block.text.split()) >= SHORTEST_HEADLINE)
    return [
        replace(piece, kind="notice") if piece.kind is None and often[piece.block.text] >= OFTEN else piece
        for piece in pieces
    ]


def _without_captions(pieces: Sequence[Piece]) -> list[Piece]:
    """Return *pieces* with what stands twice in a row, or twice in one line, found to be a caption."""
    found = list(pieces)
    for index, piece in enumerate(pieces):
        text = _joined(piece.block.text)
        twin = index + 1 < len(pieces) and _joined(pieces[index + 1].block.text) == text
        if piece.kind is None and len(text) <= LONGEST_CAPTION and (twin or _is_doubled(text)):
            caption = replace(piece, kind="caption", value=_credit_within(text))
            found[index] = caption
            if twin:
                found[index + 1] = caption
    return found


def _is_doubled(text: str) -> bool:
    half, odd = divmod(len(text), 2)
    return bool(odd) and half >= 10 and text[:half] == text[half + 1 :] and text[half] == " "


def _after_markers(pieces: Sequence[Piece]) -> list[Piece]:
    """Return *pieces* with the headlines right after "Read more" or "You may also like" found to be what these say."""
    found: list[Piece] = []
    marked: str | None = None
    for piece in pieces:
        text = _joined(piece.block.text)
        if piece.kind is not None:
            within = marked == "teaser" and piece.kind in ("date", "caption")
            leads = piece.kind == "teaser" or (piece.kind == "related" and not piece.value)
            marked = marked if within else piece.kind if leads else None
        elif marked is not None and (piece.block.link or is_headline(text)):
            found.append(replace(piece, kind=marked, value=text))
            continue
        else:
            marked = None
        found.append(piece)
    return found


def _first(pieces: Iterable[Piece], kind: str) -> str | None:
    return next((piece.value for piece in pieces if piece.kind == kind and piece.value), None)


def _named(value: str) -> str:
    """Return the name that a label gives, without the full stop of a sentence; an initial keeps its own."""
    return re.sub(r"(?<=[^\W_]{3})\.$", "", value.strip(" |)"))


def _joined(text: str) -> str:
    return text.replace("\n", " ")
