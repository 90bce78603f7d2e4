"""The test servers do what they say: other tests believe them."""

from __future__ import annotations

import http.client
import threading

import pytest

from tests.serving import Publisher, Receiver, Reply, drip, hang, redirect, reset


def ask(site, path="/", method="GET", headers=None, body=None):
    connection = http.client.HTTPConnection(site.host, site.port, timeout=10)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def test_a_document_is_answered_until_its_validator_comes_back():
    with Publisher() as publisher:
        publisher.publish("/feed", "<rss/>", last_modified="Sat, 08 Jul 2023 13:07:00 GMT")
        status, headers, body = ask(publisher, "/feed")
        assert (status, body) == (200, b"<rss/>")
        assert ask(publisher, "/feed", headers={"If-None-Match": headers["ETag"]})[0] == 304
        assert ask(publisher, "/feed", headers={"If-Modified-Since": headers["Last-Modified"]})[0] == 304
        assert ask(publisher, "/feed", headers={"If-None-Match": '"other"'})[0] == 200
        publisher.withdraw("/feed")
        assert ask(publisher, "/feed")[0] == 404
        assert [hit.method for hit in publisher.hits_at("/feed")] == ["GET"] * 5


def test_a_script_answers_in_order_and_its_last_reply_repeats():
    with Receiver() as receiver:
        receiver.script("/", Reply(status=500), Reply(status=429, headers={"Retry-After": "3"}), Reply(status=204))
        assert [ask(receiver, method="POST", body=b"{}")[0] for _ in range(4)] == [500, 429, 204, 204]
        receiver.wait_until(lambda: receiver.answered == 4)
        assert [hit.body for hit in receiver.hits] == [b"{}"] * 4


def test_a_reset_and_a_redirect_arrive_as_such():
    with Publisher() as publisher:
        publisher.script("/reset", reset())
        publisher.script("/moved", redirect("/there", 301))
        with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected)):
            ask(publisher, "/reset")
        status, headers, _ = ask(publisher, "/moved")
        assert (status, headers["Location"]) == (301, "/there")


def test_a_site_ends_at_once_although_it_hangs_and_drips():
    before = threading.active_count()
    with Publisher() as publisher:
        publisher.script("/hang", hang())
        publisher.script("/drip", drip(seconds=30))
        asked = [http.client.HTTPConnection(publisher.host, publisher.port, timeout=10) for _ in range(2)]
        for connection, path in zip(asked, ["/hang", "/drip"], strict=True):
            connection.request("GET", path)
        publisher.wait_until(lambda: len(publisher.hits) == 2)
    for connection in asked:
        connection.close()
    assert threading.active_count() == before
