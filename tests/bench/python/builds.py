"""What building and linking a peer costs: CPU seconds, peak memory, size, crates, lines."""

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import time

import build

# The floor speaks HTTP/1.1; the others speak HTTP/2 too, where a server does.
VARIANTS = {
    "ours": ("ours", [], True),
    "floor": ("floor", [], True),
    "floor with HTTP/2": ("floor", ["http2"], True),
    "floor without TLS": ("floor", [], False),
    "official": ("official", [], True),
}


def run(command, **options):
    """Runs a command, and returns its CPU seconds and peak memory, children included."""
    start = time.monotonic()
    process = subprocess.Popen(command, **options)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit code {process.returncode}")
    seconds = time.monotonic() - start
    return {"cpu_seconds": used.ru_utime + used.ru_stime, "peak_rss_mb": used.ru_maxrss / 1024, "seconds": seconds}


def measure(variants=tuple(VARIANTS), repetitions=3):
    """Builds each variant from nothing, and again after main.rs was touched, for debugging and for release."""
    found = {}
    for variant in variants:
        peer, features, default_features = VARIANTS[variant]
        target = build.TARGET / "clean"
        for profile in ("dev", "release"):
            shutil.rmtree(target, ignore_errors=True)
            command = build.cargo(peer, *features, profile=profile, default_features=default_features, target=target)
            figures = {"clean": run(command)}
            again = []
            for _ in range(repetitions):
                (build.BENCH / peer / "src/main.rs").touch()
                again.append(run(command)["cpu_seconds"])
            figures["touched_cpu_seconds"] = statistics.median(again)
            found.setdefault(variant, {})[profile] = figures
            print(f"{variant}, {profile}: {figures}", flush=True)
        shutil.rmtree(target, ignore_errors=True)
    return found


def sizes(variants=tuple(VARIANTS)):
    """Returns the size of each variant's program without symbols, its crates, and the lines of the crate that knows the service."""
    found = {}
    for variant in variants:
        peer, features, default_features = VARIANTS[variant]
        found[variant] = {
            f"{profile}_bytes": build.stripped_size(
                build.program(peer, *features, profile=profile, default_features=default_features)
            )
            for profile in ("release", "small")
        }
        found[variant]["lines"] = service_lines(peer)
        found[variant]["crates"] = len(build.crates(peer, *features, default_features=default_features))
        print(f"{variant}: {found[variant]}", flush=True)
    return found


def service_lines(peer):
    """Returns how many lines of code there are that know the service."""
    if peer == "floor":
        files = [build.BENCH / "floor/src/calls.rs"]
    elif peer == "ours":
        files = (build.ROOT / "generated/logs/src").rglob("*.rs")
    else:
        command = ["cargo", "metadata", "--format-version", "1", "--manifest-path", str(build.BENCH / "Cargo.toml")]
        packages = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["packages"]
        manifest = next(package["manifest_path"] for package in packages if package["name"] == "aws-sdk-cloudwatchlogs")
        files = (pathlib.Path(manifest).parent / "src").rglob("*.rs")
    return sum(len(file.read_text().splitlines()) for file in files)
