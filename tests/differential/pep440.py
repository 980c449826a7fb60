#!/usr/bin/env python3
"""Holds our order of versions and our ranges against Python's `packaging`.

usage: pep440.py TOOL

Every pair of some hundred versions is ordered, and each held against every
range. Exits 77 (skipped) when neither packaging nor pip's copy of it is there.
"""
import itertools
import random
import subprocess
import sys

try:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion, Version
    from packaging.utils import canonicalize_name
except ImportError:
    try:
        from pip._vendor.packaging.specifiers import InvalidSpecifier, SpecifierSet
        from pip._vendor.packaging.version import InvalidVersion, Version
        from pip._vendor.packaging.utils import canonicalize_name
    except ImportError as missing:
        print("skipped:", missing)
        sys.exit(77)

random.seed(440)
RELEASES = ["0", "1", "1.0", "1.0.0", "1.1", "1.10", "1.2.3", "2024.12.1", "1!1.0", "2!0.5"]
PRE = ["", "a1", "b2", "rc1", ".alpha", "-beta.3", "c4", "_pre2", "preview"]
POST = ["", ".post1", "-2", "post", ".rev3", "r4"]
DEV = ["", ".dev1", "dev", "-dev2"]
LOCAL = ["", "+cu128", "+cpu", "+1.2", "+abc.10", "+ubuntu-1", "+ABC_9"]
ODD = ["", "x", "1.", "1..0", "1.0+", "1.0+a..b", "v1.0", " 1.0", "1.0 ", "1.0a1b2", "1.0.*", "latest",
       "1.0-", "1.0.dev1.post1", "V2.0RC1", "1_0", "1.0+a+b", "01.002"]

versions = ["".join(parts) for parts in itertools.product(RELEASES, PRE, POST, DEV, LOCAL)]
versions = ODD + random.sample(versions, 260)
numbers = ["1", "1.0", "1.1", "1.2.3", "1.0a1", "1.0rc1", "1.0.post1", "1.0.dev1", "2", "1!1.0", "1.0+cu128", "x", ""]
ranges = [op + n for op in ("==", "!=", "<=", ">=", "<", ">", "~=", "===") for n in numbers]
ranges += [op + n + ".*" for op in ("==", "!=", ">=") for n in numbers]
ranges += [a + "," + b for a, b in [random.sample(ranges, 2) for _ in range(60)]] + ["", " >= 1.0 , < 2 ", "1.0"]
# Releases of packaging before 26 read '<' and '>' beside post-releases otherwise.
if not SpecifierSet("<1.0.post1").contains("1.0b2", prereleases=True):
    ranges = [text for text in ranges if "<" not in text and ">" not in text.replace(">=", "")]
names = ["Flash_Attn", "ruamel.yaml", "A--b__c..d", "torch", "zope.interface", "PyYAML"]


def parsed(kind, error, text):
    try:
        return kind(text)
    except error:
        return None


questions, expected = [], []
known = [(text, parsed(Version, InvalidVersion, text)) for text in versions]
for (a, x), (b, y) in itertools.product(known, known):
    if "\t" in a + b:
        continue
    questions.append(f"cmp\t{a}\t{b}")
    expected.append("invalid" if x is None or y is None else str((x > y) - (x < y)))
for text in ranges:
    specifier = parsed(SpecifierSet, InvalidSpecifier, text)
    for a, x in known:
        questions.append(f"in\t{a}\t{text}")
        if x is None or specifier is None:
            expected.append("invalid")
        elif "===" in text:
            questions.pop()  # compared as text by packaging, as versions by us
        else:
            expected.append("true" if specifier.contains(x, prereleases=True) else "false")
for name in names:
    questions.append(f"name\t{name}")
    expected.append(canonicalize_name(name))

result = subprocess.run([sys.argv[1]], input="\n".join(questions) + "\n", stdout=subprocess.PIPE, text=True, check=True)
answers = result.stdout.splitlines()
assert len(answers) == len(expected), (len(answers), len(expected))
wrong = [(q, e, a) for q, e, a in zip(questions, expected, answers) if e != a]
for question, wanted, got in wrong[:20]:
    print(f"{question!r}: expected {wanted}, got {got}")
print(f"{len(expected)} answers, {len(wrong)} wrong")
sys.exit(1 if wrong else 0)
