"""What messages of a partner mean: HL7 or JSON and the partner's maps on one side, values of the model on the other.

Pure: no clock, no file, no network. Nothing is guessed: what must be there and is not is a `Fault` with a name and a
place, which quarantines; a code that no map knows is said, and goes to the partner's fallback role.
"""

from myelin_gateway.mapping.addressees import Addressees, Unmapped, unmapped_codes, who_is_meant
from myelin_gateway.mapping.criticality import flagged, has_strange_unit, is_critical
from myelin_gateway.mapping.faults import Fault, FaultReason
from myelin_gateway.mapping.map_checks import Known, check_maps
from myelin_gateway.mapping.map_files import TABLES, Complaint, Read, read_maps
from myelin_gateway.mapping.maps import Analytes, Limits, Maps, PatientNumbers, Ward, analytes_of
from myelin_gateway.mapping.reading import HANDLED_TYPES, news_of
from myelin_gateway.mapping.signatures import WINDOW_MS, Refusal, refusal_of, signature
from myelin_gateway.mapping.suspicion import looks_like_a_result
from myelin_gateway.mapping.webhook import news_of_json

__all__ = [
    "HANDLED_TYPES",
    "TABLES",
    "WINDOW_MS",
    "Addressees",
    "Analytes",
    "Complaint",
    "Fault",
    "FaultReason",
    "Known",
    "Limits",
    "Maps",
    "PatientNumbers",
    "Read",
    "Refusal",
    "Unmapped",
    "Ward",
    "analytes_of",
    "check_maps",
    "flagged",
    "has_strange_unit",
    "is_critical",
    "looks_like_a_result",
    "news_of",
    "news_of_json",
    "read_maps",
    "refusal_of",
    "signature",
    "unmapped_codes",
    "who_is_meant",
]
