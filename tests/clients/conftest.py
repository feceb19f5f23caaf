"""The people of the stories; the server they talk through is Myelin, or what `MYELIN_TEST_URL` names."""

import pytest

from tests.clients.accounts import Account, register


@pytest.fixture
def nurse(myelin_url: str) -> Account:
    """王护士, who starts the stories."""
    return register(myelin_url.rstrip("/"), "wang")


@pytest.fixture
def doctor(myelin_url: str) -> Account:
    """李医生, who answers."""
    return register(myelin_url.rstrip("/"), "li")
