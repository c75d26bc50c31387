#!/usr/bin/env bash
# Exports both interpreter transformers and has PyTorch reproduce the tokens of programs: every one of classic's conformance suite, and
# those that come with the full machine.
# Installs PyTorch where it is missing. The last line is `N passed, N failed`.
set -euo pipefail
cd "$(dirname "$0")/../.."
cache="${WORLDMODEL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/worldmodel-xray}"
mkdir -p "$cache"

# A python3 that has PyTorch: the first on PATH, Debian's, or our own.
find_python() {
    local python
    for python in python3 /usr/bin/python3 "$cache/torch/bin/python"; do
        if command -v "$python" >/dev/null && "$python" -c 'import torch' 2>/dev/null; then
            echo "$python"
            return
        fi
    done
    return 1
}

install_torch() {
    if command -v apt-get >/dev/null; then
        echo "Installing python3-torch (Debian, CPU only): it checks the exported weights"
        local root=()
        [ "$(id -u)" = 0 ] || root=(sudo -n)
        "${root[@]}" apt-get -q update &&
            DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get -q install -y --no-install-recommends python3-torch &&
            return
    fi
    echo "Installing torch (pip) in $cache/torch: it checks the exported weights"
    python3 -m venv "$cache/torch" && "$cache/torch/bin/pip" -q install torch
}

if ! python=$(find_python); then
    if ! install_torch || ! python=$(find_python); then
        echo "PyTorch is missing. Remedy: apt-get install python3-torch, or pip install torch"
        exit 1
    fi
fi

worldmodel="${WORLDMODEL:-}"
if [ -z "$worldmodel" ]; then
    # The whole workspace's features: with those of one package cargo would compile burn once more.
    cargo build --quiet --locked --workspace --bin worldmodel
    worldmodel="${CARGO_TARGET_DIR:-target}/debug/worldmodel"
fi
exported=$(mktemp -d)
trap 'rm -rf "$exported"' EXIT
passed=0 failed=0
# Runs a check and adds up its last line.
count() {
    local last
    last=$("$@" | tee /dev/stderr | tail -n 1) || true
    [[ $last =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]] || { last="0 passed, 1 failed" && [[ $last =~ ([0-9]+).*([0-9]+) ]]; }
    passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2]))
}
for model in classic full; do "$worldmodel" export "$model" --out "$exported/$model"; done
count "$python" cli/verify/classic_torch.py "$exported/classic" "$worldmodel" engine/tests/conformance/*/*.wasmt
count "$python" cli/verify/full_torch.py "$exported/full" "$worldmodel" assets/programs/*.wat
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
