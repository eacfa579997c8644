"""Requests per second, latency, CPU and memory of each peer, in alternation."""

import itertools

import load

CLIENT_CORE = 1
SERVER_CORE = 0

# How many requests a round sends.
REQUESTS = {"associate-kms-key": 4000, "put-log-events": 400, "get-log-events": 400, "get-log-events-shared": 400}


def measure(programs, endpoints, rounds, environment, operations=tuple(load.OPERATIONS), concurrencies=(1, 32)):
    """Returns the figures of each round, by peer, for each operation, endpoint and concurrency."""
    found = []
    cases = itertools.product(operations, endpoints, concurrencies)
    for operation, endpoint, concurrency in cases:
        peers = {name: [] for name in programs}
        for _ in range(rounds):
            for name, program in programs.items():
                peers[name].append(
                    load.run(
                        program,
                        endpoint,
                        operation,
                        REQUESTS[operation],
                        warm_up=REQUESTS[operation] // 10,
                        concurrency=concurrency,
                        core=CLIENT_CORE,
                        environment=environment,
                    )
                )
        scheme = endpoint.split(":")[0]
        found.append({"operation": operation, "scheme": scheme, "concurrency": concurrency, "rounds": peers})
        print(f"{operation}, {scheme}, {concurrency} at a time", flush=True)
    return found
