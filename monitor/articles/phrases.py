"""The words by which furniture is told, in the languages of the feeds.  Pure."""

from __future__ import annotations

import re

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
        *("kopiraj", "kopieren", "копирај"),
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
        *("save", "send", "copy", "link", "bookmark", "listen", "na", "vest", "članak", "i", "auf", "sur"),
        *("a", "friend", "comments", "vesti", "вест", "на", "и", "чланак", "линк", "artikel", "l", "gmail"),
        *("preko", "преко", "merken", "vkontakte", "ok", "flipboard", "the", "us", "your", "friends"),
    ]
)
"""A line of these words alone, one of the former among them, is a share bar."""

READ_MORE = re.compile(
    r"(?:read (?:more|also|next|this)|also read|see also|more on this(?: story)?|don'?t miss|"
    r"related(?: articles?| stories| news| content| reading)?|"
    r"(?:pročitaj(?:te)?|čitajte)(?: još| i| više| takođe)?|opširnije|saznajte više|više o (?:ovome|temi)|"
    r"(?:povezane|vezane|slične) vesti|povezani članci|povezan[eo](?: teme)?|"
    r"vezano|везано|pogledajte (?:i|još)|погледајте (?:и|још)|(?:>>|→|►|▶|➤)|"
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
            r"(?:[^.?!]{1,80}\?\s)?(?:sign up|subscribe|register) (?:for|to) (?:our|the|my)\b.{0,80}"
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
            r"\(?mit material (?:von|der) [^().]{1,80}\)?$",
            "byline",
        ),
        (
            r"(?:do you have|have you got|got|if you have) (?:a|any|some)? ?(?:\w+ )?(?:story|stories|tips?|news)\b"
            r".{0,160}"
            r"(?:[\w.+-]+@[\w-]+\.\w|\b(?:call|contact|tell|write to) (?:us|our|the news)\b|get in touch)|"
            r"our standards: .{0,80}principles|.{0,200}\bfind out how .{0,40}connect with us|"
            r"(?:artikel anhören|(?:listen to|hear) this (?:article|story)|poslušajte (?:vest|članak)|"
            r"послушајте (?:вест|чланак))$|"
            r"stay informed with .{0,60}\byour (?:trusted )?source\b|"
            r".{0,80}\bredaktionell (?:nicht bearbeitet|unbearbeitet)\b|"
            r"(?:vest|tekst) je automatski preuzet[a]?\b|(?:вест|текст) је аутоматски преузет[а]?\b",
            "notice",
        ),
        (
            r"the-cnn-wire$|(?:©|\(c\)|copyright (?:©|by\b|\(c\)|\D{0,60}(?:19|20)\d{2})).{0,120}$|"
            r".{0,120}\ball rights reserved\.?$|.{0,80}\bsva prava zadržana\.?$|"
            r".{0,80}\bсва права задржана\.?$|.{0,80}\bвсе права защищены\.?$|.{0,80}\balle rechte vorbehalten\.?$|"
            r".{0,80}\btous droits réservés\.?$",
            "copyright",
        ),
    )
)
