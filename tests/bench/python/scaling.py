"""What happens as work grows: more events, more calls at a time, more services in a program, larger models."""

import pathlib
import re
import shutil
import statistics
import subprocess

import build
import builds
import load
import throughput

EVENTS = (1, 10, 100, 1000, 10000)
CONCURRENCY = (1, 10, 100, 500, 1000, 2000)
SERVICES = (1, 2, 4, 8, 15)


def events(programs, endpoint, rounds):
    """CPU microseconds per request, by operation, peer and number of events."""
    return {
        operation: {
            name: {
                number: _cpu(program, endpoint, operation, max(20, min(2000, 200000 // number)), rounds, events=number)
                for number in EVENTS
            }
            for name, program in programs.items()
        }
        for operation in ("put-log-events", "get-log-events")
    }


def concurrency(programs, endpoint, rounds):
    """CPU microseconds per AssociateKmsKey, by peer and number of calls at a time."""
    return {
        name: {
            number: _cpu(program, endpoint, "associate-kms-key", 6000, rounds, concurrency=number, warm_up=2 * number)
            for number in CONCURRENCY
        }
        for name, program in programs.items()
    }


def _cpu(program, endpoint, operation, requests, rounds, warm_up=10, **options):
    core = throughput.CLIENT_CORE
    found = [load.run(program, endpoint, operation, requests, warm_up, core=core, **options) for _ in range(rounds)]
    return statistics.median(one["cpu_seconds"] / one["requests"] * 1e6 for one in found)


def services(numbers=SERVICES):
    """CPU seconds that building programs with so many of the committed services takes, and their sizes without symbols.

    All of them are built into one folder, the smallest first: what a program shares with those before is counted where it was
    built first, and added to those that follow.
    """
    folder = build.TARGET / "linked"
    shutil.rmtree(folder, ignore_errors=True)
    names = sorted(path.parent.name for path in (build.ROOT / "generated").glob("*/Cargo.toml"))
    found, spent = {}, 0
    for number in numbers:
        manifest = _write_program(folder / f"services-{number}", names[:number])
        command = ["cargo", "build", "--quiet", "--release", "--manifest-path", str(manifest)]
        spent += builds.run(command + ["--target-dir", str(folder / "target")])["cpu_seconds"]
        size = build.stripped_size(folder / f"target/release/services-{number}")
        found[number] = {"cpu_seconds": spent, "bytes": size}
        print(f"{number} services: {found[number]}", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    return found


def _write_program(folder, names):
    """Writes a program that sends one request to each service."""
    source = ["fn main() {", "    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();"]
    source += ["    let runtime = runtime.expect(\"a runtime\");"]
    dependencies = []
    for name in names:
        crate = build.ROOT / "generated" / name
        operations = (crate / "src/operations/mod.rs").read_text()
        operation = re.search(r"pub use \w+::\{?(\w+)", operations)[1]
        package = re.search(r'^name = "(.+)"', (crate / "Cargo.toml").read_text(), re.MULTILINE)[1]
        dependencies.append(f'{package} = {{ path = "{crate}" }}')
        library = package.replace("-", "_")
        source += [
            f"    let client = {library}::Client::builder().load_environment().build().expect(\"it is complete\");",
            f"    let request: {library}::{operation} = serde_json::from_str(\"{{}}\").expect(\"a request\");",
            "    println!(\"{:?}\", runtime.block_on(client.send(request)).is_ok());",
        ]
    (folder / "src").mkdir(parents=True)
    (folder / "src/main.rs").write_text("\n".join(source + ["}", ""]))
    manifest = [f'[package]\nname = "{folder.name}"\nversion = "0.0.0"\nedition = "2024"\n\n[dependencies]\nserde_json = "1"']
    manifest += ['tokio = { version = "1.54", features = ["rt", "net", "time"] }', *dependencies, "\n[workspace]\n"]
    (folder / "Cargo.toml").write_text("\n".join(manifest))
    shutil.copy2(build.BENCH / "Cargo.lock", folder / "Cargo.lock")
    return folder / "Cargo.toml"


def generator():
    """CPU seconds that generating each service takes, by the size of its model in bytes."""
    subprocess.run(["cargo", "build", "--quiet", "--release", "-p", "awsjson-codegen"], cwd=build.ROOT, check=True)
    out, found = build.TARGET / "generated", []
    for model in sorted((build.ROOT / "models").glob("*/service.json")):
        shutil.rmtree(out, ignore_errors=True)
        command = [str(build.ROOT / "target/release/awsjson"), "generate", "--out", str(out), model.parent.name]
        with open("/dev/null", "w") as quiet:
            ran = builds.run(command, stdout=quiet, cwd=build.ROOT)
        found.append({"service": model.parent.name, "model_bytes": pathlib.Path(model).stat().st_size, **ran})
    shutil.rmtree(out, ignore_errors=True)
    return found
