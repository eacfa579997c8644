"""The bars that the client is to meet, each with what was measured."""

import statistics

import load


def table(results):
    """Returns the lines of a table: each bar, what was measured, and whether it was met."""
    rows = [row for step, check in CHECKS.items() if step in results for row in check(results[step])]
    lines = ["## Bars", "", "| what | of | measured | bar | |", "|---|---|---|---|---|"]
    return lines + [
        f"| {what} | {peer} | {measured:.3f} | {bar} | {'met' if measured <= bar else '**missed**'} |"
        for what, peer, measured, bar in rows
    ]


def _instructions(found):
    for operation, name in load.OPERATIONS.items():
        for peer, bar in (("floor", 1.1), ("official", 0.6)):
            for what, label in (("total", ""), ("besides_sha256", " besides SHA-256")):
                ratio = found["ours"][operation][what] / found[peer][operation][what]
                yield f"instructions{label}, {name}", peer, ratio, bar


def _allocations(found):
    ours, floor = (found[peer]["associate-kms-key"][0] for peer in ("ours", "floor"))
    yield "allocations, AssociateKmsKey: more than", "floor", ours - floor, 5


def _throughput(found):
    for case in found:
        cpu = {peer: [one["cpu_seconds"] for one in rounds] for peer, rounds in case["rounds"].items()}
        what = f"CPU, {load.OPERATIONS[case['operation']]}, {case['scheme']}, {case['concurrency']} at a time"
        many_small = case["operation"] == "associate-kms-key" and case["concurrency"] > 1
        for peer, bar in (("floor", 1.1), ("official", 0.3 if many_small else 0.6)):
            yield what, peer, statistics.median(one / other for one, other in zip(cpu["ours"], cpu[peer])), bar


def _builds(found):
    for profile, name, official in (("dev", "debug", 0.4), ("release", "release", 0.3)):
        clean = {variant: figures[profile]["clean"]["cpu_seconds"] for variant, figures in found.items()}
        for variant, bar in (("floor", 1.15), ("floor with HTTP/2", 1.15), ("official", official)):
            yield f"clean {name} build, CPU", variant, clean["ours"] / clean[variant], bar
        touched = {variant: figures[profile]["touched_cpu_seconds"] for variant, figures in found.items()}
        yield f"main.rs touched, {name}, CPU", "floor", touched["ours"] / touched["floor"], 1.1


def _sizes(found):
    for what, name in (("release_bytes", "release"), ("small_bytes", "size-optimised")):
        for variant, bar in (("floor", 1.15), ("floor with HTTP/2", 1.15), ("official", 0.4)):
            yield f"program, {name}", variant, found["ours"][what] / found[variant][what], bar


def _coldstart(found):
    plain, tls = found["http"], found["https"]
    yield "cold start, plain", "floor without TLS", plain["ours"]["wall"] / plain["floor without TLS"]["wall"], 1.3
    yield "cold start, plain", "floor", plain["ours"]["wall"] / plain["floor"]["wall"], 1
    yield "cold start, TLS", "floor", tls["ours"]["wall"] / tls["floor"]["wall"], 1


CHECKS = {
    "instructions": _instructions,
    "allocations": _allocations,
    "throughput": _throughput,
    "builds": _builds,
    "sizes": _sizes,
    "coldstart": _coldstart,
}
