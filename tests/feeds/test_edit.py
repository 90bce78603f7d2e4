"""feeds.yaml keeps its comments and its shape."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ConfigError
from monitor.feeds.edit import added, line, moved, removed
from monitor.files import FeedsFile
from monitor.settings import expand
from monitor.source import check, read

NEW = {"id": "b92", "url": "https://b92.example/rss"}
ADDED = '{id: b92, url: "https://b92.example/rss"}'


def feeds(text: str) -> dict[str, str]:
    loaded = check(FeedsFile, read("feeds.yaml", text), lambda scalar: expand(scalar, {}))
    return {item.id: item.url for item in loaded.feeds}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", f"feeds:\n  - {ADDED}\n", id="an empty file"),
        pytest.param("# mine\n", f"# mine\nfeeds:\n  - {ADDED}\n", id="only a comment"),
        pytest.param("defaults: {max_lag: 5m}", f"defaults: {{max_lag: 5m}}\nfeeds:\n  - {ADDED}\n", id="no list yet"),
        pytest.param("feeds:\n# later\n", f"feeds:\n  - {ADDED}\n# later\n", id="a list that was left out"),
        pytest.param("feeds: []  # none\n", f"feeds:  # none\n  - {ADDED}\n", id="an empty list"),
        pytest.param(
            'feeds:\n  - {id: n1, url: "http://n1.example/"}  # hers\n# end\n',
            f'feeds:\n  - {{id: n1, url: "http://n1.example/"}}  # hers\n  - {ADDED}\n# end\n',
            id="after the last one and its comment",
        ),
        pytest.param(
            "feeds:\n- id: n1\n  url: http://n1.example/ # hers\n  outlet:\n\n# end\n",
            "feeds:\n- id: n1\n  url: http://n1.example/ # hers\n  outlet:\n"
            '- id: b92\n  url: "https://b92.example/rss"\n\n# end\n',
            id="in block style and with its indentation",
        ),
        pytest.param(
            "feeds:\n  - id: n1\n    url: http://n1.example/\n    outlet: |\n      N1\ndefaults: {}\n",
            "feeds:\n  - id: n1\n    url: http://n1.example/\n    outlet: |\n      N1\n"
            '  - id: b92\n    url: "https://b92.example/rss"\ndefaults: {}\n',
            id="after a text block",
        ),
        pytest.param(
            "feeds: [{id: n1, url: 'http://n1.example/'},]",
            f"feeds: [{{id: n1, url: 'http://n1.example/'}}, {ADDED},]",
            id="in a list in brackets",
        ),
        pytest.param(
            "feeds:\r\n  - {id: n1, url: 'http://n1.example/'}",
            f"feeds:\r\n  - {{id: n1, url: 'http://n1.example/'}}\r\n  - {ADDED}\r\n",
            id="with the line ends of the file",
        ),
    ],
)
def test_a_feed_is_added_where_a_person_would_write_it(before: str, after: str) -> None:
    assert added(before, [NEW]) == after
    assert feeds(after)["b92"] == NEW["url"]


def test_several_feeds_are_added_in_their_order() -> None:
    assert list(feeds(added("feeds:\n", [NEW, {"id": "n1", "url": "http://n1.example/"}]))) == ["b92", "n1"]


def test_adding_nothing_changes_nothing() -> None:
    assert added("# mine", []) == "# mine"


@given(
    st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1),
    st.sampled_from(
        ["", "feeds: [{id: n1, url: 'http://n1.example/'}]\n", "feeds:\n- id: n1\n  url: http://n1.example/\n"]
    ),
)
def test_any_text_that_a_publisher_may_have_as_a_title_survives(title: str, before: str) -> None:
    loaded = check(FeedsFile, read("", added(before, [{**NEW, "outlet": title}])), lambda scalar: expand(scalar, {}))
    assert loaded.feeds[-1].outlet == title


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "feeds:\n  # one\n  - {id: n1, url: 'http://n1.example/'} # a\n"
            "  # two\n  - {id: b92, url: 'http://b.example/'}\n# end\n",
            "feeds:\n  # one\n  - {id: n1, url: 'http://n1.example/'} # a\n  # two\n# end\n",
            id="the last one",
        ),
        pytest.param(
            "feeds:\n- id: b92\n  url: http://b.example/\n  outlet:\n# two\n- # its own line\n  id: n1\n  url: http://n1.example/\n",
            "feeds:\n# two\n- # its own line\n  id: n1\n  url: http://n1.example/\n",
            id="the first one, a block",
        ),
        pytest.param(
            "feeds:\n- {id: n1, url: 'http://n1.example/'}\n- # a - b\n  id: b92\n  url: http://b.example/",
            "feeds:\n- {id: n1, url: 'http://n1.example/'}\n",
            id="a dash on a line of its own",
        ),
        pytest.param(
            "feeds: # all\n  - {id: b92, url: 'http://b.example/'}\ndefaults: {}\n",
            "feeds: [] # all\ndefaults: {}\n",
            id="the only one",
        ),
        pytest.param(
            "feeds: [{id: b92, url: 'http://b.example/'}, {id: n1, url: 'http://n1.example/'}]",
            "feeds: [{id: n1, url: 'http://n1.example/'}]",
            id="the first in brackets",
        ),
        pytest.param(
            "feeds: [{id: n1, url: 'http://n1.example/'}, {id: b92, url: 'http://b.example/'}]",
            "feeds: [{id: n1, url: 'http://n1.example/'}]",
            id="the last in brackets",
        ),
        pytest.param("feeds: [{id: b92, url: 'http://b.example/'}]", "feeds: []", id="the only one in brackets"),
    ],
)
def test_a_feed_goes_and_every_comment_stays(before: str, after: str) -> None:
    assert removed(before, "b92") == after
    assert "b92" not in feeds(after)


@pytest.mark.parametrize("text", ["", "feeds:\n", "feeds: []\n", "feeds: [{id: n1, url: 'http://n1.example/'}]"])
def test_a_feed_that_is_not_there_cannot_be_removed(text: str) -> None:
    with pytest.raises(ValueError, match='no feed has the id "b92"'):
        removed(text, "b92")


def test_what_is_added_and_removed_again_leaves_the_file_as_it_was() -> None:
    before = "# mine\nfeeds:\n  - {id: n1, url: 'http://n1.example/'} # a\n# end\n"
    assert removed(added(before, [NEW]), "b92") == before


def test_a_dollar_sign_in_an_address_is_no_variable() -> None:
    assert feeds(added("", [{"id": "b92", "url": "http://b.example/?a=${B}"}])) == {"b92": "http://b.example/?a=${B}"}


@pytest.mark.parametrize(
    ("value", "written"), [("RS", "RS"), ("NO", '"NO"'), ("null", '"null"'), ("1244", '"1244"'), ("a: b", '"a: b"')]
)
def test_a_value_is_quoted_where_any_reader_of_yaml_could_misread_it(value: str, written: str) -> None:
    assert line({"id": value}) == f"{{id: {written}}}"


def test_a_file_that_is_no_yaml_is_not_edited() -> None:
    with pytest.raises(ConfigError, match=r"feeds\.yaml:1:"):
        added("feeds: [", [NEW])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "# mine\nfeeds:\n  - id: b92  # first\n    url: http://b.example/  # old\n    outlet: B92\n# end\n",
            '# mine\nfeeds:\n  - id: b92  # first\n    url: "http://c.example/a$$b"  # old\n    outlet: B92\n# end\n',
        ),
        (
            "feeds: [{id: n1, url: 'http://b.example/'}, {id: b92, url: 'http://b.example/', section: X}]  #\n",
            "feeds: [{id: n1, url: 'http://b.example/'}, {id: b92, url: \"http://c.example/a$$b\", section: X}]  #\n",
        ),
    ],
    ids=["block", "brackets"],
)
def test_a_feed_moves_and_every_other_byte_stays(before: str, after: str) -> None:
    assert moved(before, "b92", "http://c.example/a$b") == after
    assert feeds(after)["b92"] == "http://c.example/a$b"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("feeds: [{id: b92, url_file: b.txt}]", "has no url"),
        ("feeds: [{id: n1, url: 'http://n1.example/'}]", "has no url"),
        ("feeds: [{id: b92, url: '${HOST}/feed'}]", "variable"),
        ("", "has no url"),
    ],
)
def test_an_address_that_is_not_written_plainly_is_not_moved(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        moved(text, "b92", "http://c.example/")
