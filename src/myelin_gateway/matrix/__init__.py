"""The gateway as a member of the hospital: one account, one device, encrypted, known to the homeserver over HTTP only.

Owns how cards reach people's devices: whom an address means, which room is theirs, and to which of their devices keys
go. Of matrix-nio it uses the Olm machine; rooms and people are looked up, never kept in memory as a model. Knows
nothing of HL7 and of what a card says.
"""

from myelin_gateway.matrix.account import Account, FolderInUse, Password
from myelin_gateway.matrix.courier import Courier, Delivered, NoDevice
from myelin_gateway.matrix.homeserver import Homeserver, MatrixFailure, Refused, Unreachable
from myelin_gateway.matrix.people import OR_ELSE, ROLE, UnknownPerson

__all__ = [
    "OR_ELSE",
    "ROLE",
    "Account",
    "Courier",
    "Delivered",
    "FolderInUse",
    "Homeserver",
    "MatrixFailure",
    "NoDevice",
    "Password",
    "Refused",
    "UnknownPerson",
    "Unreachable",
]
