#!/usr/bin/env bash
# ./build.sh [check|test|bench [SCENARIO]|publish]: the one entry to everything. `test` installs what the tests need first.
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

install_for() {
    local missing=()
    for package in "$@"; do
        dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    local root=""
    [ "$(id -u)" -eq 0 ] || root=sudo
    echo "Installing ${missing[*]}"
    $root apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

target="${1:-check}"
case "$target" in
    test) install_for postgresql curl wget strace python3-pip python3-poetry twine skopeo podman buildah docker-registry slapd ldap-utils openssl gnupg ;;
    bench) install_for postgresql nginx-light wrk ;;
    check | publish) ;;
    *) echo "usage: ./build.sh [check|test|bench [SCENARIO]|publish]" >&2; exit 2 ;;
esac

dotnet tool restore >/dev/null
exec dotnet cake build.cake --target="${target^}" ${2:+--scenario="$2"} --verbosity=quiet
