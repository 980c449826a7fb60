#!/usr/bin/env python3
"""Writes src/spec/transformers_types.def: which transformers release first knew
each model type. By hand, when there are new releases; downloads one wheel per
minor release.

usage: transformers_types.py FOLDER_FOR_WHEELS > src/spec/transformers_types.def
"""
import os
import re
import subprocess
import sys
import zipfile

FIRST = (4, 28)
folder = sys.argv[1]
listing = subprocess.run([sys.executable, "-m", "pip", "index", "versions", "transformers"],
                         stdout=subprocess.PIPE, text=True, check=True).stdout
offered = re.search(r"Available versions: (.*)", listing).group(1).split(", ")
versions = sorted(tuple(map(int, v.split("."))) for v in offered if re.fullmatch(r"\d+\.\d+\.\d+", v))
minors = {}
for version in versions:
    minors.setdefault(version[:2], version)
known = {}
wheels = []
for minor, version in sorted(minors.items()):
    if minor < FIRST:
        continue
    name = ".".join(map(str, version))
    subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:",
                    "-d", folder, f"transformers=={name}"], check=True)
    path = os.path.join(folder, f"transformers-{name}-py3-none-any.whl")
    with zipfile.ZipFile(path) as wheel:
        for member in ("transformers/models/auto/configuration_auto.py", "transformers/models/auto/auto_mappings.py"):
            if member not in wheel.namelist():
                continue
            mapping = re.search(r"CONFIG_MAPPING_NAMES\s*=\s*OrderedDict(\[[^\]]*\])?\(\s*[\[{](.*?)\n\s*[\]}]\s*\)",
                                wheel.read(member).decode(), re.S)
            if mapping:
                body = mapping.group(2)
                types = re.findall(r'\(\s*"([\w\-.]+)"\s*,', body) + re.findall(r'"([\w\-.]+)"\s*:', body)
                for model_type in types:
                    known.setdefault(model_type, name)
    wheels.append(name)
    os.remove(path)
rows = sorted((t, v) for t, v in known.items() if v != wheels[0])
print(f"""/*
 * VIT_MODEL_TYPE(model_type, first): the first release of transformers whose
 * CONFIG_MAPPING_NAMES knows the model type, sorted by model type.
 *
 * Made by tests/support/transformers_types.py from the wheels of each minor
 * release from {wheels[0]} to {wheels[-1]} (the first of each that is still offered, so a
 * type may have come with a withdrawn release just before). The {len(known) - len(rows)} types that
 * {wheels[0]} knows already have no row.
 */""")
for model_type, version in rows:
    print(f'VIT_MODEL_TYPE("{model_type}", "{version}")')
