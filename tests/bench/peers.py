"""Other verifiers over the same folder: what `./dev bench hash` compares with.

usage: peers.py hf|model_signing FOLDER

hf: what `hf cache verify` does once it has the hub's list: verify_maps of huggingface_hub
over every file, with the digests that vitalis.lock of the folder holds.
model_signing: the hash of the folder that model_signing signs and verifies.
"""
import pathlib
import sys


def hf(folder):
    from types import SimpleNamespace

    from huggingface_hub.utils._verification import verify_maps

    digests = {}
    for line in (folder / "vitalis.lock").read_text().splitlines():
        if not line.startswith("#"):
            digest, name = line.split("  ", 1)
            digests[name] = SimpleNamespace(lfs=SimpleNamespace(sha256=digest))
    result = verify_maps(remote_by_path=digests, local_by_path={name: folder / name for name in digests},
                         revision="main", verified_path=folder)
    assert result.checked_count == len(digests) and not result.mismatches


def model_signing(folder):
    from model_signing import hashing

    assert hashing.hash(folder)


{"hf": hf, "model_signing": model_signing}[sys.argv[1]](pathlib.Path(sys.argv[2]))
