#!/bin/sh
# token_ids.py with the Python of VITALIS_PYTHON (one that has the reference
# library `tokenizers`), else the one on the PATH; it skips where the library is not.
python=${VITALIS_PYTHON:-$(command -v python3)} || exit 77
[ -n "$python" ] || exit 77
exec "$python" "$@"
