#!/usr/bin/env python3
"""Imports the protocol test cases that botocore's source distribution ships, as data without prose.

    python3 tests/conformance/import.py BOTOCORE_SDIST_FOLDER

Writes tests/conformance/<protocol>.json: one service model with the operations and shapes of every suite, and
the cases. Fails when two suites disagree about a shape.
"""

import json
import pathlib
import sys

SUITES = [
    ("json.json", "awsjson-1.1.json"),
    ("json_1_0.json", "awsjson-1.0.json"),
    ("json_1_0-query-compatible.json", "awsjson-1.0-query-compatible.json"),
]
PROSE = {"documentation", "description"}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    cases = pathlib.Path(sys.argv[1]) / "tests/unit/protocols"
    if not cases.is_dir():
        sys.exit(f"{cases} does not exist: name the unpacked source distribution of botocore")
    here = pathlib.Path(__file__).parent
    for source, target in SUITES:
        suites = {kind: json.loads((cases / kind / source).read_text()) for kind in ("input", "output")}
        text = json.dumps(convert(suites), indent=1, sort_keys=True, ensure_ascii=False)
        (here / target).write_text(text + "\n")
        print(f"{target}: {sum(len(s['cases']) for suite in suites.values() for s in suite)} cases")


def convert(suites):
    metadata, shapes, operations = None, {}, {}
    converted = {"input": [], "output": []}
    for kind, suite in suites.items():
        for part in suite:
            metadata = metadata or dict(part["metadata"])
            for name, shape in part["shapes"].items():
                merge_shape(shapes, name, strip(shape))
            for case in part["cases"]:
                operation = strip(case["given"])
                merge_operation(operations, operation)
                converted[kind].append(convert_case(kind, case, operation["name"], part))
    metadata.update(
        endpointPrefix="jsonprotocol",
        serviceFullName="the awsJson protocol tests",
        serviceId="Json Protocol",
        uid="json-protocol",
    )
    model = {"metadata": metadata, "operations": operations, "shapes": shapes}
    return {"model": model, **converted}


def strip(value):
    """Removes prose; members that are named like it have an object as value."""
    if isinstance(value, dict):
        return {k: strip(v) for k, v in value.items() if not (k in PROSE and isinstance(v, str))}
    if isinstance(value, list):
        return [strip(v) for v in value]
    return value


def merge_shape(shapes, name, shape):
    if shapes.setdefault(name, shape) != shape:
        sys.exit(f"two suites disagree about the shape {name}")


def merge_operation(operations, operation):
    known = operations.setdefault(operation["name"], operation)
    for key, value in operation.items():
        if key == "errors":
            errors = known.setdefault("errors", [])
            errors.extend(error for error in value if error not in errors)
        elif known.setdefault(key, value) != value:
            sys.exit(f"two suites disagree about {key} of {operation['name']}")


def convert_case(kind, case, operation, suite):
    converted = {"id": case["id"], "operation": operation}
    if "clientEndpoint" in suite:
        converted["clientEndpoint"] = suite["clientEndpoint"]
    keys = ("params", "serialized") if kind == "input" else ("response", "result", "error", "errorCode", "errorMessage")
    converted.update((key, case[key]) for key in keys if key in case)
    return converted


main()
