"""What one message of a system says has happened: the only thing that flows take in."""

from __future__ import annotations

from typing import Literal

import msgspec

from myelin_gateway.model.patients import Identifier, Patient, Place, StaffReference, Visit
from myelin_gateway.model.reports import Report

# HL7: A01 and A04, A02, A03, A08 and A31, A11, A12, A13.
VisitEvent = Literal["admitted", "transferred", "discharged", "updated", "unadmitted", "untransferred", "undischarged"]
# HL7: S12, S13, S14, S15 to S17, S26.
OperationChange = Literal["planned", "moved", "changed", "cancelled", "not_shown"]


class ReportIssued(msgspec.Struct, frozen=True, tag="report"):
    """A report, new or in another version. `said_at` is when the system said so, for what comes out of order."""

    report: Report
    said_at: int


class VisitChanged(msgspec.Struct, frozen=True, tag="visit"):
    """A patient came, moved, left, or is known better; `before` is where they lay."""

    event: VisitEvent
    patient: Patient
    visit: Visit
    said_at: int
    before: Place | None = None


class PatientsMerged(msgspec.Struct, frozen=True, tag="merge"):
    """Two numbers were one patient's: `merged` is no longer to be used (HL7 A40, A34)."""

    survivor: Patient
    merged: tuple[Identifier, ...]
    said_at: int


class OperationPlan(msgspec.Struct, frozen=True):
    """An operation as it is planned now; `staff` by what each does there."""

    operation_id: str
    title: str
    patient: Patient
    starts_at: int | None = None
    minutes: int | None = None
    theatre: str = ""
    staff: tuple[tuple[str, StaffReference], ...] = ()
    visit: Visit | None = None


class OperationChanged(msgspec.Struct, frozen=True, tag="operation"):
    """An operation was planned, moved, changed or called off; `removed` are whom this message takes out of the plan."""

    change: OperationChange
    plan: OperationPlan
    said_at: int
    reason: str = ""
    removed: tuple[tuple[str, StaffReference], ...] = ()


News = ReportIssued | VisitChanged | PatientsMerged | OperationChanged
