"""Instructions per request, counted by callgrind.

A program is run with N and with 2 N requests, single-threaded; the difference, divided by N, leaves out its start and its end.
The same binary gives the same number to about one in a thousand, whatever else the machine does.
"""

import os
import pathlib
import re
import subprocess
import tempfile

# Software SHA-256: callgrind knows none of the processor's instructions for it, and real programs use those.
SHA256 = re.compile(r"sha2::|sha256", re.IGNORECASE)


class Profile:
    """Instructions per request, by function."""

    def __init__(self, functions):
        self.functions = functions

    @property
    def total(self):
        return sum(self.functions.values())

    @property
    def sha256(self):
        return sum(count for name, count in self.functions.items() if SHA256.search(name))

    @property
    def besides_sha256(self):
        return self.total - self.sha256

    def dearest(self, number):
        return sorted(self.functions.items(), key=lambda item: -item[1])[:number]


def profile(program, endpoint, operation, requests=None, events=1000):
    """Returns what one request costs. The number of requests has a default for each operation, for figures that are compared."""
    requests = requests or (200 if operation == "associate-kms-key" else 10)
    with tempfile.TemporaryDirectory() as folder:
        runs = [_run(program, endpoint, operation, number, events, folder) for number in (requests, 2 * requests)]
    few, many = runs
    return Profile({name: (count - few.get(name, 0)) / requests for name, count in many.items()})


def _run(program, endpoint, operation, requests, events, folder):
    out = pathlib.Path(folder) / f"callgrind.{requests}"
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--compress-strings=no", "--compress-pos=no"]
    command += [str(program), "--endpoint", endpoint, "--operation", operation, "--warm-up", "5"]
    command += ["--requests", str(requests), "--events", str(events)]
    # The size of the environment moves the stack, and with it a few instructions.
    ran = subprocess.run(command, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True)
    if ran.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {ran.stderr}")
    return _self_costs(out)


def _self_costs(file):
    """Reads a profile of callgrind: the instructions of each function itself."""
    costs, name, called = {}, None, False
    for line in file.read_text().splitlines():
        if line.startswith("fn="):
            name = line[3:]
        elif line.startswith("calls="):
            # The line that follows is the cost of the function that was called.
            called = True
        elif name and line[:1].isdigit():
            if not called:
                costs[name] = costs.get(name, 0) + int(line.split()[1])
            called = False
    return costs
