#!/usr/bin/env python3
"""Remote audits against real servers on loopback: remote_test.py PART BUILD SOURCE

Each PART is one test; see the functions part_*. Servers are started here and ended
here. Exits 77 (skipped) when a server's program is not installed.
"""

import concurrent.futures
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

BUILD, SOURCE = os.path.abspath(sys.argv[2]), os.path.abspath(sys.argv[3])
AUDIT = os.path.join(BUILD, "vitalis-audit")
MK_MODEL = os.path.join(BUILD, "tests/support/mk_model")
MODELS = os.path.join(BUILD, "tests/models")
WORK = tempfile.mkdtemp(prefix="vitalis-remote.")
STARTED = []
FAILED = []


def check(what, ok, detail=""):
    if not ok:
        FAILED.append(what)
        print("FAILED: %s %s" % (what, detail))


def wait_for(path, seconds=30):
    end = time.time() + seconds
    while not os.path.exists(path):
        if time.time() > end:
            raise SystemExit("%s did not appear" % path)
        time.sleep(0.02)


class Hub:
    """The test hub over a folder of repositories."""

    def __init__(self, repos, **environment):
        self.root, self.state = os.path.join(WORK, "hub"), os.path.join(WORK, "state")
        os.makedirs(self.state)
        for name, folder in repos.items():
            target = os.path.join(self.root, name)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.symlink(folder, target) if os.path.isabs(folder) else os.makedirs(target)
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(SOURCE, "tests/support/hub.py"), self.root, self.state],
            env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1", **environment))
        STARTED.append(self.process)
        wait_for(os.path.join(self.state, "port"))
        with open(os.path.join(self.state, "port"), encoding="ascii") as f:
            self.endpoint = "http://127.0.0.1:" + f.read()

    def log(self):
        path = os.path.join(self.state, "log")
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as f:
            return [json.loads(line) for line in f]

    def clear(self):
        path = os.path.join(self.state, "log")
        if os.path.exists(path):
            os.remove(path)

    def audit(self, *args, **kw):
        kw.setdefault("environment", {}).setdefault("HF_ENDPOINT", self.endpoint)
        return audit(*args, **kw)


def environment_of(extra):
    env = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy") and not k.startswith("HF_") and
           k not in ("SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "HUGGING_FACE_HUB_TOKEN",
                     "TRANSFORMERS_OFFLINE")}
    env.update({"HOME": WORK, "LC_ALL": "C", "XDG_CACHE_HOME": os.path.join(WORK, "cache")})
    env.update(extra)
    return env


class Run:
    def __init__(self, code, out, err, seconds):
        self.code, self.out, self.err, self.seconds = code, out, err, seconds
        try:
            self.report = json.loads(out)
        except ValueError:
            self.report = None

    def state(self, check_id):
        return next(c["state"] for c in self.report["checks"] if c["id"] == check_id)

    def found(self):
        return sorted({f["id"] for f in self.report["findings"] if f["severity"] != "note"})

    def __str__(self):
        return "exit %d in %.1f s: %s" % (self.code, self.seconds, self.err.strip()[:400])


# `limit` is beyond every limit of the program with a stall of one second: what hangs is killed and fails.
def audit(*args, environment=None, limit=90):
    begin = time.time()
    p = subprocess.run([AUDIT, *args, "-f", "json", "--skip", "system"], env=environment_of(environment or {}),
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=limit, check=False)
    return Run(p.returncode, p.stdout.decode(), p.stderr.decode(), time.time() - begin)


def tiny(name="tiny-gpt_oss"):
    """A repository with one revision, main."""
    folder = os.path.join(WORK, "repo-" + name)
    os.makedirs(folder, exist_ok=True)
    shutil.copytree(os.path.join(MODELS, name), os.path.join(folder, "main"))
    return folder


# --- the fault table ------------------------------------------------------------

# fault: exit code, what standard error says or a check that is undecided
FAULTS = {
    "404": (2, "no such model at"),
    "401": (2, "wants to know who asks (401)"),
    "403": (2, "refuses (403)"),
    "gated": (2, "is gated: accept its terms at"),
    "disabled": (2, "is disabled by the hub"),
    "revision": (2, "has no revision 'main'"),
    "429": (0, None),
    "429-date": (0, None),
    "429-long": (2, "asks to wait 3600 s, longer than the 60 s that are waited"),
    "500": (0, None),
    "500-always": (2, "the server answered 500 (tried 5 times)"),
    "cut": (0, None),
    "cut-always": (2, "files/unreadable"),
    "stall": (2, "files/unreadable"),
    "content-range": (2, "weights/header-truncated"),
    "no-range": (2, "weights/header-truncated"),
    "gzip": (2, "compressed (gzip), which was not asked for"),
    "pages": (2, "more than 1000 pages"),
    "pages-same": (2, "leads back to a page that was read"),
    "loop": (2, "more than 5 redirects: a loop?"),
    "file-url": (2, "file:///etc/passwd: only http and https are fetched"),
    "other-scheme": (2, "only http and https are fetched"),
    "moved": (0, None),
    "headers": (2, "more than 65536 bytes of response headers"),
    "html": (2, "is no JSON object"),
    "longer": (2, "files/unreadable"),
    "shorter": (2, "files/unreadable"),
}


def one_fault(hub, fault):
    return hub.audit("hf://fault/" + fault, environment={"HF_ENDPOINT": hub.endpoint, "HF_TOKEN": "hf_abc",
                                                        "HF_HUB_DOWNLOAD_TIMEOUT": "1" if fault == "stall" else "20"})


def part_faults():
    hub = Hub({"org/tiny": tiny()})
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        runs = dict(zip(FAULTS, pool.map(lambda f: one_fault(hub, f), FAULTS)))
    for fault, (code, text) in FAULTS.items():
        r = runs[fault]
        check(fault + ": exit code", r.code == code, r)
        if text and "/" in text and " " not in text:
            check(fault + ": undecided", r.report and r.state(text) == "unknown", r)
        elif text:
            check(fault + ": message", text in r.err, r)
        else:
            check(fault + ": no finding", r.report and r.found() == [], r)
        rows = [x for x in hub.log() if re.search("fault[/=]%s(/|$)" % fault, x["path"])]
        check(fault + ": no token beyond the hub", not any(x["auth"] for x in rows if x["role"] == "cdn"))
        check(fault + ": the token is sent to the hub", all(x["auth"] for x in rows if x["role"] == "hub"))
        check(fault + ": little is fetched", sum(x["bytes"] for x in rows) < 20 << 20,
              sum(x["bytes"] for x in rows))
    check("moved: said", any(f["id"] == "integrity/hub-moved" and "org/tiny now" in f["message"]
                             for f in runs["moved"].report["findings"]))


def part_settings():
    """Offline, tokens from where the client keeps them, names that are none."""
    hub = Hub({"org/tiny": tiny(), "closed/tiny": tiny("tiny-llama")}, HUB_TOKEN="hf_right")
    r = hub.audit("hf://org/tiny", "--offline")
    check("--offline", r.code == 64 and "--offline forbids the network" in r.err, r)
    r = hub.audit("hf://org/tiny", environment={"HF_HUB_OFFLINE": "1"})
    check("HF_HUB_OFFLINE", r.code == 2 and "HF_HUB_OFFLINE is set" in r.err, r)
    check("offline asks nothing", hub.log() == [])
    for bad, text in (("hf://datasets/org/x", "only models are audited"), ("hf://org", "no such model"),
                      ("hf://org/../x", "names no model"), ("http://example.invalid/m", "over https"),
                      ("hf://org/tiny@a b", "no revision")):
        r = hub.audit(bad)
        check(bad, r.code in (2, 64) and text in r.err, r)
    r = hub.audit("hf://org/tiny/nothing")
    check("no folder", r.code == 2 and "has no folder 'nothing'" in r.err, r)
    r = hub.audit("hf://closed/tiny")
    check("no token", r.code == 2 and "HF_TOKEN" in r.err, r)
    with open(os.path.join(WORK, "token"), "w", encoding="ascii") as f:
        f.write("hf_right\n")
    home = os.path.join(WORK, "cache/huggingface")
    os.makedirs(home)
    for where in ({"HF_TOKEN": "hf_right"}, {"HUGGING_FACE_HUB_TOKEN": "hf_right"},
                  {"HF_TOKEN_PATH": os.path.join(WORK, "token")}, {"HF_HOME": WORK}):
        r = hub.audit("hf://closed/tiny", environment=where)
        check("token from %s" % list(where), r.code == 0, r)
        r = hub.audit("hf://closed/tiny", environment=dict(where, HF_HUB_DISABLE_IMPLICIT_TOKEN="1"))
        check("no implicit token", r.code == 2, r)
    shutil.copy(os.path.join(WORK, "token"), home)
    r = hub.audit("hf://closed/tiny")
    check("token from the cache folder", r.code == 0, r)
    r = hub.audit("hf://org/tiny", environment={"HF_ENDPOINT": "https://ann:s3cret@127.0.0.1"})
    check("a password in HF_ENDPOINT is not repeated", r.code == 64 and "HF_ENDPOINT" in r.err and "s3cret" not in r.err, r)
    recorded = os.path.join(WORK, "recorded")
    for proxy in ("http://ann:s3cret@127.0.0.1:99999", "foo://ann:s3cret@127.0.0.1:1", "http://ann:s3cret @127.0.0.1:1"):
        r = hub.audit("hf://org/tiny", "--record-host", recorded + str(len(proxy)),
                      environment={"HF_ENDPOINT": "https://hub.invalid", "HTTPS_PROXY": proxy})
        check("a proxy's password is not repeated", r.code == 2 and "proxy" in r.err and "s3cret" not in r.err, r)
    hub.audit("hf://org/tiny", "--record-host", recorded, environment={"HF_ENDPOINT": "https://ann:s3cret@127.0.0.1"})
    for base, _, names in os.walk(WORK):
        if "/recorded" in base:
            check("no password in the recording", not any(b"s3cret" in read(os.path.join(base, n)) for n in names), base)
    odd = os.path.join(WORK, "credential")
    write(odd, b"hf_right")
    r = hub.audit("hf://closed/tiny", "--record-host", os.path.join(WORK, "record"), environment={"HF_TOKEN_PATH": odd})
    check("recorded with a token's file of any name", r.code == 0, r)
    for base, _, names in os.walk(os.path.join(WORK, "record")):
        check("no token in the recording", not any(b"hf_right" in read(os.path.join(base, n)) for n in names), base)
    r = hub.audit("hf://closed/tiny", environment={"HF_TOKEN": "two\nlines"})
    check("a token that is none", r.code == 64, r)
    check("no token beyond the hub", not any(x["auth"] for x in hub.log() if x["role"] == "cdn"))


def without_evidence(value):
    if isinstance(value, dict):
        return {k: without_evidence(v) for k, v in value.items() if k != "evidence"}
    return [without_evidence(v) for v in value] if isinstance(value, list) else value


def part_requests():
    """163 shards: two requests each at most, and no more than headers, small files and 1 %."""
    folder = os.path.join(WORK, "big")
    os.makedirs(folder)
    subprocess.run([MK_MODEL, "deepseek-v3", os.path.join(folder, "main")], check=True, stdout=subprocess.DEVNULL)
    main = os.path.join(folder, "main")
    # What is needed, counted here and not by the program.
    need, shards = 0, 0
    for name in os.listdir(main):
        path = os.path.join(main, name)
        if name.endswith(".safetensors"):
            with open(path, "rb") as f:
                need += 8 + int.from_bytes(f.read(8), "little")
            shards += 1
        else:
            need += os.path.getsize(path)
    hub = Hub({"org/big": folder})
    r = hub.audit("hf://org/big")
    rows = hub.log()
    check("163 shards", shards == 163, shards)
    check("audited", r.code == 0 and r.report["weights"]["shard_count"] == 163, r)
    fetched = sum(x["bytes"] for x in rows)
    check("at most 1 % more than headers and small files", fetched <= need * 1.01, (fetched, need))
    per_shard = {}
    for x in rows:
        if x["role"] == "hub" and ".safetensors" in x["path"] and "index" not in x["path"]:
            per_shard[x["path"]] = per_shard.get(x["path"], 0) + 1
    check("every shard", len(per_shard) == 163, len(per_shard))
    check("two requests a shard", max(per_shard.values()) <= 2, max(per_shard.values()))
    check("the report counts them", r.report["integrity"]["remote"]["requests"] == len(rows),
          (r.report["integrity"]["remote"], len(rows)))
    check("the report counts bytes", r.report["integrity"]["remote"]["bytes_fetched"] == fetched,
          (r.report["integrity"]["remote"], fetched))
    print("%d bytes fetched, %d needed, %d requests" % (fetched, need, len(rows)))
    local = audit(main)
    for key in ("weights", "model", "tokenizer"):
        check("the same %s as of the folder" % key,
              without_evidence(r.report[key]) == without_evidence(local.report[key]))


# --- a plain web server -----------------------------------------------------------


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def program(name):
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin:/usr/local/sbin")
    if not path:
        print("skipped: no %s" % name)
        sys.exit(77)
    return path


def certificates():
    """A certificate authority of our own, a certificate for 127.0.0.1 and one for another name."""
    openssl = program("openssl")

    def run(*args):
        subprocess.run([openssl, *args], cwd=WORK, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
        "-subj", "/CN=vitalis test")
    for name, san in (("good", "IP:127.0.0.1"), ("other", "DNS:other.example")):
        run("req", "-newkey", "rsa:2048", "-nodes", "-keyout", name + ".key", "-out", name + ".csr", "-subj", "/CN=" + name)
        with open(os.path.join(WORK, name + ".ext"), "w", encoding="ascii") as f:
            f.write("subjectAltName=%s\n" % san)
        run("x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", name + ".ext", "-out", name + ".pem")
    return os.path.join(WORK, "ca.pem")


class Nginx:
    def __init__(self, locations, tls=()):
        """locations: of the plain server; tls: of the one on https, if any."""
        self.port = free_port()
        servers = "server { listen 127.0.0.1:%d; root %s/www; %s }\n" % (self.port, WORK, locations)
        self.tls = {}
        for name in tls:
            self.tls[name] = free_port()
            servers += ("server { listen 127.0.0.1:%d ssl http2; ssl_certificate %s/%s.pem; ssl_certificate_key "
                        "%s/%s.key; root %s/www; location /down/ { return 302 http://127.0.0.1:%d/model/; } }\n") % (
                            self.tls[name], WORK, name, WORK, name, WORK, self.port)
        paths = " ".join("%s_temp_path %s/%s;" % (kind, WORK, kind)
                         for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        with open(os.path.join(WORK, "nginx.conf"), "w", encoding="ascii") as f:
            f.write("daemon off; worker_processes 1; pid %s/nginx.pid; error_log %s/error.log;\nevents {}\n" % (WORK, WORK) +
                    "http { %s log_format t escape=json '{\"request\":\"$request\",\"status\":$status,"
                    "\"bytes\":$body_bytes_sent,\"auth\":\"$http_authorization\",\"protocol\":\"$server_protocol\"}';\n"
                    "access_log %s/access.log t; gzip on; gzip_types *; gzip_min_length 1;\n%s}\n" % (paths, WORK, servers))
        os.chmod(WORK, 0o755)  # the workers may be of another user
        p = subprocess.Popen([program("nginx"), "-c", os.path.join(WORK, "nginx.conf"), "-p", WORK],
                             stderr=subprocess.DEVNULL)
        STARTED.append(p)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit("nginx does not listen")

    def url(self, path):
        return "http://127.0.0.1:%d/%s" % (self.port, path)

    def log(self):
        path = os.path.join(WORK, "access.log")
        with open(path, encoding="utf-8") as f:
            rows = [json.loads(line) for line in f]
        os.truncate(path, 0)
        return rows


def same_model(a, b):
    return all(without_evidence(a.report[k]) == without_evidence(b.report[k]) for k in ("weights", "model", "tokenizer"))


def part_folder():
    """A folder of a plain web server: nginx."""
    program("nginx")
    www = os.path.join(WORK, "www")
    shutil.copytree(os.path.join(MODELS, "tiny-llama"), os.path.join(www, "model"))
    for name in ("s3", "spa", "locked", "whole", "gap"):
        shutil.copytree(os.path.join(www, "model"), os.path.join(www, name))
    os.remove(os.path.join(www, "gap/model-00003-of-00005.safetensors"))
    with open(os.path.join(www, "page.html"), "w", encoding="ascii") as f:
        f.write("<!doctype html><title>shop</title>")
    nginx = Nginx("location /s3/ { error_page 404 =403 /denied; } location = /denied { internal; return 403; }\n"
                  "location /spa/ { try_files $uri /page.html; } location /whole/ { max_ranges 0; }\n"
                  "location /locked/ { auth_basic x; auth_basic_user_file /nonexistent; }\n"
                  "location /always403/ { return 403; } location /broken/ { return 500; }")
    local = audit(os.path.join(www, "model"))
    r = audit(nginx.url("model"), environment={"HF_TOKEN": "hf_abc"})
    rows = nginx.log()
    check("folder", r.code == local.code == 0, r)
    check("as the folder itself", same_model(r, local))
    check("no token for another server", not any(x["auth"] for x in rows))
    shards = [x["request"] for x in rows if ".safetensors " in x["request"]]
    check("two requests a shard", len(set(shards)) == 5 and max(shards.count(s) for s in shards) <= 2, shards)
    check("requests counted", r.report["integrity"]["remote"]["requests"] == len(rows), r.report["integrity"]["remote"])
    check("slash at the end", audit(nginx.url("model/")).code == 0)
    check("absent is 403", audit(nginx.url("s3")).code == 0)
    check("refused is said", audit(nginx.url("s3")).report["integrity"]["remote"]["refused"] > 0)
    check("a page for every name", same_model(audit(nginx.url("spa")), local))
    r = audit(nginx.url("gap"))
    check("a shard is gone", r.code == 1 and "weights/index-shard-missing" in r.found(), r)
    nginx.log()
    r = audit(nginx.url("whole"))
    check("no ranges", r.code == 2 and r.state("weights/header-truncated") == "unknown", r)
    r = audit(nginx.url("none"))
    check("nothing there", r.code == 2 and "no model there" in r.err, r)
    r = audit(nginx.url("always403"))
    check("all refused", r.code == 2 and "403" in r.err, r)
    r = audit(nginx.url("broken"))
    check("all broken", r.code == 2 and "500" in r.err, r)
    r = audit(nginx.url("model?x=1"))
    check("a query", r.code == 64, r)


class Proxy(threading.Thread):
    """CONNECT, and a list of what was asked."""

    def __init__(self):
        super().__init__(daemon=True)
        self.asked, self.server = [], socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.start()

    def run(self):
        while True:
            client, _ = self.server.accept()
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        target = head.split()[1].decode()
        self.asked.append(target)
        host, port = target.rsplit(":", 1)
        upstream = socket.create_connection((host, int(port)))
        client.sendall(b"HTTP/1.1 200 ok\r\n\r\n")
        for a, b in ((client, upstream), (upstream, client)):
            threading.Thread(target=self.pump, args=(a, b), daemon=True).start()

    @staticmethod
    def pump(a, b):
        try:
            while data := a.recv(65536):
                b.sendall(data)
        except OSError:
            pass
        b.close()


def part_tls():
    """Certificates, HTTP/2, redirects out of https, proxies: nginx with TLS."""
    program("nginx")
    ca = certificates()
    shutil.copytree(os.path.join(MODELS, "tiny-llama"), os.path.join(WORK, "www/model"))
    nginx = Nginx("", tls=("good", "other"))
    url = "https://127.0.0.1:%d/" % nginx.tls["good"]
    r = audit(url + "model")
    check("not trusted", r.code == 2 and "certificate is not trusted" in r.err and "SSL_CERT_FILE" in r.err, r)
    for variable in ("SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
        r = audit(url + "model", environment={variable: ca})
        check("trusted by " + variable, r.code == 0, r)
    check("HTTP/2", {x["protocol"] for x in nginx.log() if x["status"] == 200} == {"HTTP/2.0"})
    r = audit("https://127.0.0.1:%d/model" % nginx.tls["other"], environment={"SSL_CERT_FILE": ca})
    check("another name", r.code == 2 and "certificate is not trusted" in r.err, r)
    r = audit(url + "model", environment={"SSL_CERT_FILE": os.path.join(WORK, "nothing.pem")})
    check("no such file of certificates", r.code == 2 and "cannot be read" in r.err, r)
    r = audit(url + "down", environment={"SSL_CERT_FILE": ca})
    check("from https to http", r.code == 2 and "from https to http" in r.err, r)
    proxy = Proxy()
    through = {"SSL_CERT_FILE": ca, "HTTPS_PROXY": "http://127.0.0.1:%d" % proxy.port}
    r = audit(url + "model", environment=through)
    check("through the proxy", r.code == 0 and set(proxy.asked) == {"127.0.0.1:%d" % nginx.tls["good"]}, (r, proxy.asked))
    # What is sent to this machine over http, a token perhaps, goes through no proxy.
    proxy.asked.clear()
    r = audit("hf://org/x", environment={"HF_ENDPOINT": nginx.url("hub"), "HF_TOKEN": "hf_abc",
                                         "http_proxy": "http://127.0.0.1:%d" % proxy.port})
    check("no proxy on this machine", r.code == 2 and not proxy.asked, (r, proxy.asked))
    r = audit(url + "model", environment=dict(through, NO_PROXY="127.0.0.1"))
    check("past the proxy", r.code == 0 and not proxy.asked, (r, proxy.asked))


# --- a copy against the hub ----------------------------------------------------------


def blob_id(data):
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def read(path):
    with open(path, "rb") as f:
        return f.read()


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


def note(folder, name, commit):
    """What the hub's client writes beside a file that it fetched into a folder."""
    data = read(os.path.join(folder, name))
    lfs = name.endswith(".safetensors") or name == "tokenizer.json"
    etag = hashlib.sha256(data).hexdigest() if lfs else blob_id(data)
    write(os.path.join(folder, ".cache/huggingface/download", name + ".metadata"),
          ("%s\n%s\n%f\n" % (commit, etag, time.time() + 1)).encode())


def copy_of(source, name, commit):
    target = os.path.join(WORK, "copies", name)
    shutil.copytree(source, target)
    for file in os.listdir(source):
        note(target, file, commit)
    return target


def flip(path, keep_time=False):
    before = os.stat(path)
    with open(path, "r+b") as f:
        f.seek(before.st_size // 2)
        byte = f.read(1)[0]
        f.seek(before.st_size // 2)
        f.write(bytes([byte ^ 1]))
    if keep_time:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def hub_states(r):
    return {f["path"]: f["state"] for f in r.report["integrity"]["hub_files"]}


def part_copy():
    """--hub: each way in which a copy can differ."""
    repo = tiny()
    main, old = os.path.join(repo, "main"), os.path.join(repo, "old")
    shutil.copytree(main, old)
    with open(os.path.join(old, "chat_template.jinja"), "a", encoding="ascii") as f:
        f.write("{# of old #}")
    hub = Hub({"org/tiny": repo})
    commits = {}
    for revision in ("main", "old"):
        r = hub.audit("hf://org/tiny@" + revision)
        commits[revision] = r.report["integrity"]["remote"]["revision"]

    def compare(folder, *more, repo="org/tiny", **kw):
        return hub.audit(folder, "--hub", "--repo", repo, "--no-cache", *more, **kw)

    c = copy_of(main, "clean", commits["main"])
    r = compare(c)
    check("clean", r.code == 0 and r.report["findings"] == [], r)
    check("clean: states", hub_states(r)["model.safetensors"] == "noted" and hub_states(r)["config.json"] == "same",
          hub_states(r))
    r = compare(c, "--verify")
    check("clean, verified", r.code == 0 and set(hub_states(r).values()) == {"same"}, hub_states(r))
    shutil.rmtree(os.path.join(c, ".cache"))
    r = compare(c)
    check("no notes", r.code == 0 and hub_states(r)["model.safetensors"] == "same-size", hub_states(r))
    r = compare(c, "--verify")
    check("no notes: the hub is a source", r.code == 0 and
          {f["source"] for f in r.report["integrity"]["files"]} == {"the hub"}, r)
    flip(os.path.join(c, "model.safetensors"))
    r = compare(c)
    check("weights flipped, not hashed", r.code == 0, r)
    r = compare(c, "--verify")
    check("weights flipped", r.code == 1 and "integrity/altered" in r.found() and
          hub_states(r)["model.safetensors"] == "altered", (r, r.found()))

    c = copy_of(main, "flipped", commits["main"])
    flip(os.path.join(c, "config.json"), keep_time=True)
    r = compare(c)
    check("small file flipped", r.code == 1 and "integrity/hub-altered" in r.found(), (r, r.found()))
    c = copy_of(main, "sizes", commits["main"])
    write(os.path.join(c, "generation_config.json"), b"{}")
    r = compare(c)
    check("another size", r.code == 1 and "integrity/hub-altered" in r.found(), (r, r.found()))

    c = copy_of(main, "gap", commits["main"])
    os.remove(os.path.join(c, "generation_config.json"))
    write(os.path.join(c, "more.py"), b"import os\n")
    write(os.path.join(c, "NOTES.md"), b"mine\n")
    r = compare(c)
    check("missing and extra", r.code == 1 and {"integrity/hub-missing", "integrity/hub-extra"} <= set(r.found()),
          (r, r.found()))
    check("what is mine is no finding", hub_states(r)["NOTES.md"] == "extra" and
          [f["path"] for f in r.report["findings"] if f["id"] == "integrity/hub-extra"] == ["more.py"], r)

    c = copy_of(old, "old", commits["old"])
    r = compare(c)
    notes = [f["message"] for f in r.report["findings"] if f["id"] == "integrity/hub-revision"]
    check("of an older revision", r.code == 0 and len(notes) == 1 and "1 file changed, chat_template.jinja" in notes[0],
          (r, notes))
    r = compare(c, repo="org/tiny@main")
    check("held against another revision", r.code == 1 and "integrity/hub-stale" in r.found(), (r, r.found()))
    r = compare(c, repo="org/tiny@old")
    check("held against its own", r.code == 0, r)

    c = copy_of(main, "mixed", commits["main"])
    shutil.copy(os.path.join(old, "chat_template.jinja"), c)
    note(c, "chat_template.jinja", commits["old"])
    r = compare(c)
    check("two revisions mixed", r.code == 1 and "integrity/hub-stale" in r.found() and
          hub_states(r)["chat_template.jinja"] == "stale", (r, r.found()))

    c = copy_of(main, "rewritten", "0123456789" * 4)
    r = compare(c)
    check("a commit the hub has not", r.code == 0 and
          any("does not have" in f["message"] for f in r.report["findings"]), r)

    clone = os.path.join(WORK, "clone")
    shutil.copytree(old, clone)
    write(os.path.join(clone, ".git/HEAD"), b"ref: refs/heads/main\n")
    write(os.path.join(clone, ".git/packed-refs"), b"# pack-refs\n%s refs/heads/main\n" % commits["old"].encode())
    write(os.path.join(clone, ".git/config"), b"[remote \"origin\"]\n\turl = %s/org/tiny.git\n" % hub.endpoint.encode())
    r = hub.audit(clone, "--hub")
    check("a clone tells repository and commit", r.code == 0 and
          r.report["integrity"]["local_revision"] == commits["old"], r)

    r = hub.audit(c, "--hub")
    check("which repository", r.code == 2 and r.state("integrity/hub-altered") == "unknown", r)
    r = compare(c, environment={"HF_ENDPOINT": hub.endpoint, "HF_HUB_OFFLINE": "1"})
    check("offline", r.code == 2 and r.state("integrity/hub-missing") == "unknown", r)
    r = compare(c, repo="org/none")
    check("no such repository", r.code == 2 and r.state("integrity/hub-missing") == "unknown", r)
    for bad in (["--hub", "--offline"], ["--repo", "org/tiny"], ["--hub", "--repo", "a/b/c/.."]):
        r = hub.audit(c, *bad)
        check(" ".join(bad), r.code == 64, r)
    r = hub.audit("hf://org/tiny", "--hub")
    check("--hub of the hub", r.code == 64, r)
    r = hub.audit("hf://org/tiny", "--deep")
    check("--deep of the hub", r.code == 64, r)


# --- the hub's own client -------------------------------------------------------------


def client_python():
    """A Python that has the huggingface_hub package: VITALIS_HUB_PYTHON, or our own."""
    for python in (os.environ.get("VITALIS_HUB_PYTHON"), sys.executable):
        if python and subprocess.run([python, "-c", "import huggingface_hub"], stderr=subprocess.DEVNULL,
                                     check=False).returncode == 0:
            return python
    print("skipped: no huggingface_hub package (VITALIS_HUB_PYTHON names a Python that has it)")
    sys.exit(77)


def part_client():
    """The public client takes the test hub for a hub; what it leaves is verified, offline."""
    python = client_python()
    repo = tiny("tiny-llama")
    write(os.path.join(repo, "main/sub/odd name#1.txt"), b"odd\n")
    hub = Hub({"org/tiny": repo}, HUB_PAGE="3")
    env = environment_of({"HF_ENDPOINT": hub.endpoint, "HF_HOME": os.path.join(WORK, "hf"),
                          "HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_XET": "1"})

    def client(code):
        return subprocess.run([python, "-c", "import sys; from huggingface_hub import *; " + code, WORK], env=env,
                              stdout=subprocess.PIPE, check=True).stdout.decode().strip()

    cache = client("print(snapshot_download('org/tiny'))")
    local = client("print(snapshot_download('org/tiny', local_dir=sys.argv[1] + '/local'))")
    print("huggingface_hub", client("import huggingface_hub as h; print(h.__version__)"))
    names = sorted(os.path.relpath(os.path.join(b, n), repo + "/main") for b, _, ns in os.walk(repo + "/main") for n in ns)
    for folder in (cache, local):
        for name in names:
            check("fetched whole: " + name, read(os.path.join(folder, name)) == read(os.path.join(repo, "main", name)))
    hf = os.path.join(os.path.dirname(python), "hf")
    if os.path.exists(hf):
        p = subprocess.run([hf, "cache", "verify", "org/tiny"], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           check=False)
        check("hf cache verify", p.returncode == 0, p.stdout.decode())
    r = hub.audit("hf://org/tiny", environment={"HF_ENDPOINT": hub.endpoint})
    check("the same listing, in pages", sorted(f["path"] for f in r.report["files"]["tree"]
                                               if f["kind"] != "folder" and f["path"] in names) == names, r)
    for what, folder in (("cache", cache), ("local", local)):
        r = audit(folder, "--verify", "--offline", "--no-cache")
        check(what + ": verified offline", r.code == 0 and
              {f["state"] for f in r.report["integrity"]["files"]} == {"verified"}, r)
        for name in names:
            path = os.path.realpath(os.path.join(folder, name))
            before, data = os.stat(path), read(path)
            os.chmod(path, 0o644)
            flip(path, keep_time=True)
            r = audit(folder, "--verify", "--offline", "--no-cache")
            check("%s: one byte of %s" % (what, name), r.code == 1 and
                  any(f["id"] == "integrity/altered" and f["path"] == name for f in r.report["findings"]), r)
            write(path, data)
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    r = hub.audit(cache, "--hub", "--verify")
    check("the cache's folder tells the repository", r.code == 0 and r.report["findings"] == [] and
          set(hub_states(r).values()) == {"same"}, r)
    client("import os; os.environ['X'] = ''; snapshot_download('org/tiny', local_dir=sys.argv[1] + '/some', "
           "allow_patterns=['*.json'])")
    r = hub.audit(os.path.join(WORK, "some"), "--hub", "--repo", "org/tiny")
    check("a choice of files is no altered copy", "integrity/hub-altered" not in r.found(), r.found())


# --- the rest ---------------------------------------------------------------------------


def part_models():
    """Every tiny model: on a hub each check comes to the state it has on a folder."""
    names = sorted(n for n in os.listdir(MODELS) if n.startswith("tiny-"))
    repos = {}
    for name in names:
        os.makedirs(os.path.join(WORK, "models", name))
        os.symlink(os.path.join(MODELS, name), os.path.join(WORK, "models", name, "main"))
        repos["org/" + name] = os.path.join(WORK, "models", name)
    hub = Hub(repos)
    for name in names:
        remote = hub.audit("hf://org/" + name, "--skip", "integrity")
        local = audit(os.path.join(MODELS, name), "--skip", "integrity")
        check(name, remote.code == local.code and [(c["id"], c["state"]) for c in remote.report["checks"]] ==
              [(c["id"], c["state"]) for c in local.report["checks"]], (remote, local))


def part_odd():
    """Names and headers at their limits, and what the pinned model's spec says of the hub's digests."""
    folder = os.path.join(WORK, "odd/main")
    shutil.copytree(os.path.join(MODELS, "tiny-llama_tied"), folder)
    write(os.path.join(folder, "additional_chat_templates/a b#1%.jinja"), b"{{ messages }}")
    name = "x" * 10_000_000
    header = json.dumps({name: {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    write(os.path.join(folder, "long.safetensors"), len(header).to_bytes(8, "little") + header + bytes(4))
    write(os.path.join(folder, "liar.safetensors"), (1 << 40).to_bytes(8, "little") + bytes(100))
    write(os.path.join(folder, "short.safetensors"), (1000).to_bytes(8, "little") + b"{")
    write(os.path.join(folder, "tiny.safetensors"), b"1234")
    write(os.path.join(folder, "empty.safetensors"), b"")
    for i in range(600):
        write(os.path.join(folder, "many/part%03d" % i), b"?" * 600)
    gpt = os.path.join(WORK, "gpt")
    os.makedirs(gpt)
    subprocess.run([MK_MODEL, "gpt-oss-20b", os.path.join(gpt, "main")], check=True, stdout=subprocess.DEVNULL)
    hub = Hub({"org/odd": os.path.dirname(folder), "org/gpt": gpt})
    remote, local = hub.audit("hf://org/odd"), audit(folder)
    # The remedy of the remote ones knows the repository's name.
    for r in (remote, local):
        for f in r.report["findings"]:
            f.pop("remedy")
    check("the same findings as of the folder", remote.report["findings"] == local.report["findings"],
          [(a, b) for a, b in zip(remote.report["findings"], local.report["findings"]) if a != b])
    check("the same weights", without_evidence(remote.report["weights"]) == without_evidence(local.report["weights"]))
    sub = hub.audit("hf://org/odd@main/additional_chat_templates")
    check("a folder without a model", sub.code == 2, sub)
    r = hub.audit("hf://org/gpt", "--only", "integrity,weights")
    check("not the pinned model's digests", r.code == 1 and "integrity/hub-unlike-pin" in r.found(), (r, r.found()))
    r = hub.audit("hf://org/gpt")
    check("nothing is undecided for want of bytes", "undecided" not in r.report["not_assessed"], r)
    check("the Metal build's header", without_evidence(r.report["platform"]["metal"]) ==
          without_evidence(audit(os.path.join(gpt, "main")).report["platform"]["metal"]))
    check("sizes and headers are", "integrity/pin-size" not in r.found() and r.report["weights"]["tensor_count"] == 459, r)


def part_interrupt():
    """Ctrl-C while a server stalls: at once, by the signal, and nothing written."""
    hub = Hub({"org/tiny": tiny()})
    report = os.path.join(WORK, "report.json")
    p = subprocess.Popen([AUDIT, "hf://fault/stall", "-o", report],
                         env=environment_of({"HF_ENDPOINT": hub.endpoint, "HF_HUB_DOWNLOAD_TIMEOUT": "60"}),
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while len(hub.log()) < 4:
        time.sleep(0.05)
    p.send_signal(signal.SIGINT)
    out, err = p.communicate(timeout=20)
    check("ended by the signal", p.returncode == -signal.SIGINT, (p.returncode, err))
    check("nothing written", out == b"" and not os.path.exists(report), (out, os.listdir(WORK)))


def part_replay():
    """A recorded remote audit replays without a server, and holds no token."""
    hub = Hub({"org/tiny": tiny("tiny-llama")})
    recording = os.path.join(WORK, "recording")
    token = "hf_" + "s3cret" * 5
    first = hub.audit("hf://fault/500", "--record-host", recording,
                      environment={"HF_ENDPOINT": hub.endpoint, "HF_TOKEN": token})
    hub.process.terminate()
    hub.process.wait()
    again = audit("hf://fault/500", "--host-root", recording)
    check("recorded", first.code == 0, first)
    check("replayed", again.code == 0 and again.report["weights"] == first.report["weights"], again)
    check("replayed: the same requests", again.report["integrity"]["remote"] == first.report["integrity"]["remote"],
          (again.report["integrity"]["remote"], first.report["integrity"]["remote"]))
    for base, _, names in os.walk(recording):
        for name in names:
            data = read(os.path.join(base, name))
            check("no token in " + name, token.encode() not in data)
            check("no signature in " + name, b"5" * 64 not in data)


def main():
    part = globals().get("part_" + sys.argv[1].replace("-", "_"))
    try:
        part()
    finally:
        for p in STARTED:
            p.send_signal(signal.SIGTERM)
        for p in STARTED:
            p.wait()
        shutil.rmtree(WORK, ignore_errors=True)
    print("%d checks failed" % len(FAILED) if FAILED else "ok")
    sys.exit(1 if FAILED else 0)


if __name__ == "__main__":
    main()
