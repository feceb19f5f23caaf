"""Credentials for the relay: for this person, until this time, and in the words that coturn checks."""

import hmac
from base64 import b64decode

import orjson

from myelin.api.voip.turn_server import Relay, TurnServer
from myelin.http.messages import Caller, Request

RELAY = Relay(("turn:turn.example?transport=udp", "turns:turn.example"), "north", 600)
REQUEST = Request("GET", (), b"", {}, b"", "192.0.2.1", caller=Caller("@wang:x", "A"))


async def test_credentials_end_by_themselves() -> None:
    answer = orjson.loads((await TurnServer(RELAY, lambda: 5_000_400).get(REQUEST)).body)
    assert answer["uris"] == [*RELAY.uris]
    assert answer["ttl"] == 600
    # The name says until when they count: 5,000 s and the time to live.
    assert answer["username"] == "5600:@wang:x"
    assert b64decode(answer["password"]) == hmac.digest(b"north", b"5600:@wang:x", "sha1")


async def test_without_a_relay_there_are_none() -> None:
    assert (await TurnServer(None, lambda: 0).get(REQUEST)).body == b"{}"
