#!/usr/bin/env python3
"""Shows where the instructions of a request go, ours beside the floor's: `python3 tests/bench/profile.py OPERATION [PEER...]`.

Builds what it needs below target/bench. Needs valgrind.
"""

import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "python"))

import build
import instructions
import server


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("operation", help="associate-kms-key, put-log-events or get-log-events")
    parser.add_argument("peers", nargs="*", default=["ours", "floor"])
    parser.add_argument("--functions", type=int, default=30, help="how many functions to list (30)")
    parser.add_argument("--requests", type=int, help="how many requests to count")
    arguments = parser.parse_args()
    with server.running(build.server(tls=False)) as (endpoint,):
        for peer in arguments.peers:
            found = instructions.profile(build.program(peer, "load"), endpoint, arguments.operation, arguments.requests)
            print(f"{peer}: {arguments.operation}: {found.total:,.0f} instructions, {found.besides_sha256:,.0f} besides SHA-256")
            for name, count in found.dearest(arguments.functions):
                print(f"{count:12,.0f}  {name}")


if __name__ == "__main__":
    main()
