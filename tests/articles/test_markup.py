"""A text as published → its blocks, clean."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.articles.markup import blocks, clean, line


def texts(markup):
    return [block.text for block in blocks(markup)]


@pytest.mark.parametrize(
    ("markup", "paragraphs"),
    [
        ("<p>One.</p><p>Two.</p>", ["One.", "Two."]),
        ("<div>One.<p>Two.</p>Three.</div>", ["One.", "Two.", "Three."]),
        ("One.<br><br/>\n Two.", ["One.", "Two."]),
        ("One\nand <b>a half</b>.\n\nTwo.", ["One\nand a half.", "Two."]),
        ("One.\n \nTwo.\r\n\r\nThree.", ["One.", "Two.", "Three."]),
        ("<p>One\n\nstill one.</p>", ["One still one."]),
        ("<ul><li>One<li>Two</ul>", ["One", "Two"]),
        ("<table><tr><td>One<td>Two</table>", ["One", "Two"]),
        ("<p>Un<b>broken</b> <i>word</i>s</p>", ["Unbroken words"]),
        ("<p>One<br>line</p>", ["One\nline"]),
        ("<p>Un<wbr>broken</p>", ["Unbroken"]),
        ("<p>One<script>x()</script> and<style>p{}</style> all</p>", ["One and all"]),
        ("<p>One<!-- no --> and all</p><?php x ?>", ["One and all"]),
        ("<p>unclosed <i>tags", ["unclosed tags"]),
        ("<![CDATA[<p>One.</p>]]>", ["One."]),
        ("&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two.&lt;/p&gt;", ["One.", "Two."]),
        ("Fish &amp; chips &#8212; &quot;two&quot;", ['Fish & chips — "two"']),
        ("Fish &amp;amp; chips", ["Fish & chips"]),
        ("<p>Fish &amp;amp; chips &amp;#8217;</p>", ["Fish & chips ’"]),
        ("<p>It&#146;s</p>", ["It’s"]),
        ("<p>x &colon; &rsquor;</p>", ["x : ’"]),
        ("List<String> of <me@paper.example>", ["List<String> of <me@paper.example>"]),
        ("<p>List<String> of 1 < 2</p>", ["List<String> of 1 < 2"]),
        ("<o:p>One</o:p> <amp-img></amp-img>more", ["One more"]),
        ("a?b=1&copy=2", ["a?b=1&copy=2"]),
        ('It\\\'s \\"so\\"', ['It\'s "so"']),
        ("a\u00a0b\u200bc\u00add\x00e", ["a bcde"]),
        ("cafe\u0301", ["café"]),
        ("\ud800x", ["?x"]),
        ("  ", []),
        ("<p> </p><p>&nbsp;</p><br>", []),
        ("", []),
    ],
)
def test_markup_becomes_paragraphs(markup, paragraphs):
    assert texts(markup) == paragraphs


@pytest.mark.parametrize(
    ("markup", "kind", "link", "hint"),
    [
        ("<p>text</p>", "paragraph", False, None),
        ("<h2>text</h2>", "heading", False, None),
        ("<p><strong>text</strong></p>", "heading", False, None),
        ("<p><strong>text</strong> and more</p>", "paragraph", False, None),
        ("<li>text</li>", "item", False, None),
        ("<figure><figcaption>text</figcaption></figure>", "caption", False, None),
        ("<p><a href='x'>text</a></p>", "paragraph", True, None),
        ("<p><a href='x'>text</a> and more</p>", "paragraph", False, None),
        ("<div class='article__related'><p>text</p></div>", "paragraph", False, "related"),
        ("<p class='lead'>text</p>", "paragraph", False, "lede"),
        ("<h2 id='comments'>text</h2>", "heading", False, None),
        ("<p class='leading'>text</p>", "paragraph", False, None),
    ],
)
def test_a_block_knows_what_it_is(markup, kind, link, hint):
    (block,) = blocks(markup)[:1]
    assert (block.kind, block.link, block.hint) == (kind, link, hint)


def test_a_field_of_one_line_has_one_line():
    assert line("<p>Bridge <b>opens</b></p>\n\n<p>early</p>") == "Bridge opens early"
    assert line(" <p> </p> ") is None
    assert line(None) is None


def test_markup_as_deep_as_it_may_come_is_read_all_the_same():
    assert texts("<div>" * 50_000 + "deep") == ["deep"]


@given(st.text())
def test_no_text_whatever_raises_and_what_comes_is_clean(text):
    for block in blocks(text):
        assert block.text.strip()
        assert not any(unicodedata.category(sign) in ("Cc", "Cs") for sign in block.text.replace("\n", ""))
        assert unicodedata.is_normalized("NFC", block.text)


@given(st.text(alphabet="<>/=&;\"' abpdivr!-[]#x1\n"))
def test_no_broken_markup_whatever_raises(text):
    blocks(text)


@given(st.text())
def test_cleaning_twice_cleans_no_more(text):
    assert clean(clean(text)) == clean(text)
