"""Without a network the client opens and shows what is stored; a newer version waits, and takes no draft away."""

from __future__ import annotations

import asyncio
import re

from playwright.async_api import Page, expect

from tests.e2e.people import PATIENCE_MS, People

# What the browser and the SDK say of a network that is not there.
OFFLINE = re.compile("INTERNET_DISCONNECTED|ConnectionError|status of (401|404)")
# All records of a table, none where it is not there yet.
READ = """async (name, table) => {
    const known = await indexedDB.databases()
    if (!known.some(each => each.name === name)) return []
    return new Promise(resolve => {
        const opening = indexedDB.open(name)
        opening.onsuccess = () => {
            const reading = opening.result.transaction(table).objectStore(table).getAll()
            reading.onsuccess = () => { opening.result.close(); resolve(reading.result) }
        }
    })
}"""
CONTROLLED = "() => navigator.serviceWorker?.controller != null"


async def test_the_client_opens_without_a_network(people: People) -> None:
    await people.employ("心内科-主治医师-李四", "1002")
    await people.make_room("心内科", "1002")
    doctor = await people.arrive("李医生", "1002")
    await doctor.open_room("心内科")
    await doctor.say("3 床今晚复查血钾。")
    await doctor.sees("3 床今晚复查血钾")
    await doctor.composer.fill("还没有写完")
    await doctor.page.wait_for_function(CONTROLLED)
    await stored_drafts(doctor.page, 1)
    await stored_messages(doctor.page)
    people.expected = OFFLINE
    await doctor.page.context.set_offline(True)
    await doctor.page.reload()
    await expect(doctor.page.get_by_text("网络已断开")).to_be_visible()
    await doctor.sees("3 床今晚复查血钾")
    await expect(doctor.composer).to_have_value("还没有写完")
    await doctor.page.context.set_offline(False)
    await expect(doctor.page.get_by_text("网络已断开")).to_have_count(0)


async def test_a_draft_survives_a_reload(people: People) -> None:
    await people.employ("心内科-主治医师-李四", "1002")
    await people.make_room("心内科", "1002")
    doctor = await people.arrive("李医生", "1002")
    await doctor.open_room("心内科")
    await doctor.composer.fill("还没有写完")
    await stored_drafts(doctor.page, 1)
    await doctor.page.reload()
    await expect(doctor.composer).to_have_value("还没有写完")
    await doctor.say("写完了")
    await doctor.sees("写完了")
    await stored_drafts(doctor.page, 0)


async def stored_drafts(page: Page, count: int) -> None:
    """Wait until so many drafts are stored."""
    name = "myelin-@1002:hospital.test-drafts"
    await until(page, f"({READ})('{name}', 'records').then(records => records.length === {count})")


async def stored_messages(page: Page) -> None:
    """Wait until the message is in the store of what was synced."""
    name = "matrix-js-sdk:myelin-@1002:hospital.test"
    await until(page, f"""({READ})('{name}', 'sync').then(all => JSON.stringify(all).includes('ciphertext'))""")


async def until(page: Page, expression: str) -> None:
    """Wait until a promise in the page comes true."""
    async with asyncio.timeout(PATIENCE_MS / 1000):
        while not await page.evaluate(expression):
            await page.wait_for_timeout(100)
