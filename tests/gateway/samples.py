"""The samples, published and made, with the charset that each partner would be set to; see NOTICE beside each."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from myelin_gateway.hl7v2 import Charset

HERE = Path(__file__).parent / "samples"
EXPECTED = json.loads((HERE / "zh-made/expected.json").read_text())


class Sample(msgspec.Struct, frozen=True):
    name: str
    raw: bytes
    charset: Charset


def sample(name: str) -> Sample:
    """Return the sample of a name, without folder and ending."""
    (file,) = HERE.glob(f"*/{name}.hl7")
    return Sample(name, file.read_bytes(), Charset(EXPECTED.get(name, {}).get("charset", "utf-8")))


SAMPLES = tuple(sample(file.stem) for file in sorted(HERE.glob("*/*.hl7")))
