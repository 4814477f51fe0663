"""The messages of a Troupe process, for programs of the format "json"."""

import json
import sys


def messages():
    """Yields each message as a dict, until the server closes the input."""
    for line in sys.stdin:
        yield json.loads(line)


def write(**command):
    sys.stdout.write(json.dumps(command) + "\n")
    sys.stdout.flush()


def send(to, body):
    """Sends a text to an id, a name, or a list of them."""
    write(to=to, body=body)


def close(to, code=1000, reason=""):
    """Closes a connection, or a list of them."""
    write(to=to, close=code, reason=reason)


def reply(call, value):
    """Answers a message of the kind "call"."""
    write(reply=call["ref"], value=value)
