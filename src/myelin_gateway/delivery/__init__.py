"""What must not be lost: the messages that came, the cards that must go out, and what is known of whom they go to.

One `Store`, on SQLite or PostgreSQL: the queries are the same, only the tables are spelt twice. Knows nothing of HL7,
of cards' contents, or of the homeserver.
"""

from myelin_gateway.delivery.database import StoreUnavailable
from myelin_gateway.delivery.opening import open_store
from myelin_gateway.delivery.rows import (
    Arrival,
    DeadLetter,
    Draft,
    Feed,
    InboxState,
    Kept,
    Lane,
    OutboxState,
    Outgoing,
    Sorted,
    Unsorted,
    transaction_id,
)
from myelin_gateway.delivery.store import Store

__all__ = [
    "Arrival",
    "DeadLetter",
    "Draft",
    "Feed",
    "InboxState",
    "Kept",
    "Lane",
    "OutboxState",
    "Outgoing",
    "Sorted",
    "Store",
    "StoreUnavailable",
    "Unsorted",
    "open_store",
    "transaction_id",
]
