"""Words that tell how headlines and sentences are built, in English and, where it is cheap, in Serbian.  Pure."""

from __future__ import annotations

import re

_DANGLING = (
    "a an the of in on at by to for from with and or but nor as that than into over under after before about against "
    "between amid among near via per is are was were be been being has have had will would can could should may might "
    "must does did not no its his her their our your my these those who whose which what when where why how if he she "
    "they we you i "
    "u na za od do iz sa s o po da je su se ne li kod pri pred nad pod bez kroz ali što koji koja koje preko oko posle "
    "nakon protiv između prema zbog uz među radi umesto ispod iznad ispred iza pored kao ni niti jer dok kad kada gde "
    "koju kojih kojoj svoj svoju svoje će bi biti nije nisu "
    "и у на за од до из са о по да је су се не код преко око после након против између према због уз међу ради уместо "
    "испод изнад испред иза поред као ни нити јер док кад када где кроз без пред над под при али који која које коју "
    "којих ће би бити није нису "
    "в с к от из-за для что со ко перед между против через как чтобы или "
    "der das den dem ein eine einen einem einer auf bei durch für gegen hinter nach neben ohne seit über um unter von "
    "vor zu zum zur zwischen und oder aber im ist sind wird werden "
    "le les une du au aux dans sur pour par avec sans et ou est sont qui"
)
DANGLING = frozenset(_DANGLING.split())
"""Words that no headline ends in."""

_OPENING = (
    "the a an in on at by to for from with as after before according there if while when during following this these "
    "those it its he she his they their we our more most many some several two three four five six one all both "
    "despite since although what how who least last new former another no not amid among today yesterday "
    "u na za od po prema posle nakon kako ako što ona oni ovo tokom iz zbog uprkos iako dok kad kada prvi prva prvo "
    "ove ova ovaj oko više između dve tri četiri pet dvojica trojica nekoliko desetine stotine hiljade "
    "у на за од по према после након како ако што она они ово током из због упркос иако док кад када први прва прво "
    "ове ова овај око више између две три четири пет двојица тројица неколико десетине стотине хиљаде в во из-за "
    "der das ein eine im nach bei seit für wegen trotz les une dans pour après avec"
)
OPENING = frozenset(_OPENING.split())
"""Words that, with a capital, open a sentence."""

_RANKS = (
    "president minister prime foreign chancellor secretary general king queen prince princess pope mr mrs ms dr sir "
    "st saint new united north south east west central middle san los las el al de van von la le european supreme "
    "security federal national international former us u.s uk eu un nato ambassador spokesman spokeswoman director "
    "mayor coach captain colonel professor judge senator premier governor bishop patriarch archbishop analyst deputy "
    "head chief member members representative representatives envoy commissioner residents citizens officials experts "
    "police troops forces doctors farmers owner actor actress singer writer journalist striker midfielder defender "
    "goalkeeper "
    "predsednik predsednica ministar ministarka premijer premijerka ambasador gradonačelnik poslanik portparol "
    "direktor selektor trener lider glumac glumica pevač pevačica reditelj pisac profesor general komesar košarkaš "
    "fudbaler teniser teniserka patrijarh papa kralj car komandant "
    "председник председница министар министарка премијер премијерка амбасадор градоначелник посланик портпарол "
    "директор селектор тренер лидер глумац глумица певач певачица редитељ писац професор генерал комесар кошаркаш "
    "фудбалер тенисер тенисерка патријарх папа краљ цар командант"
)
RANKS = frozenset(_RANKS.split())
"""What people and bodies are called before their names."""

_GIVEN = (
    "abdullah adam ahmed albin alex aleksandar aleksej alexander alexei ali amer ana andrej andrew angela angelina "
    "anna annalena anthony antonio antony barack ben benjamin bill bojan boris boško branko brian bruno carlos "
    "charles charlie chris christian christopher dan daniel danijela dario dave david dejan denis dijana dmitri "
    "dmitry donald doris dragan duško edi edward elena elon emmanuel eric erik erna filip frank françois gabriel gary "
    "george giorgia goran gordon gregory hakan hashim henry igor ilham isa ivan ivana ivica jack jacob jake jamala "
    "james jan janez jannik jared jason jasmin jean jelena jens jim jimmy joe john jon jonathan jose joseph josep "
    "julia justin kaja kamala karen karl katarina kate keir ken kevin kim kyriakos larry laura lewis lisa liz luis "
    "luka lula maia maja marc marija marine mario mark marko martin mary matteo matthew max mevlut michael michel "
    "miguel mihail mike mikhail milan mile milena milica miloš milorad miodrag mira miroslav mladen mohammed mohammad "
    "nancy narendra nebojša nemanja nenad nicolas nigel nikola novak olaf oleg olga oliver olivia pat paul pavel "
    "pedro peter petar petr petra pjer rafael ramush recep richard rishi robert robin roger ronald ryan sam sanna "
    "sanja sarah scott sean sebastian sergei sergej sergey siniša slobodan sofia sonja stefan stephen steve steven "
    "stipe susan svetlana tamara tanja theresa thomas tim tom tomislav tony ursula valdis vesna victoria viktor "
    "viktoria viola vitaly vjosa vladimir volodymyr vuk wang william xavier xi yulia zdravko zlatko zoran željka "
    "željko"
)
GIVEN = frozenset(_GIVEN.split())
"""Given names: what follows belongs to them."""

ADJECTIVE = re.compile(r"\w{2,}(?:[sčšc]k(?:i|a|o|e|og|om|oj|ih|im)|[сшч]к(?:и|а|о|е|ог|ом|ој|их|им))", re.IGNORECASE)
"""Serbian words such as ruski and beogradska, which are written small within a sentence, so a capital opens one."""

CLITICS = frozenset(
    ["je", "su", "će", "se", "bi", "nije", "nisu", "biće", "је", "су", "ће", "се", "би", "није", "нису", "биће"]
)
"""Serbian words that stand second in a sentence."""

LABELS = frozenset(["VIDEO", "PHOTO", "PHOTOS", "FOTO", "LIVE", "UŽIVO", "MAP", "AUDIO", "UPDATED", "UPDATE", "BLOG"])
"""What headlines of web pages have at their ends."""

DEMONYM = re.compile(
    r"[a-z]{3,}(?:ian|ish|ese|ean)|german|greek|czech|french|dutch|swiss|american|croat|serb|turk|montenegrin|bosniak"
)
"""What is of a country, and is never the last word of a headline."""
