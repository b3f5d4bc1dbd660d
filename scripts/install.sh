#!/bin/sh
# Installs kiosk from this folder, without any network, into a Python environment of its own.
#
#   ./install.sh [--prefix DIR] [terminal | node …]
#
# What follows is handed to `kiosk install`, as in: ./install.sh node --folder /srv/meetings
set -eu

here=$(cd "$(dirname "$0")" && pwd)
needed=$(cat "$here/PYTHON")
prefix=/opt/kiosk
if [ "${1:-}" = --prefix ]; then
    prefix=${2:?--prefix needs a folder}
    shift 2
fi

fail() {
    echo "kiosk: $1" >&2
    exit 1
}

# The wheels are for one version of Python and one kind of machine.
python=$(command -v "python$needed" || command -v python3 || true)
[ -n "$python" ] || fail "Python $needed is needed (apt-get install python$needed)"
found=$("$python" -c 'import sys, sysconfig; print("%d.%d %s" % (*sys.version_info[:2], sysconfig.get_platform()))')
[ "$found" = "$needed $(cat "$here/PLATFORM")" ] ||
    fail "this bundle is for Python $needed on $(cat "$here/PLATFORM"), here is Python $found"

# Nothing is cleared that was not made by this.
if [ -e "$prefix" ] && [ -n "$(ls -A "$prefix")" ] && [ ! -e "$prefix/pyvenv.cfg" ]; then
    fail "$prefix is there and holds something else; name another folder with --prefix"
fi

# Debian keeps what gives an environment its pip in a package of its own; pip comes along instead.
"$python" -m venv --clear --without-pip "$prefix"
env -u PYTHONHOME PYTHONPATH="$(echo "$here"/wheelhouse/pip-*.whl)" PIP_CONFIG_FILE=/dev/null \
    "$prefix/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir \
    --root-user-action ignore --no-index --find-links "$here/wheelhouse" --only-binary :all: \
    --require-hashes -r "$here/requirements.txt"

echo "kiosk: $("$prefix/bin/kiosk" --version) is in $prefix"
if [ $# -gt 0 ]; then
    "$prefix/bin/kiosk" install "$@"
else
    echo "next    $prefix/bin/kiosk install terminal"
fi
echo "next    $prefix/bin/kiosk doctor"
