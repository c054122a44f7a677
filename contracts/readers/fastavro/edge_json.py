"""Python's values of Avro types, as fastavro has them, as the JSON of docs/json-mapping.md and back.

But for one thing: here every value of a union is tagged with its branch (null is not), so that the branch is compared,
too. fastavro itself says what a logical type means, where it knows it: timestamps in nanoseconds and UUIDs of 16 bytes
it gives as plain numbers and bytes.
"""

import base64
import datetime
import decimal
import math
import uuid

EPOCH = datetime.datetime(1970, 1, 1)
MAX_SAFE = 2**53 - 1
NANOS = 10**9

# What the records are called that stand for branches that would else look alike: told_apart.py.
BRANCH = "sluice.contracts.Branch"

# The Python types that a value of each Avro type may have, logical types included.
TYPES = {
    "null": (type(None),),
    "boolean": (bool,),
    "int": (int, datetime.date, datetime.time),
    "long": (int, datetime.datetime, datetime.time),
    "float": (float,),
    "double": (float,),
    "bytes": (bytes, decimal.Decimal),
    "string": (str, uuid.UUID),
    "array": (list,),
    "map": (dict,),
}


# The types that each logical type may annotate; on any other it means nothing.
BASES = {
    "date": ("int",),
    "time-millis": ("int",),
    "decimal": ("bytes", "fixed"),
    "uuid": ("string", "fixed"),
}


def logical_of(schema):
    """The logical type of a type; empty where it has none that counts."""
    if not isinstance(schema, dict) or "logicalType" not in schema:
        return ""
    logical = schema["logicalType"]
    if kind_of(schema) not in BASES.get(logical, ("long",)):
        return ""
    return "" if logical == "uuid" and schema.get("size", 16) != 16 else logical


def kind_of(schema):
    return schema if isinstance(schema, str) else "union" if isinstance(schema, list) else schema["type"]


def tag_of(schema):
    return schema["name"] if isinstance(schema, dict) and "name" in schema else kind_of(schema)


def branch_of(branches, value):
    """The branch of a value, and the value: named types come with their name, and others differ by their type."""
    if isinstance(value, tuple):
        name, value = value
        return next(branch for branch in branches if tag_of(branch) == name), value
    unnamed = [branch for branch in branches if kind_of(branch) in TYPES]
    return next(branch for branch in unnamed if type(value) in TYPES[kind_of(branch)]), value


def named_types(schema):
    """The definitions of a parsed schema by their full names, by which they are referred to after their first place."""
    if isinstance(schema, list):
        return {name: part for branch in schema for name, part in named_types(branch).items()}
    if not isinstance(schema, dict):
        return {}
    own = {schema["name"]: schema} if "name" in schema else {}
    parts = [field["type"] for field in schema.get("fields", [])]
    parts += [schema[key] for key in ("items", "values") if key in schema]
    return own | named_types(parts)


def to_json(schema, value, names=None):
    """JSON of a value that was read with return_named_type."""
    names = named_types(schema) if names is None else names
    schema = names.get(schema, schema) if isinstance(schema, str) else schema
    kind = kind_of(schema)
    if kind == "union":
        branch, value = branch_of(schema, value)
        if tag_of(branch).startswith(BRANCH):
            branch, value = branch["fields"][0]["type"], value["value"]
        return None if value is None else {tag_of(branch): to_json(branch, value, names)}
    if kind in ("record", "error"):
        return {field["name"]: to_json(field["type"], value[field["name"]], names) for field in schema["fields"]}
    if kind == "array":
        return [to_json(schema["items"], item, names) for item in value]
    if kind == "map":
        return {key: to_json(schema["values"], item, names) for key, item in value.items()}
    logical = logical_of(schema)
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, (datetime.datetime, datetime.time)):
        text = value.isoformat(timespec="milliseconds" if logical.endswith("millis") else "microseconds")
        return text.replace("+00:00", "Z")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if logical.endswith("timestamp-nanos"):
        seconds, nanos = divmod(value, NANOS)
        text = (EPOCH + datetime.timedelta(seconds=seconds)).isoformat() + f".{nanos:09d}"
        return text if logical.startswith("local-") else text + "Z"
    if logical == "uuid":
        return str(value if isinstance(value, uuid.UUID) else uuid.UUID(bytes=value))
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if kind == "long" and abs(value) > MAX_SAFE:
        return str(value)
    return value


def from_json(schema, json, names=None):
    """A value for fastavro's writer, from its JSON."""
    names = named_types(schema) if names is None else names
    schema = names.get(schema, schema) if isinstance(schema, str) else schema
    kind = kind_of(schema)
    if kind == "union":
        if json is None:
            return None
        ((tag, item),) = json.items()
        return tag, from_json(next(branch for branch in schema if tag_of(branch) == tag), item, names)
    if kind in ("record", "error"):
        return {field["name"]: from_json(field["type"], json[field["name"]], names) for field in schema["fields"]}
    if kind == "array":
        return [from_json(schema["items"], item, names) for item in json]
    if kind == "map":
        return {key: from_json(schema["values"], item, names) for key, item in json.items()}
    logical = logical_of(schema)
    if logical == "decimal":
        return decimal.Decimal(json)
    if logical == "date":
        return datetime.date.fromisoformat(json)
    if logical.startswith("time-"):
        return datetime.time.fromisoformat(json)
    if logical.endswith("timestamp-nanos"):
        seconds, nanos = json.removesuffix("Z").split(".")
        since = datetime.datetime.fromisoformat(seconds) - EPOCH
        return (since.days * 86_400 + since.seconds) * NANOS + int(nanos)
    if "timestamp-" in logical:
        return datetime.datetime.fromisoformat(json)
    if logical == "uuid":
        return uuid.UUID(json) if kind == "string" else uuid.UUID(json).bytes
    if kind in ("bytes", "fixed"):
        return base64.b64decode(json)
    if kind == "long":
        return int(json)
    if kind in ("float", "double"):
        return float(json)
    return json
