"""What messages of a partner mean: HL7 or JSON and the partner's maps on one side, values of the model on the other.

Pure: no clock, no file, no network. Nothing is guessed: what must be there and is not is a `Fault` with a name and a
place, which quarantines; a code that no map knows is said, and goes to the partner's fallback role.
"""

from myelin_gateway.mapping.faults import Fault, FaultReason
from myelin_gateway.mapping.maps import Analytes, Limits, Maps, PatientNumbers, Ward, analytes_of
from myelin_gateway.mapping.reading import news_of

__all__ = [
    "Analytes",
    "Fault",
    "FaultReason",
    "Limits",
    "Maps",
    "PatientNumbers",
    "Ward",
    "analytes_of",
    "news_of",
]
