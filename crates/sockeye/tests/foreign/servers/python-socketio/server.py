"""The server that the tests of the client talk to, on python-socketio.

`reference.mjs` of the interop tests is the same for Node, and has more to it.
"""

import asyncio
import os
import socket
from urllib.parse import parse_qs

import socketio
import uvicorn
from engineio.payload import Payload

# Clients send what waits in one request, which may well be more than the 16 packets that are allowed otherwise; the
# reference's client meets the same "Too many packets in payload".
Payload.max_decode_packets = 1000

# The words of the reference for the same.
REASONS = {
    "client disconnect": "client namespace disconnect",
    "server disconnect": "server namespace disconnect",
}


def setting(name, otherwise):
    return int(os.environ.get(name, otherwise))


sio = socketio.AsyncServer(
    async_mode="asgi",
    namespaces=["/", "/members"],
    ping_interval=setting("PING_INTERVAL_MS", 300) / 1000,
    ping_timeout=setting("PING_TIMEOUT_MS", 200) / 1000,
    max_http_buffer_size=setting("MAX_PAYLOAD", 1_000_000),
)
reasons = {}


@sio.event
async def connect(sid, environ, auth=None):
    await sio.save_session(sid, {"environ": environ, "auth": auth or {}, "ups": 0, "in_order": True, "tries": 0})


@sio.event
async def disconnect(sid, reason):
    session = await sio.get_session(sid)
    reasons[session["auth"].get("key")] = REASONS.get(reason, reason)


@sio.on("echo")
async def echo(sid, value):
    # As a list of arguments, or `None` would be none.
    await sio.emit("echo", (value,), to=sid)


@sio.on("mirror")
async def mirror(sid, value):
    return value


@sio.on("album")
async def album(sid, album):
    pages = [{"number": page["number"], "scan": page["scan"][::-1]} for page in reversed(album["pages"])]
    turned = {"title": album["title"], "cover": album["cover"][::-1], "pages": pages}
    await sio.emit("album", turned, to=sid)
    return turned


@sio.on("ask")
async def ask(sid, question):
    return await sio.call("question", question, to=sid, timeout=5)


@sio.on("flood")
async def flood(sid, count):
    for number in range(count):
        await sio.emit("tick", number, to=sid)
    return count


@sio.on("up")
async def up(sid, number):
    session = await sio.get_session(sid)
    session["in_order"] = session["in_order"] and number == session["ups"]
    session["ups"] += 1


@sio.on("ups")
async def ups(sid):
    session = await sio.get_session(sid)
    return session["ups"], session["in_order"]


@sio.on("third-time")
async def third_time(sid):
    session = await sio.get_session(sid)
    session["tries"] += 1
    if session["tries"] < 3:
        # Whatever a handler returns is an answer.
        await asyncio.Event().wait()
    return session["tries"]


@sio.on("handshake")
async def handshake(sid):
    session = await sio.get_session(sid)
    environ = session["environ"]
    query = parse_qs(environ["QUERY_STRING"])
    return {
        "auth": session["auth"],
        "header": environ.get("HTTP_X_FIXTURE"),
        "query": query.get("colour", [None])[0],
    }


@sio.on("kick")
async def kick(sid, whole):
    await sio.disconnect(sid)


@sio.on("reason-of")
async def reason_of(sid, key):
    return reasons.get(key)


@sio.on("connect", namespace="/members")
async def admit(sid, environ, auth=None):
    if (auth or {}).get("token") != "sesame":
        raise socketio.exceptions.ConnectionRefusedError(
            "not a member", {"code": 401, "hints": ["ask for a token"]}
        )
    await sio.save_session(sid, {"name": auth["name"]}, namespace="/members")


@sio.on("who", namespace="/members")
async def who(sid):
    return (await sio.get_session(sid, namespace="/members"))["name"]


class Server(uvicorn.Server):
    """Says when it listens, and where."""

    async def startup(self, sockets=None):
        await super().startup(sockets)
        print(f"ready: http://127.0.0.1:{sockets[0].getsockname()[1]}", flush=True)


def main():
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", setting("PORT", 3000)))
    config = uvicorn.Config(socketio.ASGIApp(sio), ws="wsproto", lifespan="off", log_level="warning")
    Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
