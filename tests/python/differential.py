"""Compares generated clients with botocore: random inputs, outputs and errors of every operation, seeded.

    python differential.py MODELS DRIVER [--seed N] [--cases N] [SERVICE...]

MODELS is the folder of models. DRIVER is the program that tests/examples/differential.rs writes: it answers what
generated types make of wire JSON. Exits with 1 if anything differs; each difference is printed with service, operation,
path and both values.
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys

import botocore.model
import botocore.parsers
import botocore.serialize

import random_values

PARSER = botocore.parsers.create_parser("json")
MAX_PRINTED = 50


class Report:
    def __init__(self):
        self.counts = {"operations": 0, "inputs": 0, "outputs": 0, "errors": 0}
        self.differences = 0

    def difference(self, place, path, theirs, ours):
        self.differences += 1
        if self.differences <= MAX_PRINTED:
            print(f"{place}: {path or '(all)'}: botocore has {theirs!r}, we have {ours!r}")


def compare(report, place, theirs, ours, path=""):
    """Notes each place where two values differ. Numbers are equal by value; true is no number."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for name in sorted(set(theirs) | set(ours), key=str):
            missing = "(nothing)"
            compare(report, place, theirs.get(name, missing), ours.get(name, missing), f"{path}.{name}".lstrip("."))
    elif isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        for at, (one, other) in enumerate(zip(theirs, ours)):
            compare(report, place, one, other, f"{path}[{at}]")
    elif isinstance(theirs, bool) != isinstance(ours, bool) or theirs != ours:
        report.difference(place, path, theirs, ours)


class Questions:
    """Collects questions, asks the driver all of them at once, and gives each answer to whoever asked."""

    def __init__(self, driver):
        self.driver = driver
        self.pending = []

    def ask(self, question, judge):
        self.pending.append((json.dumps(question), judge))

    def settle(self):
        lines = "".join(question + "\n" for question, _ in self.pending)
        run = subprocess.run([self.driver], input=lines, capture_output=True, text=True, check=False)
        answers = run.stdout.splitlines()
        if run.returncode != 0 or len(answers) != len(self.pending):
            raise SystemExit(f"the driver gave {len(answers)} answers of {len(self.pending)}:\n{run.stderr}")
        for (_, judge), answer in zip(self.pending, answers):
            judge(json.loads(answer))
        self.pending = []


def check_input(report, questions, service, operation, values):
    params = values.input(operation.input_shape) if operation.input_shape else {}
    serializer = botocore.serialize.create_serializer("json", include_validation=False)
    request = serializer.serialize_to_request(params, operation)
    body = request["body"] or b"{}"
    body = body.decode() if isinstance(body, bytes) else body
    place = f"{service.service_name}.{operation.name} input"
    report.counts["inputs"] += 1

    def judge(answer):
        if "err" in answer:
            return report.difference(place, "", body, answer["err"])
        compare(report, place, json.loads(body), json.loads(answer["ok"]))
        headers = request["headers"]
        compare(report, place, headers["X-Amz-Target"], answer["target"], "X-Amz-Target")
        compare(report, place, headers["Content-Type"], answer["content_type"], "Content-Type")

    ask(questions, service, operation, "input", body, judge)


def check_output(report, questions, service, operation, values):
    shape = operation.output_shape
    body = json.dumps(values.wire(shape))
    theirs = parse(body, shape)
    place = f"{service.service_name}.{operation.name} output"
    report.counts["outputs"] += 1

    def judge(answer):
        if "err" in answer:
            return report.difference(place, "", body, answer["err"])
        compare(report, place, theirs, parse(answer["ok"], shape))

    ask(questions, service, operation, "output", body, judge)


def ask(questions, service, operation, kind, body, judge):
    question = {"service": service.service_name, "operation": operation.name, "kind": kind, "body": body}
    questions.ask(question, judge)


def parse(body, shape):
    response = {"status_code": 200, "headers": {}, "body": body.encode()}
    parsed = PARSER.parse(response, shape)
    del parsed["ResponseMetadata"]
    return parsed


def check_error(report, questions, service, shape, values):
    """Compares the members with what botocore finds, and the code with the rule: the header, else `code`, else `__type`;
    up to the first colon, then after the last number sign."""
    code = shape.name
    members = {name: value for name, value in values.wire(shape).items() if name != "__type"}
    dressed = values.rng.choice([code, f"com.example#{code}", f"{code}:http://example.com/", f"a.b#{code}:http://c/#d"])
    headers, body = values.rng.choice([
        ({"x-amzn-errortype": dressed}, {"__type": "com.example#Another", **members}),
        ({}, {"__type": dressed, **members}),
        ({}, {"code": dressed, "__type": "Another", **members}) if "code" not in shape.members else ({}, {"__type": dressed, **members}),
    ])
    metadata = service.metadata
    if "awsQueryCompatible" in metadata:
        headers["x-amzn-query-error"] = f"{shape.metadata.get('error', {}).get('code', code)};Sender"
    place = f"{service.service_name}.{code} error"
    theirs = parse_error(body, shape)
    expected_code = headers["x-amzn-query-error"].split(";")[0] if "x-amzn-query-error" in headers else code
    report.counts["errors"] += 1

    def judge(answer):
        compare(report, place, expected_code, answer["code"], "code")
        if "err" in answer or answer["ok"] is None:
            return report.difference(place, "", body, answer.get("err", "no exception"))
        compare(report, place, theirs, parse_error(json.loads(answer["ok"]), shape))

    question = {
        "service": service.service_name,
        "kind": "error",
        "status": values.rng.choice([400, 404, 500]),
        "headers": headers,
        "body": json.dumps(body),
    }
    questions.ask(question, judge)


def parse_error(body, shape):
    """Returns the members as botocore's parser finds them; it is asked as for an output, for its rules are the same."""
    return parse(json.dumps(body), shape)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("models", type=pathlib.Path)
    arguments.add_argument("driver")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--cases", type=int, default=20)
    arguments.add_argument("services", nargs="*")
    arguments = arguments.parse_intermixed_args()
    report = Report()
    folders = sorted(path.parent for path in arguments.models.glob("*/service.json"))
    folders = [folder for folder in folders if not arguments.services or folder.name in arguments.services]
    for folder in folders:
        questions = Questions(arguments.driver)
        # Each service has chance of its own, so that one can be run alone with the same values.
        values = random_values.Values(random.Random(f"{arguments.seed} {folder.name}"))
        service = botocore.model.ServiceModel(json.loads((folder / "service.json").read_text()), folder.name)
        for name in service.operation_names:
            operation = service.operation_model(name)
            if operation.has_event_stream_input or operation.has_event_stream_output:
                continue
            report.counts["operations"] += 1
            for _ in range(arguments.cases):
                check_input(report, questions, service, operation, values)
                if operation.output_shape is not None:
                    check_output(report, questions, service, operation, values)
        for shape in service.error_shapes:
            for _ in range(arguments.cases):
                check_error(report, questions, service, shape, values)
        questions.settle()
    counts = ", ".join(f"{count} {name}" for name, count in report.counts.items())
    print(f"{len(folders)} services, {counts}, seed {arguments.seed}: {report.differences} differences")
    sys.exit(1 if report.differences else 0)


if __name__ == "__main__":
    main()
