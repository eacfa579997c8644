#!/usr/bin/env python3
"""Compares what the client costs with what is recorded in budget.json: `python3 tests/bench/budget.py [--record]`.

Fails where a figure has grown by more than its tolerance. `--record` takes the figures of today.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "python"))

import build
import instructions
import load
import server

RECORD = build.BENCH / "budget.json"

# By how much each kind of figure may grow.
TOLERANCE = {"instructions": 0.03, "allocations": 0.02, "allocated bytes": 0.05, "size": 0.03, "crates": 0.01, "lines": 0.03}

# Other compilers make other code; the other figures do not depend on them.
DEPEND_ON_COMPILER = {"instructions", "size"}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", action="store_true", help="write the figures down instead of comparing them")
    arguments = parser.parse_args()
    found = {"compiler": build.compiler(), "figures": figures()}
    recorded = json.loads(RECORD.read_text()) if RECORD.exists() else {"compiler": "", "figures": {}}
    if arguments.record:
        # What this machine cannot measure stays as it was.
        found["figures"] = recorded["figures"] | found["figures"]
        RECORD.write_text(json.dumps(found, indent=4, sort_keys=True) + "\n")
        print(f"recorded in {RECORD.relative_to(build.ROOT)}")
        return
    problems = compare(found, recorded)
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        sys.exit("if it is worth it: python3 tests/bench/budget.py --record")


def figures():
    """Measures everything: values by kind and name, such as `instructions: PutLogEvents`."""
    found = {
        "crates: all that a program with a client is compiled from": len(build.crates("ours")),
        "lines: generated code of logs": generated_lines(),
        "size: program with three operations, stripped": build.stripped_size(build.program("ours")),
    }
    measured, counting = build.program("ours", "load"), build.program("ours", "count")
    with server.running(build.server(tls=False)) as (endpoint,):
        for operation, name in load.OPERATIONS.items():
            number, allocated = load.allocations(counting, endpoint, operation)
            found[f"allocations: {name}"] = number
            found[f"allocated bytes: {name}"] = allocated
        if has_valgrind():
            for operation, name in load.OPERATIONS.items():
                profile = instructions.profile(measured, endpoint, operation)
                found[f"instructions: {name}, besides SHA-256"] = round(profile.besides_sha256)
    return found


def generated_lines():
    sources = build.ROOT / "generated/logs/src"
    written_by_hand = sources / "batch"
    files = [file for file in sources.rglob("*.rs") if written_by_hand not in file.parents]
    return sum(len(file.read_text().splitlines()) for file in files)


def has_valgrind():
    """Tells whether instructions can be counted; installs what that takes where that is possible."""
    if shutil.which("valgrind") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "valgrind"]):
            subprocess.run(command, stdout=subprocess.DEVNULL)
    if shutil.which("valgrind") is None:
        print("instructions are not counted: there is no valgrind here")
        return False
    return True


def compare(found, recorded):
    """Prints all figures; returns those that grew too much, or are recorded nowhere."""
    problems = []
    for name, value in found["figures"].items():
        kind = name.split(":")[0]
        old = recorded["figures"].get(name)
        if old is None:
            problems.append(f"{name}: {value:,}, and nothing is recorded")
            continue
        change = value / old - 1
        print(f"{name}: {value:,} ({change:+.1%})")
        if abs(change) <= TOLERANCE[kind]:
            continue
        if kind in DEPEND_ON_COMPILER and found["compiler"] != recorded["compiler"]:
            print(f"    {old:,} are recorded, with another compiler: {recorded['compiler']}")
        elif change > 0:
            problems.append(f"{name}: {value:,}, {old:,} are recorded: {change:+.1%}, {TOLERANCE[kind]:.0%} are allowed")
        else:
            print(f"    {old:,} are recorded: record this: python3 tests/bench/budget.py --record")
    return problems


if __name__ == "__main__":
    main()
