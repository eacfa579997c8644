"""Runs load programs."""

import json
import subprocess

OPERATIONS = {"associate-kms-key": "AssociateKmsKey", "put-log-events": "PutLogEvents", "get-log-events": "GetLogEvents"}


def run(program, endpoint, operation, requests, warm_up=0, concurrency=1, events=1000, core=None, environment=None):
    """Sends requests, and returns what the program says about them."""
    command = [str(program), "--endpoint", endpoint, "--operation", operation, "--requests", str(requests)]
    command += ["--warm-up", str(warm_up), "--concurrency", str(concurrency), "--events", str(events)]
    command += [] if core is None else ["--core", str(core)]
    ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    return json.loads(ran.stdout)


def allocations(program, endpoint, operation, events=1000):
    """Returns how often a request allocates, and how many bytes, with a program that counts."""
    found = run(program, endpoint, operation, 100, warm_up=5, events=events)
    return found["allocations"], found["allocated_bytes"]
