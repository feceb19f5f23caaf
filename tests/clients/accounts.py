"""Fresh accounts on a server that lets anybody register, for the stories of real clients."""

from uuid import uuid4

import httpx
import msgspec


class Account(msgspec.Struct, frozen=True):
    """One member of staff, and what they need to sign in."""

    base_url: str
    user_id: str
    password: str


def register(base_url: str, name: str) -> Account:
    """A new account whose user name starts with `name`; it has no device yet."""
    password = uuid4().hex
    wish = {"username": f"{name}-{uuid4().hex[:8]}", "password": password, "inhibit_login": True}
    with httpx.Client(base_url=f"{base_url}/_matrix/client/v3") as http:
        challenge = http.post("/register", json=wish)
        assert challenge.status_code == 401, challenge.text
        assert {"stages": ["m.login.dummy"]} in challenge.json()["flows"]
        session = {"type": "m.login.dummy", "session": challenge.json()["session"]}
        answer = http.post("/register", json=wish | {"auth": session})
        assert answer.status_code == 200, answer.text
    return Account(base_url, answer.json()["user_id"], password)
