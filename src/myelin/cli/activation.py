"""Activation codes for new people: issued, and printed as slips to be cut and handed out."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from urllib.parse import urlencode

import msgspec
import segno

from myelin.actions.activation import NewCode, issue_code
from myelin.directory.people_file import ListedPerson
from myelin.stores.activation_codes import ActivationCodes, code_hash, new_code
from myelin.wiring.clock import clock_ms
from myelin.wiring.foundation import Foundation

DAY_MS = 24 * 60 * 60 * 1000
AT_ONCE = 50
PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>激活码 Activation codes</title><style>
body {{ font-family: "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; display: grid; gap: 6mm;
       grid-template-columns: repeat(2, 1fr); margin: 10mm; }}
section {{ border: 1px dashed #888; padding: 5mm; display: flex; gap: 5mm; align-items: center; break-inside: avoid; }}
h2 {{ margin: 0; font-size: 14pt; }} p {{ margin: 1mm 0; font-size: 10pt; }} b {{ font: 600 13pt monospace; }}
svg {{ width: 32mm; height: 32mm; flex: none; }}
</style></head><body>
{slips}
</body></html>
"""
SLIP = """<section>{qr}<div><h2>{name}</h2><p>工号 Number <b>{number}</b></p><p>激活码 Code <b>{code}</b></p>
<p>{days} 天内扫码，或打开 {url}，设置自己的密码。请勿转交他人。</p>
<p lang="en">Within {days} days scan this or open the address, and choose a password of your own.</p></div></section>"""


class Slip(msgspec.Struct, frozen=True):
    """One person's code, as it is handed out."""

    person: ListedPerson
    code: str


class CodesNotWritten(Exception):
    """The file for the codes cannot be written; nothing was changed."""


def check_new(file: Path) -> None:
    """Raise where the file of codes could not be made: codes stand nowhere else, so none is ever overwritten."""
    if file.exists() or file.is_symlink():
        raise CodesNotWritten(f"{file} is there already, and its codes may not be handed out yet; name another file")
    if not file.parent.is_dir():
        raise CodesNotWritten(f"{file.parent} is no folder; nothing was changed")


async def issue_codes(built: Foundation, people: Sequence[ListedPerson], file: Path) -> str:
    """Issue a code to each of these people who has neither a password nor a code that counts; return what happened."""
    codes = ActivationCodes(built.reads, clock_ms)
    waiting = set(await codes.in_need([person.user_id for person in people]))
    slips = [Slip(person, new_code(built.random)) for person in people if person.user_id in waiting]
    if not slips:
        return "Everybody of the file has a password, or a code that still counts; no codes were made."
    # The paper first: a crash leaves codes on it that do not count, and the next run makes others for these people.
    # In the other order it would leave codes that count and that nobody knows.
    write_slips(file, slips, built.settings.public_url, built.settings.activation_days)
    for start in range(0, len(slips), AT_ONCE):
        await asyncio.gather(*(issue(built, slip.person.user_id, slip.code) for slip in slips[start : start + AT_ONCE]))
    return f"{len(slips)} activation codes are in {file}; they are shown nowhere else."


async def issue_one_code(built: Foundation, user_id: str) -> str:
    """Issue a code to one person; an earlier one is void."""
    code = new_code(built.random)
    await issue(built, user_id, code)
    return code


async def issue(built: Foundation, user_id: str, code: str) -> None:
    expires_at = clock_ms() + built.settings.activation_days * DAY_MS
    await built.pool.submit(issue_code(user_id, NewCode(code_hash(code).hex(), expires_at)))


def write_slips(file: Path, slips: Iterable[Slip], public_url: str, days: int) -> None:
    """Write a page to print; nobody but its owner may read the file, from its first moment."""
    page = PAGE.format(slips="\n".join(slip_html(slip, public_url, days) for slip in slips))
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
            opened.write(page)
            opened.flush()
            os.fsync(opened.fileno())
    except OSError as fault:
        raise CodesNotWritten(f"{file} cannot be written ({fault.strerror}); no codes were made") from None


def slip_html(slip: Slip, public_url: str, days: int) -> str:
    """Return one slip. What stands after the # in an address never reaches a server, nor its log."""
    person = slip.person
    address = f"{public_url}/#/activate?{urlencode({'number': person.employee_number, 'code': slip.code})}"
    qr = segno.make(address, error="m").svg_inline(border=0, omitsize=True)
    return SLIP.format(
        qr=qr,
        name=escape(person.name),
        number=escape(person.employee_number),
        code=slip.code,
        url=escape(public_url),
        days=days,
    )
