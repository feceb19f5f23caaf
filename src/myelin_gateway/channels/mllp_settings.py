"""From what an integrator writes about an HL7 partner to the listeners that it means; docs/integration.md explains it.

Reads no settings file itself: `main` decodes the `[[partners]]` of one into these.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_network
from itertools import groupby
from pathlib import Path
from typing import Literal

import msgspec

from myelin_gateway.channels.mllp_partners import Listener, Partner, UnsafeListener, server_tls
from myelin_gateway.hl7v2 import Answers, Charset, Nak
from myelin_gateway.mapping import HANDLED_TYPES


class Hl7Partner(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One `[[partners]]` with `protocol = "hl7v2"`, as written, without what only maps and flows read."""

    name: str
    listen: str
    charset: Charset
    nak: Nak = "accept_and_quarantine"
    processing_ids: tuple[str, ...] = ("P",)
    batch_acknowledgement: Literal["each", "one"] = "each"
    allow: tuple[str, ...] = ()
    certificate_names: tuple[str, ...] = ()
    certificate: str = ""
    key: str = ""
    authorities: str = ""

    def partner(self) -> Partner:
        answers = Answers(self.nak, HANDLED_TYPES, frozenset(self.processing_ids), self.batch_acknowledgement == "one")
        try:
            networks = tuple(map(ip_network, self.allow))
        except ValueError as error:
            raise UnsafeListener(f"{self.name}: allow: {error}") from error
        return Partner(self.name, self.charset, answers, frozenset(self.certificate_names), networks)

    def tls_files(self) -> tuple[str, str, str]:
        return self.certificate, self.key, self.authorities


def listeners(partners: Iterable[Hl7Partner], folder: Path) -> tuple[Listener, ...]:
    """Return one checked listener for each address; files are relative to the folder. Raises UnsafeListener."""
    ordered = sorted(partners, key=lambda each: each.listen)
    found = tuple(listener(list(group), folder) for _listen, group in groupby(ordered, key=lambda each: each.listen))
    for each in found:
        each.check()
    return found


def listener(partners: list[Hl7Partner], folder: Path) -> Listener:
    first, names = partners[0], ", ".join(each.name for each in partners)
    host, _, port = first.listen.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise UnsafeListener(f"{names}: listen = {first.listen!r} is no address and port")
    if len({each.tls_files() for each in partners}) > 1:
        raise UnsafeListener(f"{names}: share {first.listen}, so must name the same certificate, key and authorities")
    tls = None
    if any(first.tls_files()):
        try:
            tls = server_tls(*(folder / file for file in first.tls_files()))
        except (OSError, ValueError) as error:
            raise UnsafeListener(f"{names}: certificate, key or authorities: {error}") from error
    return Listener(host.strip("[]"), int(port), tuple(each.partner() for each in partners), tls)
