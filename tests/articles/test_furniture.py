"""What stands on a page without being the article."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.articles.furniture import sort_out
from monitor.articles.markup import Block, blocks

ONE = "The bridge opened a month before anybody expected it."
TWO = "The mayor of the river town thanked the engineers."
THREE = "The ferry will be sold in spring, its owner said."


def sorted_text(*texts, **rest):
    return sort_out((Block(text=text) for text in texts), **rest)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Tweet Share", "share"),
        ("Podeli:", "share"),
        ("Share this article on Facebook 12", "share"),
        ("Facebook | Twitter | Viber | WhatsApp", "share"),
        ("Source: Tanjug", "source"),
        ("Izvor: B92, Kosovo Online", "source"),
        ("Извор: Танјуг", "source"),
        ("Foto: Tanjug/ AP Photo/ A. Grapher", "credit"),
        ("Photo: EPA-EFE", "credit"),
        ("Image credit: A. Grapher", "credit"),
        ("Author: A. Writer", "byline"),
        ("Komentari 0", "comments"),
        ("12 comments", "comments"),
        ("Pošalji komentar", "comments"),
        ("Leave a reply", "comments"),
        ("Read more: Ferry to be sold after forty years", "related"),
        ("Pročitajte još: Trajekt ide na prodaju", "related"),
        ("Read more", "related"),
        ("Možda vas zanima", "related"),
        ("Najnovije vesti", "teaser"),
        ("Sign up for our daily newsletter and never miss a bridge.", "teaser"),
        ("Folgen Sie uns auf Facebook und Instagram", "teaser"),
        ("If you get the Paper from a friend, that will change. Find out how you can still connect with us.", "notice"),
        ("Diese Meldung wurde redaktionell nicht bearbeitet.", "notice"),
        ("Do you have a story for us? Write to ann@paper.example", "notice"),
        ("Link kopieren", "share"),
        ("Illustration by Ann Writer", "credit"),
        ("— Ann (@ann_writes) July 8, 2023", "caption"),
        ("(Reporting by Ann Writer; Editing by B. Writer)", "byline"),
        ("Copyright The Paper Limited 2023", "copyright"),
        ("The post Bridge opens appeared first on Paper.", "teaser"),
        ("Continue reading Bridge opens", "teaser"),
        ("[…]", "teaser"),
        ("We use cookies to make this site better. Learn more.", "cookie"),
        ("Ovaj sajt koristi kolačiće.", "cookie"),
        ("Овај сајт користи колачиће ради бољег искуства.", "cookie"),
        ("Diese Website verwendet Cookies.", "cookie"),
        ("Podelite na: Facebook Viber", "share"),
        ("Подели: Фејсбук Вајбер", "share"),
        ("Print | Send to a friend | Comments (3)", "share"),
        ("Аутор: А. Писац", "byline"),
        ("来源：新华网", "source"),
        ("Коментари (12)", "comments"),
        ("OSTAVITE ODGOVOR", "comments"),
        ("Оставить комментарий", "comments"),
        ("Прочитајте још: Скела иде на продају", "related"),
        ("Читайте также: Паром продан", "related"),
        ("À lire aussi : Le bac est vendu", "related"),
        ("Lesen Sie auch: Die Fähre wird verkauft", "related"),
        ("Top stories", "teaser"),
        ("Најчитаније", "teaser"),
        ("Prijavite se na naš bilten i prvi saznajte vesti.", "teaser"),
        ("Пријавите се на наш билтен.", "teaser"),
        ("Preuzmite našu aplikaciju", "teaser"),
        ("Abonnieren Sie unseren Newsletter", "teaser"),
        ("Подпишитесь на наш канал", "teaser"),
        ("Tagovi: most, reka", "tags"),
        ("Тагови: мост, река", "tags"),
        ("TAGS", "tags"),
        ("Advertisement", "advertisement"),
        ("Tekst se nastavlja ispod oglasa", "advertisement"),
        ("© 2023 Paper. All rights reserved.", "copyright"),
        ("Сва права задржана", "copyright"),
        ("Saturday, July 8, 2023 | 15:07", "date"),
        ("A. Grapher/Getty Images", "credit"),
        ("A. Grapher via AP", "credit"),
        ("The bridge at night. Photo: A. Grapher", "caption"),
        ("Мост ноћу, фото: А. Графер", "caption"),
    ],
)
def test_furniture_is_set_aside_with_its_kind(text, kind):
    found = sorted_text(ONE, text, TWO)
    assert found.body == (ONE, TWO)
    assert [(piece.kind, piece.text) for piece in found.furniture] == [(kind, text)]


@pytest.mark.parametrize(
    "text",
    [
        "Share prices rose on Monday.",
        "X on this",
        "Source: the ministry said on Monday that nobody had asked it about the bridge or the ferry.",
        "Photo: nobody knew who had taken it. It was found in a drawer.",
        "Read more books, the minister told pupils.",
        "See also the statement of the ministry of rivers from Monday.",
        "Related companies were fined as well.",
        "Comments by the minister were not well received.",
        "Cookies are baked at 180 degrees.",
        "We use cookies" + " and bread" * 60,
        "Najnovije vesti govore o mostu.",
        "He said:",
        "Follow",
        "A subheading",
        "Foto: of this bridge nobody has one. Not even the mayor.",
        "The bridge opened on 8 July 2023.",
        "Tags are sold at the gate.",
        "Promo codes were sent to all readers.",
        "Prijavite se na vreme, poručuju iz opštine.",
        "Copyright law protects the plans of the bridge, a court has found in a case that took nine years and "
        "cost the town more than the bridge itself.",
        "1,244",
    ],
)
def test_a_paragraph_that_looks_a_little_like_furniture_stays(text):
    assert sorted_text(ONE, text, TWO).body == (ONE, text, TWO)


@pytest.mark.parametrize("place", [0, 1, 3])
@pytest.mark.parametrize("template", [True, False])
@pytest.mark.parametrize(
    "sentence",
    [
        # quotes and sentences that begin like a label
        '"Source: a friend," the minister said, and laughed.',
        "Source: the minister said that he had it from a friend who works there and did not want to be named.",
        "Izvor: tako se zove knjiga koju je pisac predstavio u petak u Narodnoj biblioteci pred punom salom.",
        "Photo: that is what the whole quarrel was about, for nobody had asked the family before it was printed.",
        "Foto: to je bila jedina reč na poleđini razglednice koju je naslednik pronašao u tavanskom sanduku.",
        # cookies as a story
        "We use cookies at every funeral, said the baker, because the recipe is from my grandmother.",
        "This site uses cookies, the regulator found, without asking a single one of its three million visitors.",
        "Cookies are no longer free in the canteen of the parliament, and the members have noticed.",
        "Koristimo kolačiće već sto godina, kaže poslastičarka Mira, a recept niko ne zna osim nje.",
        "Ovaj sajt koristi kolačiće bez pitanja, utvrdio je poverenik za informacije od javnog značaja.",
        "Користимо колачиће за славу, каже посластичарка Мира, и нико се још није пожалио.",
        # read more
        "Read more books, the minister told the pupils, and less of what I say about them.",
        "Read more slowly, the judge told the clerk.",
        "See also the report of the committee, which comes to the opposite conclusion.",
        "Related claims were dropped in March, according to court papers.",
        "Recommended doses differ from country to country, the agency says.",
        "Pročitajte ugovor pre nego što ga potpišete, savetuje udruženje potrošača.",
        "Povezano lice ne sme da glasa, stoji u zakonu o privrednim društvima.",
        "Opširnije o tome govoriće sutra ministar pravde.",
        "Прочитајте уговор пре него што га потпишете, саветује удружење.",
        "Читайте договор перед тем, как его подписать, советуют юристы.",
        "Lesen Sie mehr, riet der Lehrer, und schreiben Sie weniger.",
        "Possibly you may also like the film, he said, but I doubt it.",
        "You may also like it hot, the cook says.",
        # newsletters, following, sign-ups
        "Sign up for the army, the posters said, and see the world from a trench.",
        "Subscribe to our view or leave, the chairman is said to have told the members.",
        "Follow us on foot, the guides shouted, and the column set off towards the pass.",
        "Get our money back, the depositors shouted in front of the bank.",
        "Pratite nas, rekao je policajac i poveo ih u stanicu.",
        "Prijavite se na vreme, poručuju iz poreske uprave.",
        "Download our app, the ministry told voters in March, and half a million did.",
        # copyright, advertisement, comments
        "All rights reserved for the landlord alone were struck out by the court.",
        "Copyright law is to be changed for the third time in five years, the ministry says.",
        "Advertisement of tobacco has been forbidden since 2009, and yet the posters hang.",
        "Comments by the minister caused laughter in the chamber.",
        "Komentari ministra izazvali su smeh u sali.",
        "Leave a comment with the clerk, visitors were told, and nobody did.",
        "Tags: that is what the boys call what they paint on trains, and they are proud of it.",
        # by
        "By Monday nobody remembered it.",
        "By Order of the King was the name of the ship.",
        "Von Montag an gilt der neue Fahrplan.",
        # reporting in brackets
        "(Reporting by the inspectors had stopped in 2019, the court heard.) The firm denies it.",
        "If you have news of the boy, call the police, his mother said on Sunday.",
        "Do you have a story for your children, the teacher asked, or only a telephone?",
        "Got a tip for the waiter? In Japan he will run after you with it.",
        # dates and shares
        "Share prices fell on Friday.",
        "Share and share alike, the old man wrote.",
        "On 8 July 2023 the bridge was opened by the mayor of the town.",
        "8 July 2023 was the hottest day since measurements began.",
        "Saturday, July 8, 2023, 15:07: the clock over the station has shown nothing else since.",
        "Email and print are dying, says the editor of the last weekly.",
        # agencies
        "The report was first carried by Reuters, and denied by AFP within the hour.",
        "Tanjug, Beta and Fonet asked for the same thing, and none of them got it.",
        "Pictures from Getty Images show an empty hall.",
        "The site uses our cookies, the baker wrote on the door, and nobody has paid me yet.",
        "We use cookies and bread to feed the gulls, and three million people know it.",
    ],
)
def test_news_of_what_furniture_is_about_is_no_furniture(sentence, template, place):
    texts = [ONE, TWO, f"{TWO} Or later."]
    texts.insert(place, sentence)
    assert sort_out([Block(text=text) for text in texts], template=template).body == tuple(texts)


def test_source_and_credit_come_out_of_their_labels():
    found = sorted_text("Izvor: Tanjug.", ONE, "Foto: A. B.")
    assert (found.source, found.credit) == ("Tanjug", "A. B.")


def test_a_caption_may_name_its_photographer():
    for caption in ("The bridge (Foto: A. Grapher)", "The bridge at night. Photo: A. Grapher"):
        found = sort_out(blocks(f"<p>{ONE}</p><figure><figcaption>{caption}</figcaption></figure>"))
        assert (found.body, found.credit) == ((ONE,), "A. Grapher")


def test_furniture_in_the_first_and_last_lines_of_a_paragraph_parts_from_it():
    found = sorted_text(f"Source: Tanjug\n{ONE}\n{TWO}\nTweet Share")
    assert found.body == (f"{ONE} {TWO}",)
    assert [piece.kind for piece in found.furniture] == ["source", "share"]


RELATED = "Ferry to be sold after forty years"


def test_a_line_without_its_full_stop_between_sentences_is_another_article_s_headline():
    found = sorted_text(ONE, RELATED, TWO)
    assert (found.body, found.related) == ((ONE, TWO), (RELATED,))


@pytest.mark.parametrize(
    "texts",
    [
        (RELATED,),
        (ONE, RELATED),
        (RELATED, ONE, TWO, THREE),
        (ONE, RELATED, "Pilots go on strike at two airports", TWO),
        ("first line of a poem", "Second line of a poem", "Third line of a poem", "Fourth line of it."),
        (ONE, "Download it from https://paper.example/a and try", TWO),
        (ONE, "and so it went on for years", TWO),
        (ONE, "The first half. The second half goes on and on", TWO),
    ],
)
def test_a_line_without_its_full_stop_stays_where_it_may_be_text(texts):
    assert sorted_text(*texts).body == texts


def test_in_a_template_the_last_line_may_be_a_headline_too():
    found = sorted_text(ONE, TWO, RELATED, template=True)
    assert (found.body, found.related) == ((ONE, TWO), (RELATED,))


def test_a_subheading_stays():
    found = sort_out(blocks(f"<p>{ONE}</p><h2>{RELATED}</h2><p>{TWO}</p><p><b>{RELATED}</b></p><p>{THREE}</p>"))
    assert found.body == (ONE, RELATED, TWO, RELATED, THREE)


def test_what_stands_again_and_again_is_a_notice():
    notice = "To see this post you have to change your settings."
    found = sorted_text(ONE, notice, TWO, notice, THREE, notice)
    assert found.body == (ONE, TWO, THREE)
    assert {piece.kind for piece in found.furniture} == {"notice"}
    assert sorted_text(ONE, notice, TWO, notice).body == (ONE, notice, TWO, notice)


def test_items_of_a_list_stay():
    found = sort_out(blocks(f"<p>{ONE}</p><ul><li>{RELATED}</li></ul><p>{TWO}</p>"))
    assert found.body == (ONE, RELATED, TWO)


def test_headlines_under_a_label_belong_to_it():
    found = sorted_text(ONE, "Read also", RELATED, "Pilots go on strike at two airports", TWO, THREE)
    assert found.related == (RELATED, "Pilots go on strike at two airports")
    assert found.body == (ONE, TWO, THREE)
    assert sorted_text(ONE, "Most read", RELATED, TWO).furniture[1].kind == "teaser"


def test_the_linked_headings_of_a_digest_are_no_other_articles_headlines():
    heads = [f"Bridge number {number} opens early" for number in ("one", "two", "three", "four")]
    digest = "".join(f"<h3><a href='/b'>{head}</a></h3><p>{head}: {ONE}</p><p>{TWO} {head}.</p>" for head in heads)
    assert set(heads) <= set(sort_out(blocks(digest)).body)
    once = sort_out(blocks(f"<p>{ONE}</p><h3><a href='/b'>{heads[0]}</a></h3><p>{TWO}</p><p>{THREE}</p>"))
    assert once.related == (heads[0],)


def test_what_a_line_of_teasers_begins_is_teasers_to_its_end():
    found = sort_out([Block(text=ONE), Block(text="Most read\nFerry sold\n9 July 2023\nFog on the river")])
    assert found.body == (ONE,)
    assert {piece.kind for piece in found.furniture} == {"teaser"}


def test_what_stands_twice_in_a_row_is_a_caption():
    found = sorted_text("The bridge (Tanjug)", "The bridge (Tanjug)", ONE)
    assert (found.body, [piece.kind for piece in found.furniture]) == ((ONE,), ["caption", "caption"])


@pytest.mark.parametrize(
    ("markup", "kind"),
    [
        ("<div class='share-bar'><a>Send it</a></div>", "share"),
        ("<div class='comments'><a>Say something</a></div>", "comments"),
        ("<p class='wp-caption-text'>The bridge at night.</p>", "caption"),
        ("<div class='cookie-consent'><p>Accept all</p></div>", "cookie"),
        ("<div class='related'><a>Ferry sold</a></div>", "related"),
    ],
)
def test_the_page_s_own_names_tell_furniture(markup, kind):
    found = sort_out(blocks(f"<p>{ONE}</p>{markup}"))
    assert [piece.kind for piece in found.furniture] == [kind]


def test_a_sentence_stays_whatever_the_page_calls_its_place():
    found = sort_out(blocks(f"<div class='share'><p>{ONE}</p></div><div class='related'><p>{TWO}</p></div>"))
    assert found.body == (ONE, TWO)


@given(st.lists(st.text(alphabet="Aab.:\n ć\"'|0", min_size=1).filter(str.strip), max_size=8))
def test_nothing_is_lost_in_sorting(lines):
    found = sorted_text(*lines)
    told = "".join((*found.body, *(piece.text for piece in found.furniture)))
    assert sorted(told.replace(" ", "")) == sorted("".join(lines).replace(" ", "").replace("\n", ""))
