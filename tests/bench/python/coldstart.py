"""How long a program takes from its start to its first answer."""

import os
import statistics
import subprocess
import time


def measure(programs, endpoint, repetitions, core, environment):
    """Starts each program in turn, and returns the milliseconds of wall time and CPU of each until it has its first answer."""
    found = {name: {"wall": [], "cpu": []} for name in programs}
    for _ in range(repetitions):
        for name, program in programs.items():
            wall, cpu = _start(program, endpoint, core, environment)
            found[name]["wall"].append(wall)
            found[name]["cpu"].append(cpu)
    return {
        name: {what: statistics.median(values) for what, values in figures.items()} | {"wall_min": min(figures["wall"])}
        for name, figures in found.items()
    }


def _start(program, endpoint, core, environment):
    start = time.perf_counter()
    process = subprocess.Popen(
        [str(program), endpoint, "associate-kms-key"],
        stdout=subprocess.PIPE,
        env=environment,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )
    line = process.stdout.readline()
    wall = time.perf_counter() - start
    process.stdout.close()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0 or line != b"associate-kms-key\n":
        raise RuntimeError(f"{program} {endpoint}: exit code {process.returncode}")
    return wall * 1000, (used.ru_utime + used.ru_stime) * 1000
