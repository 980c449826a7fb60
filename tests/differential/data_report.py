"""The training-data section of the JSON report against docs/report.schema.json.

usage: data_report.py AUDIT SCHEMA DATA...

Skips (77) where jsonschema is not installed. Every member that scripts rely on
must be there, too.
"""
import json
import subprocess
import sys

try:
    from jsonschema import Draft202012Validator
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)

audit, schema = sys.argv[1], json.load(open(sys.argv[2], encoding="utf-8"))
validator = Draft202012Validator(schema)
faults = 0
for path in sys.argv[3:]:
    done = subprocess.run([audit, "data", path, "--seq", "512", "-f", "json"], stdout=subprocess.PIPE, check=False)
    report = json.loads(done.stdout)
    for error in validator.iter_errors(report):
        faults += 1
        print(f"{path}: {error.json_path}: {error.message[:300]}")
    data = report["data"]
    for keys in ("files", "tokens total", "tokens trainable", "tokens over_length", "tokens per_example p50",
                 "tokens per_example p95", "tokens per_example p99", "tokens per_example max", "duplicates", "trainers"):
        value = data
        for key in keys.split():
            value = value.get(key) if isinstance(value, dict) else None
        if value is None:
            faults += 1
            print(f"{path}: data.{keys.replace(' ', '.')} is missing")
print(f"{len(sys.argv) - 3} reports, {faults} faults")
sys.exit(1 if faults else 0)
