"""Why a message that can be read becomes nothing: by name, and where."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class FaultReason(StrEnum):
    """Why a message is quarantined after it was read; the value is what tables, metrics and settings call it."""

    NOT_HANDLED = "not_handled"
    DOUBTFUL_TEXT = "doubtful_text"
    NO_PATIENT = "no_patient"
    AMBIGUOUS_PATIENT = "ambiguous_patient"
    SEVERAL_PATIENTS = "several_patients"
    NO_REPORT = "no_report"
    NO_OPERATION = "no_operation"
    NO_MERGED_PATIENT = "no_merged_patient"
    UNKNOWN_STATUS = "unknown_status"
    SHIFTED_FIELDS = "shifted_fields"
    BAD_BODY = "bad_body"
    BAD_TIME = "bad_time"


SENTENCES = {
    FaultReason.NOT_HANDLED: "Nothing is done with messages of this type.",
    FaultReason.DOUBTFUL_TEXT: "Characters that nobody may trust stand outside of names.",
    FaultReason.NO_PATIENT: "There is no number of the patient of a kind that the partner is set to.",
    FaultReason.AMBIGUOUS_PATIENT: "The patient has two numbers, and the setting does not say which counts.",
    FaultReason.SEVERAL_PATIENTS: "One visit or operation names several patients.",
    FaultReason.NO_REPORT: "Results come without the number of their report.",
    FaultReason.NO_OPERATION: "The number of the operation is missing.",
    FaultReason.NO_MERGED_PATIENT: "The number that is given up is missing, or is the one that stays.",
    FaultReason.UNKNOWN_STATUS: "A result has a status that no table knows.",
    FaultReason.SHIFTED_FIELDS: "A flag or a status stands beside its field: half a character took a separator along.",
    FaultReason.BAD_BODY: "The body is not what is documented.",
    FaultReason.BAD_TIME: "A time is not in the form that is documented.",
}


class Fault(msgspec.Struct, frozen=True):
    """Why nothing could be made of a message, and where: `PID-3`, `OBX[3]-11`, `$.results[0].flags`."""

    reason: FaultReason
    place: str = ""

    @property
    def sentence(self) -> str:
        return SENTENCES[self.reason]


class Unmappable(Exception):
    """Ends a mapping from inside; never leaves this package."""

    def __init__(self, reason: FaultReason, place: str = "") -> None:
        super().__init__(SENTENCES[reason])
        self.fault = Fault(reason, place)
