"""From the widget to texts through a running service and the look-alike: the code comes by text, and so do Maria's answers after it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from handoff.store import tables as t
from tests.fakes import until
from tests.service import Node
from tests.twilio import ANA, Line


async def test_a_web_chat_goes_on_by_text_and_staff_see_one_thread(tmp_path: Path) -> None:
    async with Line() as line, Node(tmp_path, twilio=line, texts_per_second=100) as node:
        maria, ana = await node.staff("Maria"), await node.patient()
        await ana.sees("You said: opened")
        await ana.person()
        await ana.sees("How would you like to go on?")
        await ana.press("Chat with a person")
        conversation = await maria.sees_waiting()
        await ana.press("Go on by text message")
        await ana.send("(202) 555-0101")
        await ana.sees("would text you on (202) 555-0101")
        await ana.press("Yes, text me")
        (text,) = await until(lambda: line.twilio.received_by(ANA))
        await ana.send(text[:6])
        await ana.sees("we go on by text to the number ending in 01")
        await until(lambda: ana.state.get("texts_to") == "01")
        await ana.is_in("waiting")
        await maria.open(conversation)
        assert (await maria.ask("take", conversation=conversation))["ok"]
        await maria.write(conversation, "Hello Ana, this is Maria")
        await until(lambda: "Hello Ana, this is Maria" in line.twilio.received_by(ANA))
        await line.twilio.text_in(ANA, "Hello Maria, I am on the bus")
        await until(lambda: any(one["text"] == "Hello Maria, I am on the bus" for one in maria.threads[conversation].values()))
        await ana.sees("Hello Maria, I am on the bus")
        opened = await maria.open(conversation)
        assert text[:6] not in str(opened)
        assert [move["event"] for move in opened["moves"] if move["why"].startswith("sha256:")] == ["moved_to_texts"]
        kept = await node.service.store.read(lambda db: db.execute(select(t.conversation.c.id)).scalars().all())
        assert kept == [conversation]
