"""Reads and writes Avro data by fastavro, one question in JSON a line: contracts/readers/avro-lines.ts has the protocol.

See edge_json.py for values.
"""

import base64
import io
import json
import sys

import fastavro

from edge_json import from_json, to_json
from told_apart import told_apart


class ValueRefused(Exception):
    """What is wrong with the value at an index."""


def each(items, answer):
    """The answers to all items; the first failure comes with its index."""
    answers = []
    for index, item in enumerate(items):
        try:
            answers.append(answer(item))
        except Exception as failure:  # Whatever it is, it is the answer.
            raise ValueRefused(f"{type(failure).__name__}: {failure}", index) from failure
    return answers


def decode(question):
    # Without a reader's schema, nothing is resolved: so it is left out where there is nothing to resolve. Else unions are
    # as they are, and an int or a float that was resolved is called by the first branch that it fits.
    resolves = question["reader"] != question["writer"]
    writer = fastavro.parse_schema(question["writer"] if resolves else told_apart(question["writer"]))
    reader = fastavro.parse_schema(question["reader"]) if resolves else writer

    def value_of(text):
        stream = io.BytesIO(base64.b64decode(text))
        value = fastavro.schemaless_reader(stream, writer, reader if resolves else None, return_named_type=True)
        if stream.read(1):
            raise ValueError("bytes are left")
        return to_json(reader, value)

    return {"values": each(question["bytes"], value_of)}


def encode(question):
    schema = fastavro.parse_schema(question["writer"])

    def bytes_of(value):
        stream = io.BytesIO()
        fastavro.schemaless_writer(stream, schema, from_json(schema, value))
        return base64.b64encode(stream.getvalue()).decode()

    return {"bytes": each(question["values"], bytes_of)}


for line in sys.stdin:
    try:
        question = json.loads(line)
        answer = json.dumps(decode(question) if "bytes" in question else encode(question))
    except ValueRefused as refusal:
        answer = json.dumps({"error": refusal.args[0], "index": refusal.args[1]})
    except Exception as failure:  # Whatever it is, it is the answer.
        answer = json.dumps({"error": f"{type(failure).__name__}: {failure}"})
    print(answer, flush=True)
