#!/usr/bin/env python3
"""A small model hub for tests, on loopback: hub.py ROOT STATE

ROOT/org/name/REVISION/... are the files of a repository; `main` is served for
branch main. Large kinds of files (LFS) are redirected to a second server on another
port, as the real hub does; a token that arrives there is written to the log as a
leak. STATE is a folder for what the tests read: `port`, `cdn_port` (written when the
servers listen) and `log`, a JSON object a line for each answer.

Repositories of the organisation `fault` are the first real one with something
wrong: see FAULTS. Needs nothing but Python's standard library.
"""

import hashlib
import http.server
import json
import os
import re
import sys
import threading
import time
import urllib.parse
import zlib

FAULTS = """404 401 403 gated revision disabled 429 429-date 429-long 500 500-always cut cut-always stall
content-range no-range gzip pages pages-same loop file-url other-scheme moved headers html longer shorter
slow""".split()

ROOT, STATE = sys.argv[1], sys.argv[2]
LOG_LOCK = threading.Lock()
COUNT_LOCK = threading.Lock()
SEEN = {}
CDN_PORT = 0
TOKEN_NEEDED = os.environ.get("HUB_TOKEN")  # when set, org `closed` wants it


def seen(key):
    """How often this was asked before."""
    with COUNT_LOCK:
        SEEN[key] = SEEN.get(key, 0) + 1
        return SEEN[key] - 1


class File:
    def __init__(self, path, real):
        self.path, self.real = path, real
        self.size = os.path.getsize(real)
        self.lfs = path.endswith((".safetensors", ".bin", ".gguf")) or os.path.basename(path) == "tokenizer.json"
        sha256, blob = hashlib.sha256(), hashlib.sha1(b"blob %d\0" % self.size)
        with open(real, "rb") as f:
            if self.size <= 64 << 20:
                data = f.read()
                sha256.update(data)
                blob.update(data)
            else:  # a sparse stand-in for weights: its name is its content
                sha256.update(path.encode() + b"%d" % self.size)
        self.sha256 = sha256.hexdigest()
        if self.lfs:
            pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %d\n" % (
                self.sha256, self.size)
            blob = hashlib.sha1(b"blob %d\0" % len(pointer) + pointer.encode())
            self.pointer_size = len(pointer)
        self.oid = blob.hexdigest()
        self.etag = self.sha256 if self.lfs else self.oid

    def entry(self):
        e = {"type": "file", "oid": self.oid, "size": self.size, "path": self.path}
        if self.lfs:
            e["lfs"] = {"oid": self.sha256, "size": self.size, "pointerSize": self.pointer_size}
        return e


class Revision:
    def __init__(self, folder):
        self.files = {}
        for base, _, names in os.walk(folder):
            for name in sorted(names):
                real = os.path.join(base, name)
                path = os.path.relpath(real, folder)
                self.files[path] = File(path, real)
        tree = "".join("%s %s\n" % (p, self.files[p].oid) for p in sorted(self.files))
        self.commit = hashlib.sha1(tree.encode()).hexdigest()

    def tree(self):
        folders = set()
        for path in self.files:
            while "/" in path:
                path = path.rsplit("/", 1)[0]
                folders.add(path)
        entries = [{"type": "directory", "oid": "0" * 40, "size": 0, "path": p} for p in folders]
        entries += [f.entry() for f in self.files.values()]
        return sorted(entries, key=lambda e: e["path"])


REPOS = {}   # "org/name" -> {revision: Revision}
BLOBS = {}   # sha256 -> File


def load():
    for org in sorted(os.listdir(ROOT)):
        for name in sorted(os.listdir(os.path.join(ROOT, org))):
            repo = os.path.join(ROOT, org, name)
            REPOS[org + "/" + name] = {r: Revision(os.path.join(repo, r)) for r in sorted(os.listdir(repo))}
    for revisions in REPOS.values():
        for r in revisions.values():
            for f in r.files.values():
                BLOBS[f.sha256] = f
    first = next(r for r in sorted(REPOS) if not r.startswith("fault/"))
    for fault in FAULTS:
        REPOS.setdefault("fault/" + fault, REPOS[first])
    return first


FIRST = load()
BOMB = zlib.compress(bytes(64 << 20), 9, 31)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536  # one packet for a small answer
    disable_nagle_algorithm = True
    role = "hub"

    def log_message(self, *args):
        pass

    def note(self, status, sent):
        row = {"role": self.role, "method": self.command, "path": self.path, "status": status, "bytes": sent,
               "range": self.headers.get("Range"), "auth": self.headers.get("Authorization") is not None}
        with LOG_LOCK, open(os.path.join(STATE, "log"), "a", encoding="utf-8") as f:
            f.write(json.dumps(row) + "\n")

    def answer(self, status, body=b"", headers=(), length=None):
        self.send_response(status)
        for k, v in headers:
            self.send_header(k, v)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        # Noted before the last byte is out, so that whoever has it finds the row.
        self.note(status, len(body) if self.command != "HEAD" else 0)
        if self.command != "HEAD":
            self.wfile.write(body)

    def error(self, status, code=None, headers=()):
        headers = list(headers)
        if code:
            headers += [("X-Error-Code", code), ("X-Error-Message", code)]
        self.answer(status, json.dumps({"error": code or status}).encode(), headers)

    def hang(self):
        self.wfile.flush()
        time.sleep(30)
        self.close_connection = True

    # A file or a part of it.
    def give(self, f, fault=None, headers=()):
        headers = [("ETag", '"%s"' % f.etag), ("Accept-Ranges", "bytes")] + list(headers)
        first, last, status = 0, f.size - 1, 200
        m = re.match(r"bytes=(\d+)-(\d*)$", self.headers.get("Range") or "")
        if m and fault != "no-range":
            first = int(m.group(1))
            last = min(last, int(m.group(2))) if m.group(2) else last
            if first >= f.size:
                return self.answer(416, b"", [("Content-Range", "bytes */%d" % f.size)])
            status = 206
            shown = first + 7 if fault == "content-range" and f.path.endswith(".safetensors") else first
            headers.append(("Content-Range", "bytes %d-%d/%d" % (shown, last, f.size)))
        if fault == "no-range" and f.path.endswith(".safetensors"):
            return self.endless(headers)
        if self.command == "HEAD":
            return self.answer(status, b"", headers, f.size)
        with open(f.real, "rb") as data:
            data.seek(first)
            body = data.read(last - first + 1)
        half = len(body) // 2
        if fault == "longer" and f.path == "config.json":
            body += b" " * 100000
        if fault == "shorter" and f.path == "config.json":
            body = body[:-2]
        cut = (fault == "cut" and seen(self.path) == 0) or fault == "cut-always"
        if (cut or fault == "stall") and f.size > 200:
            self.send_response(status)
            for k, v in headers:
                self.send_header(k, v)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[:half])
            self.note(status, half)
            if fault == "stall":
                return self.hang()
            self.close_connection = True
            return None
        return self.answer(status, body, headers)

    # 5 GB of zeros, as fast as they are taken.
    def endless(self, headers):
        total = 5 << 30
        self.send_response(200)
        for k, v in headers:
            self.send_header(k, v)
        self.send_header("Content-Length", str(total))
        self.end_headers()
        sent = 0
        try:
            while sent < total:
                self.wfile.write(bytes(65536))
                sent += 65536
        except OSError:
            pass
        self.note(200, sent)
        self.close_connection = True

    def bomb(self):
        self.answer(200, BOMB, [("Content-Encoding", "gzip")])

    # Before anything else: what is wrong with this repository. True: answered.
    def broken(self, fault, api, tree):
        first_two = seen((self.command, self.path)) < 2
        if fault == "404":
            self.error(404, "RepoNotFound")
        elif fault in ("401", "403"):
            self.error(int(fault))
        elif fault == "disabled":
            self.error(403, "DisabledRepo")
        elif fault == "revision":
            self.error(404, "RevisionNotFound")
        elif fault == "gated" and not api:
            self.error(403, "GatedRepo")
        elif fault == "429" and first_two and seen(("429", self.path)) == 0:
            self.error(429, None, [("Retry-After", "1")])
        elif fault == "429-date" and seen(("429-date", self.path)) == 0:
            self.error(429, None, [("Retry-After", self.date_time_string(time.time() + 2))])
        elif fault == "429-long":
            self.error(429, None, [("Retry-After", "3600")])
        elif fault == "500" and first_two:
            self.error(500)
        elif fault == "500-always":
            self.error(500)
        elif fault == "loop":
            self.answer(302, b"", [("Location", self.path)])
        elif fault == "file-url" and not api:
            self.answer(302, b"", [("Location", "file:///etc/passwd")])
        elif fault == "other-scheme" and not api:
            self.answer(302, b"", [("Location", "gopher://127.0.0.1/x")])
        elif fault == "gzip" and not api:
            self.bomb()
        elif fault == "html":
            self.answer(200, b"<!doctype html><title>login</title>", [("Content-Type", "text/html")])
        elif fault == "headers":
            self.send_response(200)
            for i in range(1000):
                self.send_header("X-Filler-%d" % i, "x" * 10000)
            self.end_headers()
            self.note(200, 0)
            self.close_connection = True
        elif fault == "slow" and tree:
            time.sleep(30)
            self.close_connection = True
        else:
            return False
        return True

    def info(self, repo, name, revision):
        body = {"_id": "0" * 24, "id": repo, "modelId": repo, "author": repo.split("/")[0], "sha": revision.commit,
                "lastModified": "2025-08-26T17:25:47.000Z", "private": False, "disabled": False,
                "gated": "auto" if name == "gated" else False, "tags": [], "downloads": 0, "likes": 0,
                "createdAt": "2025-08-04T22:33:29.000Z",
                "siblings": [{"rfilename": p} for p in sorted(revision.files)]}
        self.answer(200, json.dumps(body).encode(), [("Content-Type", "application/json")])

    def tree(self, fault, revision, query):
        entries = revision.tree()
        page = int(query.get("cursor", ["0"])[0])
        size = 1000
        base = "http://%s%s" % (self.headers["Host"], self.path.split("?")[0])
        link = None
        if fault == "pages":
            part, link = entries[:1], "%s?recursive=true&cursor=%d" % (base, page + 1)
        elif fault == "pages-same":
            part, link = entries, "%s?recursive=true&expand=false" % base
        else:
            size = int(os.environ.get("HUB_PAGE", size))
            part = entries[page * size:(page + 1) * size]
            if (page + 1) * size < len(entries):
                link = "%s?recursive=true&cursor=%d" % (base, page + 1)
        headers = [("Content-Type", "application/json")]
        if link:
            headers.append(("Link", '<%s>; rel="next"' % link))
        self.answer(200, json.dumps(part).encode(), headers)

    def do_GET(self):
        parts = urllib.parse.urlsplit(self.path)
        path, query = parts.path, urllib.parse.parse_qs(parts.query)
        api = re.match(r"/api/models/([^/]+/[^/]+)(?:/(revision|tree)/([^/]+))?/?$", path)
        file = re.match(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)$", path)
        m = api or file
        if not m:
            return self.error(404, "RepoNotFound")
        repo = m.group(1)
        org, name = repo.split("/")
        fault = name if org == "fault" else None
        if org == "closed" and self.headers.get("Authorization") != "Bearer %s" % TOKEN_NEEDED:
            return self.error(401, "RepoNotFound")
        if fault == "moved" and api:
            return self.answer(307, b"", [("Location", self.path.replace(repo, FIRST))])
        if repo not in REPOS:
            return self.error(401 if not self.headers.get("Authorization") else 404, "RepoNotFound")
        if fault and self.broken(fault, bool(api), bool(api) and api.group(2) == "tree"):
            return None
        wanted = urllib.parse.unquote((api.group(3) or "main") if api else file.group(2))
        revision = next((r for n, r in REPOS[repo].items() if wanted in (n, r.commit)), None)
        if not revision:
            return self.error(404, "RevisionNotFound")
        if api:
            if api.group(2) == "tree":
                return self.tree(fault, revision, query)
            return self.info(repo, name, revision)
        f = revision.files.get(urllib.parse.unquote(file.group(3)))
        common = [("X-Repo-Commit", revision.commit)]
        if not f:
            return self.error(404, "EntryNotFound", common)
        if not f.lfs:
            return self.give(f, fault, common)
        common += [("X-Linked-Etag", '"%s"' % f.sha256), ("X-Linked-Size", str(f.size)),
                   ("Location", "http://127.0.0.1:%d/blob/%s?X-Amz-Signature=%s&fault=%s" % (
                       CDN_PORT, f.sha256, "5" * 64, fault or ""))]
        return self.answer(302, b"", common)

    do_HEAD = do_GET


class Cdn(Handler):
    role = "cdn"

    def do_GET(self):
        parts = urllib.parse.urlsplit(self.path)
        f = BLOBS.get(parts.path.rsplit("/", 1)[-1])
        if self.headers.get("Authorization") is not None:
            self.note(-1, 0)  # a leak: tests look for this
        if not f:
            return self.error(404)
        fault = urllib.parse.parse_qs(parts.query).get("fault", [None])[0]
        return self.give(f, fault)

    do_HEAD = do_GET


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass  # whoever went away


def main():
    global CDN_PORT
    hub, cdn = Server(("127.0.0.1", 0), Handler), Server(("127.0.0.1", 0), Cdn)
    CDN_PORT = cdn.server_address[1]
    threading.Thread(target=cdn.serve_forever, daemon=True).start()
    for name, port in (("cdn_port", CDN_PORT), ("port", hub.server_address[1])):
        path = os.path.join(STATE, name)
        with open(path + ".new", "w", encoding="ascii") as f:
            f.write(str(port))
        os.rename(path + ".new", path)
    hub.serve_forever()


if __name__ == "__main__":
    main()
