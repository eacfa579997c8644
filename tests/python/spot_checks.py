"""Compares what `awsjson diff` found with the raw models of two botocore wheels.

    awsjson diff OLD NEW --format json > findings.json
    python3 tests/python/spot_checks.py OLD.whl NEW.whl findings.json [--seed N] [--count N]

Findings drawn at random are looked up in both wheels, and each operation, member of a request and exception that the wheels
add or lose is looked for among the findings.
"""

import argparse
import gzip
import json
import random
import re
import zipfile


def models(path, services):
    """Returns the newest model of each service."""
    wheel = zipfile.ZipFile(path)
    newest = {}
    for name in sorted(wheel.namelist()):
        match = re.fullmatch(r"botocore/data/([^/]+)/[^/]+/service-2\.json\.gz", name)
        if match and match[1] in services:
            newest[match[1]] = name
    return {service: json.loads(gzip.decompress(wheel.read(name))) for service, name in newest.items()}


def flat(text):
    """Returns a name without what Rust's conventions change."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


def names(model):
    """Returns what a model names: operations, members and enum values with the shapes that they belong to, and shapes."""
    found = set()
    requests = {}
    for operation, facts in model["operations"].items():
        found.add(flat(operation))
        if "input" in facts:
            requests.setdefault(facts["input"]["shape"], []).append(operation)
        if "output" in facts:
            requests.setdefault(facts["output"]["shape"], []).append(operation + "Output")
    for shape, facts in model["shapes"].items():
        owners = [shape, *requests.get(shape, [])]
        for owner in owners:
            found.add(flat(owner))
            for member in facts.get("members", {}):
                found.add(flat(owner) + "." + flat(member))
            for value in facts.get("enum", []):
                found.add(flat(owner) + "." + flat(value))
    return found


def path_of(what):
    """Returns a finding's path in the form of `names`."""
    what = re.sub(r"^(exceptions::Exception::|types::|exceptions::)", "", what)
    return ".".join(flat(part) for part in re.split(r"\.|::", what))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("findings")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=30)
    options = parser.parse_args()
    diffs = json.load(open(options.findings))
    services = {diff["service"] for diff in diffs}
    old, new = models(options.old, services), models(options.new, services)
    before = {service: names(model) for service, model in old.items()}
    after = {service: names(model) for service, model in new.items()}

    # Whatever appears or vanishes can be looked up by its name.
    candidates = [
        (diff["service"], finding)
        for diff in diffs
        for finding in diff["findings"]
        if ("old" in finding) != ("new" in finding) and re.fullmatch(r"[\w:.]+", finding["what"])
        # Setters come and go with what is optional, not with members.
        and not re.search(r"::[a-z]\w*$", finding["what"])
        and "waiters::" not in finding["what"] and "deprecated" not in (finding.get("old"), finding.get("new")) and finding["what"] != diff["service"]
    ]
    wrong = []
    for service, finding in random.Random(options.seed).sample(candidates, min(options.count, len(candidates))):
        path = path_of(finding["what"])
        was, is_ = path in before.get(service, ()), path in after.get(service, ())
        right = (was, is_) == ("old" in finding, "new" in finding)
        print(f"{'ok   ' if right else 'WRONG'} {finding['class']:13} {service} {finding['what']}")
        if not right:
            wrong.append(finding)

    told = {(diff["service"], path_of(finding["what"])) for diff in diffs for finding in diff["findings"]}
    missed = []
    changes = 0
    # A service that begins to speak awsJson is new as a whole.
    whole = {diff["service"] for diff in diffs if any(finding["what"] == diff["service"] for finding in diff["findings"])}
    for service in (services - whole) & old.keys() & new.keys():
        mine, theirs = old[service]["operations"], new[service]["operations"]
        for operation in mine.keys() ^ theirs.keys():
            changes += 1
            if (service, flat(operation)) not in told:
                missed.append(f"{service} {operation}")
        for operation in mine.keys() & theirs.keys():
            members = []
            for model, facts in ((old, mine), (new, theirs)):
                shape = facts[operation].get("input", {}).get("shape")
                members.append(model[service]["shapes"].get(shape, {}).get("members", {}).keys())
            for member in members[0] ^ members[1]:
                changes += 1
                if (service, f"{flat(operation)}.{flat(member)}") not in told:
                    missed.append(f"{service} {operation} {member}")
    print(f"{len(wrong)} of {options.count} findings are wrong; {len(missed)} of {changes} raw changes of operations and inputs are missed")
    for miss in missed:
        print("missed", miss)
    raise SystemExit(bool(wrong or missed))


if __name__ == "__main__":
    main()
