"""The few requests that these tests need of a person."""

import httpx

CLIENT = "/_matrix/client/v3"


def register(base_url: str, name: str) -> dict[str, str]:
    """The headers of a new person who is signed in."""
    body = {"username": name, "password": "a password of a test", "auth": {"type": "m.login.dummy"}}
    with httpx.Client(base_url=base_url, timeout=30) as http:
        session = http.post(f"{CLIENT}/register", json={key: body[key] for key in ("username", "password")}).json()
        answer = http.post(
            f"{CLIENT}/register", json={**body, "auth": {"type": "m.login.dummy", "session": session["session"]}}
        )
    return {"Authorization": f"Bearer {answer.raise_for_status().json()['access_token']}"}
