#!/usr/bin/env python3
"""A remote audit of a 163-shard model against the test hub: remote.py AUDIT HUB MODEL RUNS

Prints on one line: bytes fetched, bytes needed (headers and small files, counted here),
most requests for a shard, requests in all, seconds of a remote audit, seconds of an
audit of the folder itself (medians, whole processes, by turns).
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

audit, hub, model, runs = sys.argv[1], sys.argv[2], os.path.abspath(sys.argv[3]), int(sys.argv[4])


def needed():
    total = 0
    for name in os.listdir(model):
        path = os.path.join(model, name)
        if name.endswith(".safetensors"):
            with open(path, "rb") as f:
                total += 8 + int.from_bytes(f.read(8), "little")
        else:
            total += os.path.getsize(path)
    return total


def seconds(what, env):
    begin = time.perf_counter()
    p = subprocess.run([audit, what, "-f", "json"], env=env, stdout=subprocess.DEVNULL, check=False)
    if p.returncode >= 64:
        sys.exit("bench: the audit failed with %d" % p.returncode)
    return time.perf_counter() - begin


def main():
    with tempfile.TemporaryDirectory() as work:
        root, state = os.path.join(work, "hub/org/big"), os.path.join(work, "state")
        os.makedirs(root)
        os.makedirs(state)
        os.symlink(model, os.path.join(root, "main"))
        server = subprocess.Popen([sys.executable, "-B", hub, os.path.join(work, "hub"), state])
        try:
            port = os.path.join(state, "port")
            while not os.path.exists(port):
                time.sleep(0.05)
            with open(port, encoding="ascii") as f:
                env = dict(os.environ, HF_ENDPOINT="http://127.0.0.1:" + f.read(), HF_HUB_DISABLE_IMPLICIT_TOKEN="1")
            remote, local = [], []
            for _ in range(runs):
                remote.append(seconds("hf://org/big", env))
                local.append(seconds(model, env))
            with open(os.path.join(state, "log"), encoding="utf-8") as f:
                rows = [json.loads(line) for line in f]
        finally:
            server.terminate()
            server.wait()
    shards = {}
    for r in rows:
        if r["role"] == "hub" and r["path"].endswith(".safetensors"):
            shards[r["path"]] = shards.get(r["path"], 0) + 1
    print(sum(r["bytes"] for r in rows) // runs, needed(), max(shards.values()) // runs, len(rows) // runs,
          "%.4f %.4f" % (statistics.median(remote), statistics.median(local)))


main()
