#!/usr/bin/env python3
"""Shows where the instructions of a request go, ours beside the floor's: `python3 tests/bench/profile.py OPERATION [PEER...]`.

Builds what it needs below target/bench. Needs valgrind.
"""

import argparse
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "python"))

import instructions
import server

BUILD = HERE.parent.parent / "target/bench/build"


def build(peer, *features):
    """Builds a load program, or the server, and returns where it is."""
    command = ["cargo", "build", "--quiet", "--release", "--manifest-path", str(HERE / "Cargo.toml"), "-p", f"bench-{peer}"]
    command += ["--target-dir", str(BUILD / peer)] + [argument for feature in features for argument in ("--features", feature)]
    subprocess.run(command, check=True)
    return BUILD / peer / "release" / (f"load-{peer}" if features else f"bench-{peer}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("operation", help="associate-kms-key, put-log-events or get-log-events")
    parser.add_argument("peers", nargs="*", default=["ours", "floor"])
    parser.add_argument("--functions", type=int, default=30, help="how many functions to list (30)")
    parser.add_argument("--requests", type=int, help="how many requests to count")
    arguments = parser.parse_args()
    requests = arguments.requests or (200 if arguments.operation == "associate-kms-key" else 10)
    with server.running(build("server")) as (endpoint,):
        for peer in arguments.peers:
            found = instructions.profile(build(peer, "load"), endpoint, arguments.operation, requests)
            print(f"{peer}: {arguments.operation}: {found.total:,.0f} instructions, {found.besides_sha256:,.0f} besides SHA-256")
            for name, count in found.dearest(arguments.functions):
                print(f"{count:12,.0f}  {name}")


if __name__ == "__main__":
    main()
