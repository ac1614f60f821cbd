#!/usr/bin/env python3
"""Subscribes to a topic, prints what comes, acknowledges it. usage: rookery.py [topic] [count] [host:port]"""
import json, socket, sys

topic, count, address = (sys.argv[1:] + ["tweets", "10", "127.0.0.1:8000"][len(sys.argv) - 1:])[:3]
host, port = address.rsplit(":", 1)
sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # JSON may hold half a surrogate pair, which is no text
# One file each to read and to write: a text file for both forgets what it has read ahead when it is written to.
with socket.create_connection((host, int(port))) as connection, \
        connection.makefile("r", encoding="utf-8", newline="\n") as lines, connection.makefile("w", encoding="utf-8", newline="\n") as out:
    print("hello", json.dumps({"as": "example-python", "quiet": True, "meta": True}), file=out)
    print("sub", topic, json.dumps({"window": 100, "from": "start"}), file=out, flush=True)
    received = 0
    while received < int(count) and (line := lines.readline()):
        if line.startswith("error"):
            sys.exit(line.strip())
        if line.startswith("{"):
            event = json.loads(line)
            print(json.dumps(event["msg"], ensure_ascii=False), flush=True)
            print(f"ack {topic} #{event['seq']}", file=out, flush=True)
            received += 1
    print("quit", file=out, flush=True)
    lines.read()  # until the server closes: then it has the acknowledgements
