#!/bin/sh
# Makes .venv with the newest Python here that is at least 3.11 and able to make one.
set -eu

can_make_one='import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))'
for python in python3.14 python3.13 python3.12 python3.11 python3 python; do
    if "$python" -c "$can_make_one" 2>/dev/null; then
        exec "$python" -m venv .venv
    fi
done
echo "No Python >= 3.11 with venv found; install one (on Debian: apt-get install python3-venv)." >&2
exit 1
