"""What a hospital's systems talk about, in words of its own: patients, visits, staff, reports, operations.

Plain frozen values, the same whatever protocol they came in; a new protocol is an adapter that makes these. Times are
milliseconds since the epoch. Nothing here knows HL7, a database, a room or a person's device.
"""

from myelin_gateway.model.news import (
    News,
    OperationChange,
    OperationChanged,
    OperationPlan,
    PatientsMerged,
    ReportIssued,
    VisitChanged,
    VisitEvent,
)
from myelin_gateway.model.patients import Identifier, Patient, PatientClass, Place, StaffReference, Visit
from myelin_gateway.model.reports import (
    CRITICAL_FLAGS,
    Analyte,
    Criticality,
    Direction,
    Flag,
    Report,
    Result,
    ResultStatus,
)

__all__ = [
    "CRITICAL_FLAGS",
    "Analyte",
    "Criticality",
    "Direction",
    "Flag",
    "Identifier",
    "News",
    "OperationChange",
    "OperationChanged",
    "OperationPlan",
    "Patient",
    "PatientClass",
    "PatientsMerged",
    "Place",
    "Report",
    "ReportIssued",
    "Result",
    "ResultStatus",
    "StaffReference",
    "Visit",
    "VisitChanged",
    "VisitEvent",
]
