#!/usr/bin/env python3
"""Holds the JSON report against docs/report.schema.json with the jsonschema
package, and SARIF and JUnit against what Python's own parsers take.

usage: report_schema.py REPORT_SAMPLE SCHEMA [SARIF_SCHEMA]

REPORT_SAMPLE prints the fixtures of tests/unit/report. Exits 77 (skipped) when
jsonschema is not installed or knows no draft 2020-12.
"""
import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

try:
    from jsonschema import Draft4Validator, Draft202012Validator
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)


def refuse_duplicates(pairs):
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), f"duplicate key among {keys}"
    return dict(pairs)


def render(program, report, form, verbose):
    command = [program, report, form] + (["verbose"] if verbose else [])
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.decode("utf-8")


def complain(validator, document, name):
    errors = list(validator.iter_errors(document))
    for error in errors:
        print(f"{name}: {error.json_path}: {error.message[:300]}")
    return len(errors)


def negative(validator, document):
    """The schema must refuse what it is there to refuse."""
    faults = 0
    for change in (
        lambda d: d.pop("verdict"),
        lambda d: d.update(verdict="fine"),
        lambda d: d["findings"][0].update(severity="fatal"),
        lambda d: d["findings"][0].update(offset=-1),
        lambda d: d["findings"][0].update(line=None),
        lambda d: d["findings"][0].pop("message"),
        lambda d: d["checks"][0].update(state="skipped"),
        lambda d: d["model"]["parameters"].update(total=20.9),
        lambda d: d["model"]["parameters"]["evidence"]["total"].update(basis="guessed"),
        lambda d: d["forecast"]["peak_bytes"].pop("low"),
        lambda d: d["files"].clear(),
        lambda d: d["weights"].update(x=None),
    ):
        broken = json.loads(json.dumps(document))
        change(broken)
        if validator.is_valid(broken):
            faults += 1
            print("accepted a broken report: change", change.__code__.co_firstlineno)
    return faults


def main():
    program, schema_path = sys.argv[1:3]
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    Draft202012Validator.check_schema(schema)
    report_schema = Draft202012Validator(schema)
    sarif_schema = None
    if len(sys.argv) > 3:
        with open(sys.argv[3], encoding="utf-8") as file:
            sarif_schema = Draft4Validator(json.load(file))

    faults = 0
    for report in ("sample", "hostile"):
        for verbose in (False, True):
            name = report + (" verbose" if verbose else "")
            text = render(program, report, "json", verbose)
            document = json.loads(text, object_pairs_hook=refuse_duplicates)
            faults += complain(report_schema, document, name)
            if report == "sample":
                faults += negative(report_schema, document)
            sarif = json.loads(
                render(program, report, "sarif", verbose), object_pairs_hook=refuse_duplicates
            )
            if sarif_schema:
                faults += complain(sarif_schema, sarif, name + " sarif")
            suites = ElementTree.fromstring(render(program, report, "junit", verbose))
            cases = suites.findall("./testsuite/testcase")
            checks = document["checks"]
            assert len(cases) == len(checks) == int(suites.get("tests"))
            for tag in ("failure", "error", "skipped"):
                total = suites.get({"failure": "failures", "error": "errors"}.get(tag, tag))
                assert len(suites.findall(f"./testsuite/testcase/{tag}")) == int(total)
    print("faults:", faults)
    return 1 if faults else 0


sys.exit(main())
