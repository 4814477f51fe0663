"""A chat for all connections of an endpoint, which answers calls with how many there are."""

import troupe

names = {}

for message in troupe.messages():
    kind, sender = message["kind"], message.get("id")
    if kind == "connect":
        names[sender] = f"guest {len(names) + 1}"
        troupe.send(sender, f"You are {names[sender]}")
    elif kind == "message" and message["body"] == "/quit":
        troupe.close(sender, 4000, "bye")
    elif kind == "message":
        troupe.send(list(names), f"{names[sender]}: {message['body']}")
    elif kind == "disconnect":
        troupe.send(list(names), f"{names.pop(sender)} has left")
    elif kind == "call":
        troupe.reply(message, len(names))
