import json

from airchat.protocol.events import Event, EventDraft, EventKind
from store.ports.store import Store
from tests.contract.store.world import World


async def test_log_keeps_every_field_in_order(store: Store, world: World) -> None:
    drafts = [
        EventDraft(EventKind.TASK_CREATED, world.tick(), "actor", "channel", "recipient", "subject", {"é": [1, None]}),
        EventDraft(EventKind.MACHINE_CHANGED, world.tick()),
        EventDraft(EventKind.READ_MOVED, world.tick(), data={"text": "line\nbreak 🙂"}),
    ]
    logged = await store.write(lambda unit: unit.events.append(drafts))

    assert [(event.seq, event.kind, event.created_at) for event in logged] == [
        (number, draft.kind, draft.created_at) for number, draft in enumerate(drafts, 1)
    ]
    assert logged[0] == Event(
        1, EventKind.TASK_CREATED, drafts[0].created_at, "actor", "channel", "recipient", "subject", logged[0].data
    )
    assert [json.loads(event.data) for event in logged] == [{"é": [1, None]}, {}, {"text": "line\nbreak 🙂"}]
    assert logged[0].data == '{"é":[1,null]}'
    async with store.read() as unit:
        assert await unit.events.after(0, 10) == logged


async def test_after_pages_and_head_tells_the_end(store: Store, world: World) -> None:
    async with store.read() as unit:
        assert await unit.events.head() == 0
        assert await unit.events.after(0, 10) == []
    drafts = [EventDraft(EventKind.MACHINE_CHANGED, world.tick()) for _ in range(5)]
    logged = await store.write(lambda unit: unit.events.append(drafts))
    assert await store.write(lambda unit: unit.events.append([])) == []
    async with store.read() as unit:
        assert await unit.events.head() == 5
        assert await unit.events.after(2, 2) == logged[2:4]
        assert await unit.events.after(4, 10) == logged[4:]
        assert await unit.events.after(5, 10) == []
        assert await unit.events.after(9, 10) == []
