#!/usr/bin/env python3
"""The numbers that --deep reads, against numpy's over the same bytes.

usage: tensor_numbers.py VITALIS_AUDIT

Tensors of every float dtype of safetensors, of odd lengths at odd offsets, with and
without NaN, infinity, noughts and subnormals. Counts, the largest magnitude and zeros
must be equal; mean and deviation within 5e-6 of the deviation where 16-bit numbers are
summed in single precision, else 1e-11. Exits 77 (skipped) without numpy and ml_dtypes.
"""
import json
import os
import struct
import subprocess
import sys
import tempfile

try:
    import ml_dtypes
    import numpy
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)

DTYPES = {
    "F64": numpy.float64,
    "F32": numpy.float32,
    "F16": numpy.float16,
    "BF16": ml_dtypes.bfloat16,
    "F8_E4M3": ml_dtypes.float8_e4m3fn,
    "F8_E5M2": ml_dtypes.float8_e5m2,
    "F8_E4M3FNUZ": ml_dtypes.float8_e4m3fnuz,
    "F8_E5M2FNUZ": ml_dtypes.float8_e5m2fnuz,
    "F8_E8M0": ml_dtypes.float8_e8m0fnu,
}
LOOSE = {"F16", "BF16"}


def contents(rng, dtype):
    """Bytes of several tensors: any bits, a normal distribution, one far from nought, subnormals, constants."""
    size = numpy.dtype(dtype).itemsize
    for count in (1, 7, 64, 8191, 100003):
        yield "bits", rng.bytes(count * size)
    for mean, deviation in ((0, 0.02), (1, 0.001), (-300, 2)):
        if dtype is ml_dtypes.float8_e8m0fnu:
            continue
        values = rng.normal(mean, deviation, 70001)
        values[::97] = 0
        yield "normal", values.astype(dtype).tobytes()
    yield "constant", numpy.full(5000, 0.5).astype(dtype).tobytes()
    # The squares of F64's are below what a double, and numpy's, holds.
    if size in (2, 4):
        yield "subnormal", (numpy.arange(3001) % 50).astype("<u%d" % size).tobytes()


def write_shard(path, tensors):
    header, data, at = {}, [], 0
    for name, dtype, raw in tensors:
        count = len(raw) // numpy.dtype(DTYPES[dtype]).itemsize
        header[name] = {"dtype": dtype, "shape": [count], "data_offsets": [at, at + len(raw)]}
        data.append(raw)
        at += len(raw)
    text = json.dumps(header).encode()
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"".join(data))


def expected(dtype, raw):
    with numpy.errstate(all="ignore"):
        v = numpy.frombuffer(raw, DTYPES[dtype]).astype(numpy.longdouble)
        finite = v[numpy.isfinite(v)]
        return {
            "count": len(v),
            "nan": int(numpy.isnan(v).sum()),
            "inf": int(numpy.isinf(v).sum()),
            "zero": int((v == 0).sum()),
            "largest": float(numpy.abs(finite).max()) if len(finite) else 0.0,
            "mean": finite.mean() if len(finite) else None,
            "deviation": finite.std() if len(finite) else None,
        }


def complain(name, got, want, loose):
    faults = []
    for key in ("count", "nan", "inf", "zero", "largest"):
        if got[key] != want[key]:
            faults.append(f"{name}: {key} is {got[key]}, numpy says {want[key]}")
    if want["mean"] is None:
        return faults
    # What a double does not hold is null.
    if float(want["deviation"]) > 1e150:
        return faults
    room = 5e-6 if loose else 1e-11
    scale = float(want["deviation"]) + (0 if loose else abs(float(want["mean"])))
    for key in ("mean", "deviation"):
        if abs(got[key] - float(want[key])) > room * scale + 1e-15 * abs(float(want["mean"])):
            faults.append(f"{name}: {key} is {got[key]!r}, numpy says {float(want[key])!r}")
    return faults


def main(audit):
    rng = numpy.random.default_rng(20)
    tensors = []
    for dtype in DTYPES:
        for i, (kind, raw) in enumerate(contents(rng, DTYPES[dtype])):
            tensors.append((f"{dtype}.{kind}.{i}", dtype, raw))
    rng.shuffle(tensors)
    half = len(tensors) // 2
    with tempfile.TemporaryDirectory() as folder:
        write_shard(os.path.join(folder, "model-00001-of-00002.safetensors"), tensors[:half])
        write_shard(os.path.join(folder, "model-00002-of-00002.safetensors"), tensors[half:])
        facts = os.path.join(folder, "facts.json")
        done = subprocess.run([audit, folder, "--deep", "--only", "weights", "--dump-facts", facts, "-f", "json"],
                              stdout=subprocess.DEVNULL)
        assert done.returncode in (0, 1, 2), done.returncode
        with open(facts, encoding="utf-8") as f:
            got = {t["name"]: t["numbers"] for t in json.load(f)["weights"]["tensors"]}
    faults = []
    for name, dtype, raw in tensors:
        faults += complain(name, got[name], expected(dtype, raw), dtype in LOOSE)
    print("\n".join(faults[:40]))
    print(f"{len(tensors)} tensors, numpy {numpy.__version__}, ml_dtypes {ml_dtypes.__version__}: {len(faults)} differ")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
