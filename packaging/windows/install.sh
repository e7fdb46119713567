# Installs packages by apt, with sudo when not root; asks nothing of apt when all are there. Sourced by build and try.

install_packages() {
    local package missing=() root=()
    for package in "$@"; do
        [ "$(LC_ALL=C dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
            missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if ! command -v apt-get >/dev/null; then
        echo "no apt here. Please install by hand what corresponds to: ${missing[*]}" >&2
        return 1
    fi
    [ "$(id -u)" = 0 ] || root=(sudo)
    echo "installing ${missing[*]}"
    "${root[@]}" apt-get update -q
    # All of them again, not only the missing: packages of one source must come in one version.
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
        -o DPkg::Lock::Timeout=600 --no-install-recommends "$@"
}
