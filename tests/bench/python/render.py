"""Makes the report of what the steps found: Markdown, HTML, and the plots."""

import datetime
import os
import platform
import re
import statistics

import markdown

import bars
import build
import load
import plots

STYLE = """body { font: 15px/1.5 sans-serif; max-width: 70em; margin: 2em auto; padding: 0 1em; }
table { border-collapse: collapse; } th, td { border: 1px solid #bbb; padding: .2em .6em; text-align: right; }
th:first-child, td:first-child { text-align: left; } img { max-width: 100%; }"""

# What a section shows, in the order of the report.
SECTIONS = {}


def write(results, folder):
    """Writes report.md, report.html and the plots into a folder."""
    text = "\n".join([*_head(), *bars.table(results)])
    for step, section in SECTIONS.items():
        if step in results:
            text += "\n".join(["", *section(results[step], folder), ""])
    (folder / "report.md").write_text(text)
    body = markdown.markdown(text, extensions=["tables", "fenced_code"])
    page = f"<!doctype html><meta charset=utf-8><title>Benchmark</title><style>{STYLE}</style>{body}"
    (folder / "report.html").write_text(page)
    print(f"written: {folder / 'report.md'}, {folder / 'report.html'}")


def _head():
    lock = (build.BENCH / "Cargo.lock").read_text()
    packages = ("aws-sdk-cloudwatchlogs", "aws-sigv4", "hyper", "rustls", "serde_json", "tokio")
    # The official SDK brings old versions of some along; the last is the newest.
    version = {name: re.findall(f'name = "{name}"\nversion = "(.+)"', lock)[-1] for name in packages}
    versions = [f"{name} {version[name]}" for name in packages]
    return [
        "# What a client costs",
        "",
        f"{datetime.date.today()}, {os.cpu_count()} cores, {platform.machine()}, {build.compiler()}; {', '.join(versions)}.",
        "",
        "`ours` is the generated client, `official` the official SDK with its default features, `floor` the same three operations by hand with hyper,",
        "aws-sigv4 and serde_json. The floor speaks HTTP/1.1; ours and the official SDK can speak HTTP/2 too, which the server does not offer. Client and server",
        "have a core each, the client one thread. PutLogEvents and GetLogEvents carry 1,000 events of 200 bytes, each copied into the request, or looked",
        "at in the answer.",
        "",
    ]


def section(step):
    def register(function):
        SECTIONS[step] = function
        return function

    return register


def table(heads, rows):
    lines = [heads, ["---"] * len(heads), *rows]
    return [f"| {' | '.join(str(cell) for cell in line)} |" for line in lines]


def ratios(ours, others):
    """Returns the median of the ratios of each round, and how far they spread."""
    found = [one / other for one, other in zip(ours, others)]
    return f"{statistics.median(found):.2f} ({min(found):.2f} to {max(found):.2f})"


@section("instructions")
def _instructions(found, _folder):
    rows = [
        [load.OPERATIONS[operation], peer, f"{figures['total']:,.0f}", f"{figures['besides_sha256']:,.0f}"]
        for operation in load.OPERATIONS
        for peer, figures in ((peer, found[peer][operation]) for peer in found)
    ]
    lines = ["## Instructions per request", "", "Counted by callgrind, which has no SHA instructions: real processors hash faster.", ""]
    lines += table(["operation", "peer", "all", "besides SHA-256"], rows)
    for operation, name in load.OPERATIONS.items():
        lines += ["", f"### {name}: the dearest functions", ""]
        dearest = [found[peer][operation]["dearest"] for peer in ("ours", "floor")]
        rows = [[f"{mine[1]:,.0f}", _code(mine[0]), f"{theirs[1]:,.0f}", _code(theirs[0])] for mine, theirs in zip(*dearest)]
        lines += table(["ours", "", "floor", ""], rows)
    return lines


def _code(name):
    return f"`{name[:70]}`".replace("|", "/")


@section("allocations")
def _allocations(found, _folder):
    rows = [
        [name, *(f"{found[peer][operation][0]:,} / {found[peer][operation][1]:,}" for peer in found)]
        for operation, name in load.OPERATIONS.items()
    ]
    return ["## Allocations and bytes per request", "", *table(["operation", *found], rows)]


@section("throughput")
def _throughput(found, _folder):
    rows = []
    for case in found:
        rounds = case["rounds"]
        cpu = {peer: [one["cpu_seconds"] / one["requests"] * 1e6 for one in figures] for peer, figures in rounds.items()}
        for peer, figures in rounds.items():
            median = lambda key: statistics.median(one[key] for one in figures)
            rate = statistics.median(one["requests"] / one["seconds"] for one in figures)
            rows.append(
                [
                    f"{load.OPERATIONS[case['operation']]}, {case['scheme']}, {case['concurrency']}",
                    peer,
                    f"{rate:,.0f}",
                    f"{median('p50_micros'):,.0f} / {median('p99_micros'):,.0f}",
                    f"{statistics.median(cpu[peer]):,.0f}",
                    ratios(cpu["ours"], cpu[peer]) if peer != "ours" else "",
                    f"{median('peak_rss_kb') / 1024:.1f}",
                ]
            )
    heads = ["operation, scheme, at a time", "peer", "requests/s", "p50 / p99, µs", "CPU, µs", "CPU of ours : this", "peak RSS, MB"]
    return ["## Throughput, latency, CPU and memory", "", "Medians of rounds in alternation; ratios of each round, with their spread.", "", *table(heads, rows)]


@section("coldstart")
def _coldstart(found, _folder):
    rows = [
        [scheme, name, f"{figures['wall']:.2f} ({figures['wall_min']:.2f})", f"{figures['cpu']:.2f}"]
        for scheme, programs in found.items()
        for name, figures in programs.items()
    ]
    return ["## Start of the process to the first answer", "", *table(["", "peer", "ms, median (least)", "CPU ms"], rows)]


@section("builds")
def _builds(found, _folder):
    rows = [
        [
            variant,
            *(
                f"{figures[profile]['clean']['cpu_seconds']:.0f} / {figures[profile]['clean']['peak_rss_mb']:,.0f}"
                for profile in ("dev", "release")
            ),
            *(f"{figures[profile]['touched_cpu_seconds']:.2f}" for profile in ("dev", "release")),
        ]
        for variant, figures in found.items()
    ]
    heads = ["", "clean, debug: CPU s / peak MB", "clean, release", "main.rs touched, debug: CPU s", "release"]
    return ["## Builds", "", *table(heads, rows)]


@section("sizes")
def _sizes(found, _folder):
    rows = [
        [
            variant,
            f"{figures['release_bytes'] / 1000:,.0f}",
            f"{figures['small_bytes'] / 1000:,.0f}",
            figures["crates"],
            f"{figures['lines']:,}",
        ]
        for variant, figures in found.items()
    ]
    return ["## Programs", "", *table(["", "release, kB", "size-optimised, kB", "crates", "lines that know the service"], rows)]


@section("scaling")
def _scaling(found, folder):
    lines = ["## As work grows", ""]
    for operation, peers in found["events"].items():
        lines += [plots.lines(folder, f"events-{operation}", load.OPERATIONS[operation], "events", "CPU µs per request", peers), ""]
        lines += [*_growth("events", peers), ""]
    peers = found["concurrency"]
    lines += [plots.lines(folder, "concurrency", "AssociateKmsKey", "calls at a time", "CPU µs per request", peers), ""]
    return lines + _growth("calls at a time", peers)


def _growth(what, peers):
    numbers = list(next(iter(peers.values())))
    return table([what, *peers], [[number, *(f"{peers[peer][number]:,.1f}" for peer in peers)] for number in numbers])


@section("services")
def _services(found, folder):
    rows = [[number, f"{figures['cpu_seconds']:.0f}", f"{figures['bytes'] / 1000:,.0f}"] for number, figures in found.items()]
    series = {"ours": {number: figures["bytes"] / 1000 for number, figures in found.items()}}
    plot = plots.lines(folder, "services", "A program with several services", "services", "kB, stripped", series)
    return ["## Services in one program", "", plot, "", *table(["services", "clean release build, CPU s", "kB, stripped"], rows)]


@section("generator")
def _generator(found, folder):
    points = [(one["model_bytes"] / 1e6, one["cpu_seconds"]) for one in found]
    plot = plots.points(folder, "generator", f"Generating each of {len(found)} services", "model, MB", "CPU s", points)
    total = sum(cpu for _, cpu in points)
    return ["## Generator", "", f"{len(found)} services, {sum(size for size, _ in points):.1f} MB of models: {total:.1f} CPU s.", "", plot]
