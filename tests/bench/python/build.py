"""Builds the programs that are measured, below target/bench."""

import pathlib
import shutil
import subprocess

BENCH = pathlib.Path(__file__).resolve().parent.parent
ROOT = BENCH.parent.parent
TARGET = ROOT / "target/bench"


def cargo(peer, *features, profile="release", default_features=True, target=None):
    """Returns the command that builds a peer."""
    command = ["cargo", "build", "--quiet", "--profile", profile, "--manifest-path", str(BENCH / "Cargo.toml")]
    command += ["-p", f"bench-{peer}", "--target-dir", str(target or TARGET / "build" / peer)]
    command += [] if default_features else ["--no-default-features"]
    return command + ([f"--features={','.join(features)}"] if features else [])


def program(peer, *features, **options):
    """Builds a peer's load program (`load`, or `count`), or its plain program, and returns a copy that later builds leave alone."""
    subprocess.run(cargo(peer, *features, **options), check=True)
    profile = options.get("profile", "release")
    folder = TARGET / "build" / peer / {"dev": "debug"}.get(profile, profile)
    measured = {"load", "count"} & set(features)
    built = folder / (f"load-{peer}" if measured else f"bench-{peer}")
    name = "-".join([peer, profile, *features] + ([] if options.get("default_features", True) else ["bare"]))
    copy = TARGET / "programs" / name
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.unlink(missing_ok=True)
    shutil.copy2(built, copy)
    return copy


def server(tls=True):
    """Builds the server. Without TLS it is built fast rather than fast when it runs."""
    return program("server") if tls else program("server", profile="dev", default_features=False)


def stripped_size(binary):
    """Returns the size of a program without symbols, in bytes."""
    stripped = binary.with_name(f"{binary.name}.stripped")
    subprocess.run(["strip", "-o", str(stripped), str(binary)], check=True)
    return stripped.stat().st_size


def crates(peer, *features, default_features=True):
    """Returns the crates that a peer's program is compiled from, with those that only run while it is compiled."""
    command = ["cargo", "tree", "--quiet", "--manifest-path", str(BENCH / "Cargo.toml"), "-p", f"bench-{peer}"]
    command += ["--edges", "normal,build", "--prefix", "none", "--format", "{p}", "--no-dedupe"]
    command += [] if default_features else ["--no-default-features"]
    command += [f"--features={','.join(features)}"] if features else []
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return sorted({" ".join(line.split()[:2]) for line in lines if line} - {f"bench-{peer} v0.0.0"})


def compiler():
    """Returns the version of the compiler."""
    return subprocess.run(["rustc", "--version"], check=True, capture_output=True, text=True).stdout.strip()
