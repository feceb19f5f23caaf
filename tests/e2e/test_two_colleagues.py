"""A cardiologist and a nurse write to each other, encrypted, without having been asked anything but a password."""

from __future__ import annotations

from tests.e2e.people import PHONE, People


async def test_two_colleagues_write_to_each_other(people: People) -> None:
    await people.employ("心内科-主治医师-李四", "1002")
    await people.employ("心内科-护士-钱七", "1005")
    await people.make_room("心内科", "1002", "1005")
    doctor = await people.arrive("李医生", "1002")
    nurse = await people.arrive("钱护士", "1005", PHONE)
    for person in (doctor, nurse):
        await person.open_room("心内科")
    await doctor.say("3 床今晚复查血钾，结果出来告诉我。")
    await nurse.sees("3 床今晚复查血钾")
    await nurse.say("好的，20 点抽血。")
    await doctor.sees("20 点抽血")


async def test_history_is_read_on_a_second_device(people: People) -> None:
    await people.employ("心内科-主治医师-李四", "1002")
    await people.employ("心内科-护士-钱七", "1005")
    await people.make_room("心内科", "1002", "1005")
    doctor = await people.arrive("李医生", "1002")
    nurse = await people.arrive("钱护士", "1005")
    await doctor.open_room("心内科")
    await nurse.open_room("心内科")
    await doctor.say("明早七点半交班。")
    await nurse.sees("明早七点半交班")
    at_home = await people.arrive("李医生的手机", "1002", PHONE)
    await at_home.open_room("心内科")
    await at_home.sees("明早七点半交班")
