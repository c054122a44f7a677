"""Reads and writes framed values by Confluent's serializers: one question in JSON a line.

The first argument is the schema registry's URL; `mock://` stands for one that Confluent's client keeps in memory. The
second is the folder of edge_json.py, which says how values are told.

    {"do": "register", "topic": name, "schema": schema}        {"id": number}
    {"do": "serialize", "topic": name, "schema": schema, "value": ...}   {"bytes": hex}
    {"do": "deserialize", "topic": name, "bytes": hex}         {"value": ...}

Any may be answered by {"error": message}.
"""

import io
import json
import sys

import fastavro
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

sys.path.append(sys.argv[2])
from edge_json import from_json, to_json  # noqa: E402

registry = SchemaRegistryClient.new_client({"url": sys.argv[1]})
deserializer = AvroDeserializer(registry, return_record_name=True)


def read_plain(schema, data, **options):
    stream = io.BytesIO(data)
    value = fastavro.schemaless_reader(stream, schema, None, **options)
    if stream.read(1):
        raise ValueError("bytes are left")
    return value


def register(question):
    schema = Schema(json.dumps(question["schema"]), "AVRO")
    return {"id": registry.register_schema(f"{question['topic']}-value", schema)}


def context(question):
    return SerializationContext(question["topic"], MessageField.VALUE)


def serialize(question):
    schema = fastavro.parse_schema(question["schema"])
    serializer = AvroSerializer(registry, json.dumps(question["schema"]))
    return {"bytes": serializer(from_json(schema, question["value"]), context(question)).hex()}


def deserialize(question):
    framed = bytes.fromhex(question["bytes"])
    value = deserializer(framed, context(question))
    # The deserializer does not name the enums and fixed of unions. fastavro reads the same data again, with all names;
    # and must agree with it otherwise.
    schema = fastavro.parse_schema(json.loads(registry.get_schema(int.from_bytes(framed[1:5], "big")).schema_str))
    again = read_plain(schema, framed[5:], return_record_name=True)
    if repr(value) != repr(again):
        raise ValueError(f"the deserializer has {value!r}, fastavro {again!r}")
    return {"value": to_json(schema, read_plain(schema, framed[5:], return_named_type=True))}


QUESTIONS = {"register": register, "serialize": serialize, "deserialize": deserialize}

for line in sys.stdin:
    try:
        question = json.loads(line)
        answer = QUESTIONS[question["do"]](question)
    except Exception as failure:  # Whatever it is, it is the answer.
        answer = {"error": f"{type(failure).__name__}: {failure}"}
    print(json.dumps(answer), flush=True)
