"""The reference reader over every shard of a folder: what bench (d) compares with."""
import glob
import sys
import time

from safetensors import safe_open


def read(folder, shapes):
    count = 0
    for name in sorted(glob.glob(folder + "/*.safetensors")):
        with safe_open(name, framework="np") as f:
            for key in f.keys():
                count += 1
                if shapes:
                    part = f.get_slice(key)
                    part.get_shape()
                    part.get_dtype()
    return count


mode, folder = sys.argv[1:]
if mode == "inside":
    for shapes in (False, True):
        times = []
        for _ in range(5):
            begin = time.perf_counter()
            read(folder, shapes)
            times.append(time.perf_counter() - begin)
        what = "with dtypes and shapes" if shapes else "open and keys()"
        print(f"reference inside its process, without start and import, {what}: "
              f"{sorted(times)[2] * 1000:.1f} ms")
elif read(folder, mode == "shapes") == 0:
    sys.exit("no tensors")
