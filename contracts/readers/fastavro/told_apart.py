"""Unions whose branches are told apart when fastavro reads them.

fastavro names the branch of a value where it is a named type; others differ by their Python type. But an int and a long
are both an int, a float and a double both a float. So each branch of such a union is put into a record of its own, which
takes no byte and has a name.
"""

import itertools

from edge_json import BRANCH, kind_of

# Kinds that have one Python type.
ALIKE = ({"int", "long"}, {"float", "double"})


def told_apart(schema):
    """The same schema, as far as its bytes are concerned."""
    numbers = itertools.count()

    def wrapped(branch):
        if kind_of(branch) not in ("int", "long", "float", "double"):
            return walk(branch)
        return {"type": "record", "name": f"{BRANCH}{next(numbers)}", "fields": [{"name": "value", "type": branch}]}

    def walk(part):
        if isinstance(part, list):
            kinds = {kind_of(branch) for branch in part}
            return [wrapped(branch) if any(alike <= kinds for alike in ALIKE) else walk(branch) for branch in part]
        if not isinstance(part, dict):
            return part
        inner = {key: walk(part[key]) for key in ("items", "values") if key in part}
        if "fields" in part:
            inner["fields"] = [{"name": field["name"], "type": walk(field["type"])} for field in part["fields"]]
        # "type" may itself be a definition.
        if isinstance(part["type"], (dict, list)):
            inner["type"] = walk(part["type"])
        return {**part, **inner}

    return walk(schema)
