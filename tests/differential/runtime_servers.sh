#!/bin/sh
# A real llama-server and a real llama-cpp-python server, asked over loopback.
#
# usage: runtime_servers.sh VITALIS_AUDIT MODELS
#
# By hand: VITALIS_LLAMA_SERVER names the program (built from llama.cpp),
# VITALIS_LLAMA_PYTHON an interpreter that has llama-cpp-python with its server,
# VITALIS_GGUF a small model. Each part without its variable is skipped by name;
# 77 when nothing could be asked. Ports 8080 and 8000 must be free.
set -u
audit=$1 models=$2
work=$(mktemp -d) || exit 1
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
ran=0 status=0
command -v curl >/dev/null || { echo "skipped: no curl"; exit 77; }

# The row of one runtime in the table of the report: field NAME of SLUG.
row() {
	"$audit" system --only runtimes -f json | awk -v slug="$1" -v name="$2" '
		/"slug": / { here = index($0, "\"" slug "\"") > 0 }
		here && index($0, "\"" name "\": ") { sub(/^.*": /, ""); sub(/,?$/, ""); gsub(/"/, ""); print; exit }'
}

wait_for() { # URL
	for _ in $(seq 100); do
		curl -fs -o /dev/null "$1" && return 0
		sleep 0.3
	done
	echo "$1 did not come up"
	return 1
}

want() { # WHAT EXPECTED FOUND
	if [ "$2" != "$3" ]; then
		echo "$1: expected '$2', found '$3'"
		status=1
	fi
}

if [ -x "${VITALIS_LLAMA_SERVER:-}" ] && [ -f "${VITALIS_GGUF:-}" ]; then
	ran=1
	"$VITALIS_LLAMA_SERVER" -m "$VITALIS_GGUF" -c 512 --host 127.0.0.1 --port 8080 >"$work/log" 2>&1 &
	server=$!
	if wait_for http://127.0.0.1:8080/health; then
		want "llama-server" "answers" "$(row llama-server server)"
		want "mlx_lm beside it" "another program answers" "$(row mlx-lm server)"
		"$audit" system --only runtimes -f json | grep -q '"loaded_context": 512' || {
			echo "llama-server: the loaded context of 512 tokens is not in the report"
			status=1
		}
	else
		status=1
	fi
	kill "$server"
	wait "$server" 2>/dev/null
	server=
else
	echo "skipped: llama-server (VITALIS_LLAMA_SERVER, VITALIS_GGUF)"
fi

if [ -x "${VITALIS_LLAMA_PYTHON:-}" ] && [ -f "${VITALIS_GGUF:-}" ]; then
	ran=1
	"$VITALIS_LLAMA_PYTHON" -m llama_cpp.server --model "$VITALIS_GGUF" --n_ctx 512 --host 127.0.0.1 --port 8000 \
		>"$work/log" 2>&1 &
	server=$!
	if wait_for http://127.0.0.1:8000/v1/models; then
		want "llama-cpp-python" "answers" "$(row llama-cpp-python server)"
		want "vLLM beside it" "another program answers" "$(row vllm server)"
	else
		status=1
	fi
	kill "$server"
	wait "$server" 2>/dev/null
	server=
else
	echo "skipped: llama-cpp-python (VITALIS_LLAMA_PYTHON, VITALIS_GGUF)"
fi

# Something else on a well-known port, always here: a plain file server.
if command -v python3 >/dev/null && ! curl -s -o /dev/null http://127.0.0.1:11434/; then
	ran=1
	(cd "$models" && exec python3 -m http.server --bind 127.0.0.1 11434 >"$work/log" 2>&1) &
	server=$!
	if wait_for http://127.0.0.1:11434/; then
		want "a file server on Ollama's port" "another program answers" "$(row ollama server)"
	else
		status=1
	fi
fi
[ "$ran" -eq 1 ] || exit 77
exit "$status"
