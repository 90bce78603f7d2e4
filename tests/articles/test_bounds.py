"""How long an article may be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitor.articles.bounds import LONGEST, bounded
from monitor.model import Article, ArticleId, Furniture

WORDS = "word " * (LONGEST // 5)

texts = st.sampled_from(["", "One two.", "x" * LONGEST, WORDS, WORDS + "last"])
articles = st.builds(
    Article,
    id=st.just(ArticleId("a")),
    headline=st.none() | texts,
    lede=st.none() | texts,
    body=st.lists(texts, max_size=3).map(tuple),
    related=st.lists(texts, max_size=2).map(tuple),
    furniture=st.lists(texts.map(lambda text: Furniture(kind="share", text=text)), max_size=2).map(tuple),
)


def everything(article: Article) -> list[str]:
    aside = (each.text for each in article.furniture)
    return [text for text in (article.headline, article.lede, *article.body, *article.related, *aside) if text]


@given(articles)
def test_no_article_is_longer_than_articles_are(article: Article) -> None:
    kept, all_of_it = everything(bounded(article)), everything(article)
    assert sum(map(len, kept)) <= LONGEST
    assert all(text.startswith(part) for text, part in zip(all_of_it, kept, strict=False))
    assert bounded(bounded(article)) == bounded(article)
    if sum(map(len, all_of_it)) <= LONGEST:
        assert bounded(article) is article


def test_a_text_that_does_not_end_is_cut_after_a_word() -> None:
    article = bounded(Article(id=ArticleId("a"), headline="Floods", body=(WORDS + "more", "Never read.")))
    assert article.headline == "Floods"
    (paragraph,) = article.body
    assert paragraph.endswith("word")
    assert len(paragraph) > LONGEST - 20
