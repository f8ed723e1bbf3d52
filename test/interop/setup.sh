#!/usr/bin/env bash
# Installs vcsim, govc, pyVmomi and the packages of the sample frontends for `npm run test:interop`, only into test/interop/.tools.
# Needs Go, Python 3 with pip, and npm. The package manager installs nbdkit, libnbd, qemu-img and curl (.ci/run). Can be run again at any time; installed tools are skipped within seconds.
set -euo pipefail

# The last version that `go install` can build: later ones have replace directives.
govmomi=v0.46.3
pyvmomi=9.1.1.0

tools="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/.tools"

# The default directory of Go's installer, which may be missing from the PATH.
command -v go >/dev/null || PATH="$PATH:/usr/local/go/bin"

for needed in go python3 npm; do
  if ! command -v "$needed" >/dev/null; then
    echo "test/interop/setup.sh: $needed is missing; install it and run this again" >&2
    exit 1
  fi
done

mkdir -p "$tools/bin" "$tools/python"
GOBIN="$tools/bin" go install "github.com/vmware/govmomi/vcsim@$govmomi" "github.com/vmware/govmomi/govc@$govmomi"

if [ ! -d "$tools/python/pyvmomi-$pyvmomi.dist-info" ]; then
  rm -rf "$tools/python"
  # --target leaves virtual environments and system packages unchanged.
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target "$tools/python" "pyvmomi==$pyvmomi"
fi

clients="$tools/../clients"
if ! cmp --silent "$clients/package-lock.json" "$tools/clients/package-lock.json" || [ ! -d "$tools/clients/node_modules/vite" ]; then
  rm -rf "$tools/clients"
  mkdir -p "$tools/clients"
  cp "$clients/package.json" "$clients/package-lock.json" "$clients/.npmrc" "$tools/clients"
  npm ci --prefix "$tools/clients" --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error
fi

# govc reports version 0.0.0 when `go install` built it.
go version -m "$tools/bin/vcsim" "$tools/bin/govc" | awk '$1 == "path" { print $2 }; $1 == "mod" { print "  " $3 }'
PYTHONPATH="$tools/python" python3 -c "from importlib.metadata import version; import pyVim.connect; print('pyvmomi', version('pyvmomi'))"
