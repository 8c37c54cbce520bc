import asyncio
import tracemalloc

from bridges.irc.transport.connection import LINGER, Limits
from tests.bridges.irc.transport.far_end import Server, Session, connect, receive, reset, send, until
from tests.waiting import SECONDS


async def test_lines_end_with_lf_or_crlf_and_empty_ones_are_skipped(server: Server) -> None:
    client = await connect((await server.open()).port)
    await send(client, b"one\r\n\r\n\ntwo\n three \r\nfour\r\r\nin\rside\n\x00\xff\n")
    session = await server.session()
    await until(lambda: len(session.lines) == 6)
    assert session.lines == [b"one", b"two", b" three ", b"four", b"in\rside", b"\x00\xff"]
    client.close()


async def test_line_in_pieces_is_one_line(server: Server) -> None:
    client = await connect((await server.open()).port)
    session = await server.session()
    for piece in (b"PRIV", b"MSG #a", b" :b\r", b"\nNEXT", b"\r\n"):
        await send(client, piece)
        await asyncio.sleep(0.005)
    await until(lambda: len(session.lines) == 2)
    assert session.lines == [b"PRIVMSG #a :b", b"NEXT"]
    client.close()


async def test_burst_arrives_whole_and_in_order(server: Server) -> None:
    client = await connect((await server.open()).port)
    lines = [b"line %d" % number for number in range(20_000)]
    await send(client, b"\r\n".join(lines) + b"\r\n")
    session = await server.session()
    await until(lambda: len(session.lines) == len(lines))
    assert session.lines == lines
    client.close()


async def test_long_line_is_dropped_whole_and_the_next_one_is_taken(server: Server) -> None:
    client = await connect((await server.open()).port)
    await send(client, b"before\r\n" + b"x" * 70_000 + b"\r\nafter\r\n")
    session = await server.session()
    await until(lambda: len(session.lines) == 3)
    assert session.lines == [b"before", None, b"after"]
    client.close()


async def test_line_of_the_limit_is_taken_and_one_byte_more_is_not(server: Server) -> None:
    client = await connect((await server.open(limits=Limits(line=100))).port)
    session = await server.session()
    for size in (100, 101):
        await send(client, b"x" * size)
        await asyncio.sleep(0.01)
        await send(client, b"\r")
        await asyncio.sleep(0.01)
        await send(client, b"\n")
    await send(client, b"y" * 101 + b"\nz\n")
    await until(lambda: len(session.lines) == 4)
    assert session.lines == [b"x" * 100, None, None, b"z"]
    client.close()


async def test_endless_line_takes_no_memory(server: Server) -> None:
    client = await connect((await server.open()).port)
    session = await server.session()
    tracemalloc.start()
    try:
        for _ in range(200):
            await send(client, b"x" * 100_000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    await send(client, b"\nend\n")
    await until(lambda: len(session.lines) == 2)
    assert session.lines == [None, b"end"]
    assert peak < 2_000_000
    client.close()


async def test_paused_session_is_told_nothing_until_it_resumes(server: Server) -> None:
    def pause_early(session: Session) -> None:
        session.pause_after = 64

    server.prepare = pause_early
    client = await connect((await server.open()).port)
    lines = [b"%d" % number for number in range(1_000)]
    await send(client, b"\n".join(lines) + b"\n")
    session = await server.session()
    await until(lambda: len(session.lines) == 64)
    await asyncio.sleep(0.05)
    assert session.lines == lines[:64]
    session.pause_after = 700
    session.connection.resume()
    assert session.lines == lines[:64]  # not from inside the call
    await until(lambda: len(session.lines) == 700)
    session.pause_after = None
    session.connection.resume()
    await until(lambda: len(session.lines) == 1_000)
    assert session.lines == lines
    client.close()


async def test_paused_session_hears_the_end_after_the_last_line(server: Server) -> None:
    def pause_early(session: Session) -> None:
        session.pause_after = 1

    server.prepare = pause_early
    client = await connect((await server.open()).port)
    await send(client, b"one\ntwo\n")
    client.close()
    session = await server.session()
    await until(lambda: session.lines)
    await asyncio.sleep(0.05)
    assert (session.lines, session.ends) == ([b"one"], [])
    session.pause_after = None
    session.connection.resume()
    await until(lambda: session.ends)
    assert (session.lines, session.ends) == ([b"one", b"two"], [True])


async def test_paused_reader_makes_its_client_wait(server: Server) -> None:
    client = await connect((await server.open()).port)
    session = await server.session()
    session.connection.pause()
    sender = asyncio.create_task(send(client, b"0123456789\n" * 4_000_000))
    await asyncio.sleep(0.3)
    assert not sender.done()
    assert session.lines == []
    sender.cancel()
    await asyncio.gather(sender, return_exceptions=True)
    client.close()


async def test_what_is_written_in_one_round_leaves_in_one_piece(server: Server) -> None:
    client = await connect((await server.open()).port)
    connection = (await server.session()).connection
    for number in range(100):
        connection.write(b"%d\r\n" % number)
    assert connection.queued == sum(len(b"%d\r\n" % number) for number in range(100))
    expected = b"".join(b"%d\r\n" % number for number in range(100))
    assert await asyncio.get_running_loop().sock_recv(client, 65_536) == expected
    assert connection.queued == 0
    client.close()


async def test_small_pieces_are_not_held_back(server: Server) -> None:
    client = await connect((await server.open()).port)
    connection = (await server.session()).connection
    loop, took = asyncio.get_running_loop(), 1.0
    for _ in range(10):  # of which one at least is not disturbed by what else the machine does
        started = loop.time()
        for _ in range(20):
            connection.write(b"ping\r\n")
            await receive(client, 6)
        took = min(took, loop.time() - started)
        if took < 0.4:
            break
    assert took < 0.4  # Nagle and delayed acknowledgements would make it 20 x 40 ms
    client.close()


async def test_slow_reader_is_told_once_and_its_memory_bounded(server: Server) -> None:
    client = await connect((await server.open(limits=Limits(queue=200_000))).port, receive_buffer=4_096)
    other = await connect((await server.open()).port)
    session, quick = await server.session(), (await server.session(1)).connection
    for _ in range(2_000):
        session.connection.write(b"x" * 9_998 + b"\r\n")
        await asyncio.sleep(0)
    assert session.is_slow == 1
    assert session.connection.queued < 300_000
    quick.write(b"hello\r\n")
    assert await receive(other, 7) == b"hello\r\n"
    session.connection.close(b"ERROR :slow\r\n")
    await until(lambda: session.ends)
    assert session.ends == [False]
    client.close()
    other.close()


async def test_drained_waits_for_the_reader(server: Server) -> None:
    client = await connect((await server.open(limits=Limits(queue=100 << 20))).port, receive_buffer=4_096)
    connection = (await server.session()).connection
    connection.write(b"x" * 10_000_000)
    waiting = asyncio.create_task(connection.drained())
    await asyncio.sleep(0.1)
    assert not waiting.done()
    await receive(client, 10_000_000)
    await asyncio.wait_for(waiting, SECONDS)
    assert connection.queued == 0
    client.close()


async def test_drained_ends_with_the_connection(server: Server) -> None:
    client = await connect((await server.open(limits=Limits(queue=100 << 20))).port, receive_buffer=4_096)
    connection = (await server.session()).connection
    connection.write(b"x" * 10_000_000)
    waiting = asyncio.create_task(connection.drained())
    await asyncio.sleep(0.05)
    reset(client)
    await asyncio.wait_for(waiting, SECONDS)


async def test_reset_is_not_clean(server: Server) -> None:
    client = await connect((await server.open()).port)
    session = await server.session()
    session.connection.write(b"hello\r\n")
    await receive(client, 7)
    reset(client)
    await until(lambda: session.ends)
    assert session.ends == [False]


async def test_end_after_reading_everything_is_clean(server: Server) -> None:
    client = await connect((await server.open()).port)
    session = await server.session()
    session.connection.write(b"hello\r\n" * 1_000)
    await receive(client, 7_000)
    client.close()
    await until(lambda: session.ends)
    assert session.ends == [True]


async def test_end_with_unread_data_is_not_clean(server: Server) -> None:
    client = await connect((await server.open()).port)
    session = await server.session()
    session.connection.write(b"hello\r\n" * 2)
    await receive(client, 7)
    await until(lambda: session.connection.unacknowledged() == 0)  # the client's kernel has it, the client has not
    client.close()
    await until(lambda: session.ends)
    assert session.ends == [False]


async def test_end_while_much_is_queued_is_not_clean(server: Server) -> None:
    client = await connect((await server.open(limits=Limits(queue=100 << 20))).port, receive_buffer=4_096)
    session = await server.session()
    session.connection.write(b"x" * 10_000_000)
    await until(lambda: session.connection.unacknowledged() > session.connection.queued > 0)
    client.shutdown(1)
    await until(lambda: session.ends)
    assert session.ends == [False]
    client.close()


async def test_lines_before_the_end_are_told_before_it(server: Server) -> None:
    client = await connect((await server.open()).port)
    await send(client, b"NICK a\r\nQUIT :bye\r\nhalf a line")
    client.close()
    session = await server.session()
    await until(lambda: session.ends)
    assert (session.lines, session.ends) == ([b"NICK a", b"QUIT :bye"], [True])


async def test_close_sends_what_is_queued_and_the_final_words(server: Server) -> None:
    client = await connect((await server.open()).port)
    session = await server.session()
    session.connection.write(b"hello\r\n")
    session.connection.close(b"ERROR :bye\r\n")
    session.connection.write(b"too late\r\n")
    await send(client, b"not heard\r\n")
    assert await receive(client, 100) == b"hello\r\nERROR :bye\r\n"
    assert session.ends == []
    client.close()
    await until(lambda: session.ends)
    assert (session.lines, session.ends) == ([], [True])


async def test_close_waits_only_so_long(server: Server) -> None:
    client = await connect((await server.open()).port)
    session = await server.session()
    loop = asyncio.get_running_loop()
    started = loop.time()
    session.connection.close()
    await until(lambda: session.ends)
    assert session.ends == [False]
    assert loop.time() - started > LINGER - 0.1
    client.close()


async def test_abort_is_told_once(server: Server) -> None:
    client = await connect((await server.open()).port)
    session = await server.session()
    session.connection.abort()
    session.connection.abort()
    session.connection.close(b"bye")
    session.connection.write(b"x\r\n")
    session.connection.pause()
    session.connection.resume()
    await until(lambda: session.ends)
    await asyncio.sleep(0.02)
    assert session.ends == [False]
    assert session.connection.unacknowledged() == 0
    client.close()


async def test_connection_knows_its_client(server: Server) -> None:
    client = await connect((await server.open()).port)
    connection = (await server.session()).connection
    address, port = client.getsockname()
    assert (connection.address, connection.port, connection.hostname) == (address, port, address)
    assert (connection.secure, connection.certificate) == (False, None)
    client.close()
