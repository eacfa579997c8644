#!/usr/bin/env python3
"""Measures the peers, and writes target/bench/report.md, report.html and the plots: `bash tests/bench/run.sh [--quick] [--steps A,B]`.

Each step keeps what it found in target/bench/results, and the report is made of what is there: the long steps, `builds` above all,
need not run each time.
"""

import argparse
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "python"))

import build
import builds
import coldstart
import instructions
import load
import render
import scaling
import server
import throughput

RESULTS = build.TARGET / "results"
PEERS = ("ours", "floor", "official")
STEPS = ("builds", "sizes", "instructions", "allocations", "throughput", "coldstart", "scaling", "services", "generator")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, and none of the clean builds")
    parser.add_argument("--steps", help=f"which of {', '.join(STEPS)}, with commas between; all")
    arguments = parser.parse_args()
    quick = [step for step in STEPS if step not in ("builds", "services")]
    steps = arguments.steps.split(",") if arguments.steps else quick if arguments.quick else STEPS
    unknown = set(steps) - set(STEPS)
    if unknown:
        parser.error(f"no such step: {', '.join(sorted(unknown))}")
    RESULTS.mkdir(parents=True, exist_ok=True)
    for step in steps:
        print(f"== {step}", flush=True)
        found = globals()[f"step_{step}"](arguments.quick)
        (RESULTS / f"{step}.json").write_text(json.dumps(found, indent=1))
    results = {step: json.loads((RESULTS / f"{step}.json").read_text()) for step in STEPS if (RESULTS / f"{step}.json").exists()}
    render.write(results, build.TARGET)


def step_builds(_quick):
    return builds.measure()


def step_sizes(_quick):
    return builds.sizes()


def step_instructions(_quick):
    with server.running(build.server()) as (endpoint,):
        return {peer: {operation: _profile(peer, endpoint, operation) for operation in load.OPERATIONS} for peer in PEERS}


def _profile(peer, endpoint, operation):
    profile = instructions.profile(build.program(peer, "load"), endpoint, operation)
    return {"total": profile.total, "besides_sha256": profile.besides_sha256, "dearest": profile.dearest(12)}


def step_allocations(_quick):
    with server.running(build.server()) as (endpoint,):
        programs = {peer: build.program(peer, "count") for peer in PEERS}
        return {
            peer: {operation: load.allocations(program, endpoint, operation) for operation in load.OPERATIONS}
            for peer, program in programs.items()
        }


def step_throughput(quick):
    programs = {peer: build.program(peer, "load") for peer in PEERS}
    with _with_tls() as (endpoints, environment):
        return throughput.measure(programs, endpoints, 3 if quick else 9, environment)


def step_coldstart(quick):
    programs = {
        "ours": build.program("ours"),
        "floor": build.program("floor"),
        "floor without TLS": build.program("floor", default_features=False),
        "official": build.program("official"),
    }
    repetitions = 20 if quick else 100
    with _with_tls() as ((plain, tls), environment):
        core = throughput.CLIENT_CORE
        found = {"http": coldstart.measure(programs, plain, repetitions, core, environment)}
        del programs["floor without TLS"]
        return found | {"https": coldstart.measure(programs, tls, repetitions, core, environment)}


def step_scaling(quick):
    programs = {peer: build.program(peer, "load") for peer in PEERS}
    rounds = 1 if quick else 3
    with server.running(build.server(), throughput.SERVER_CORE) as (endpoint,):
        return {
            "events": scaling.events(programs, endpoint, rounds),
            "concurrency": scaling.concurrency(programs, endpoint, rounds),
        }


def step_services(_quick):
    return scaling.services()


def step_generator(_quick):
    return scaling.generator()


class _with_tls:
    """The server with both endpoints, and an environment that trusts it beside the system's authorities."""

    def __enter__(self):
        authority = build.TARGET / "authority.pem"
        self.running = server.running(build.server(), throughput.SERVER_CORE, authority)
        endpoints = self.running.__enter__()
        trusted = build.TARGET / "trusted.pem"
        system = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
        trusted.write_text((system.read_text() if system.exists() else "") + authority.read_text())
        return endpoints, os.environ | {"SSL_CERT_FILE": str(trusted)}

    def __exit__(self, *failure):
        return self.running.__exit__(*failure)


if __name__ == "__main__":
    main()
