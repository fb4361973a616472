#!/bin/sh
# Installs the Joinery agent on a machine without dpkg, from the unpacked archive that this script is in. Safe to run again,
# and so an upgrade: configuration, key and state stay.
#   ./install.sh               install or upgrade
#   ./install.sh uninstall     stop and remove the program; configuration, key and state stay
#   ./install.sh purge         remove these too
set -eu

fail() {
  echo "install.sh: $1" >&2
  exit 1
}

# DESTDIR: another root than /, for images; nothing is started there
root=${DESTDIR:-}
here=$(cd "$(dirname "$0")" && pwd)
lib=$root/usr/lib/joinery-agent
units=$root/etc/systemd/system
atBoot='joinery-agent.service joinery-agent-boot.service joinery-recover.timer'

running() {
  [ -z "$root" ] && [ -d /run/systemd/system ]
}

check() {
  command -v systemctl > /dev/null || fail 'systemd is missing: the agent is a systemd service'
  case "$(uname -m)" in
    x86_64) processor=amd64 ;;
    aarch64) processor=arm64 ;;
    *) processor=$(uname -m) ;;
  esac
  [ "$processor" = "$(cat "$here/architecture")" ] ||
    fail "this archive is for $(cat "$here/architecture"), and the machine is $processor: take the other archive"
  # also where glibc is too old, or there is none
  "$here/usr/lib/joinery-agent/node" --version > /dev/null 2>&1 ||
    fail 'its runtime does not start: it needs glibc 2.28 and libstdc++ of GCC 8 or later'
}

install() {
  check
  mkdir -p "$root/usr/lib" "$root/usr/bin" "$units" "$root/usr/lib/tmpfiles.d" "$root/etc/joinery"
  # aside, then renamed: an agent that runs keeps the files that it has open
  rm -rf "$lib.new" "$lib.old"
  cp -R "$here/usr/lib/joinery-agent" "$lib.new"
  [ ! -e "$lib" ] || mv "$lib" "$lib.old"
  mv "$lib.new" "$lib"
  rm -rf "$lib.old"
  cp "$here/usr/bin/joinery-agent" "$root/usr/bin/joinery-agent.new"
  mv "$root/usr/bin/joinery-agent.new" "$root/usr/bin/joinery-agent"
  cp "$here/usr/lib/tmpfiles.d/joinery-agent.conf" "$root/usr/lib/tmpfiles.d/joinery-agent.conf"
  # what an administrator disabled stays disabled; a unit that is new with this release is not
  new=
  for unit in $atBoot; do [ -e "$units/$unit" ] || new="$new $unit"; done
  cp "$here"/usr/lib/systemd/system/joinery-* "$units/"
  # shellcheck disable=SC2086
  [ -z "$new" ] || systemctl ${root:+--root="$root"} --quiet enable $new
  if running; then
    systemd-tmpfiles --create joinery-agent.conf
    systemctl daemon-reload
    # never waits for a job: cloud-init may run this
    for unit in joinery-agent.service joinery-recover.timer; do
      if systemctl --quiet is-enabled "$unit"; then systemctl --no-block restart "$unit"; fi
    done
  fi
  if [ -e "$root/etc/joinery/agent.yaml" ]; then
    echo 'installed: systemctl status joinery-agent'
  else
    echo 'installed. Next: write /etc/joinery/agent.yaml and /etc/joinery/code, then systemctl start joinery-agent'
  fi
}

uninstall() {
  if running; then
    # without its unit file systemd would end the join half done
    if [ "$(systemctl show --property=ActiveState joinery-join.service)" = ActiveState=activating ]; then
      fail 'kubeadm join is running: uninstall when it has ended, or stop joinery-join.service'
    fi
    # shellcheck disable=SC2086
    systemctl stop $atBoot joinery-recover.service
  fi
  if [ -e "$units/joinery-agent.service" ]; then
    # shellcheck disable=SC2086
    systemctl ${root:+--root="$root"} --quiet disable $atBoot
  fi
  for unit in "$here"/usr/lib/systemd/system/joinery-*; do rm -f "$units/${unit##*/}"; done
  rm -rf "$lib" "$lib.new" "$lib.old"
  rm -f "$root/usr/bin/joinery-agent" "$root/usr/bin/joinery-agent.new" "$root/usr/lib/tmpfiles.d/joinery-agent.conf"
  if running; then systemctl daemon-reload; fi
  rmdir "$root/etc/joinery" 2> /dev/null || true
}

purge() {
  uninstall
  rm -rf "$root/var/lib/joinery-agent" "$root/run/joinery-agent"
  rm -f "$root/var/lib/systemd/timers/stamp-joinery-recover.timer"
  rm -f "$root/etc/joinery/agent.yaml" "$root/etc/joinery/code" "$root/etc/joinery/install.json"
  rmdir "$root/etc/joinery" 2> /dev/null || true
}

[ "$(id -u)" = 0 ] || fail 'not root: run it with sudo'
[ ! -e /var/lib/dpkg/info/joinery-agent.list ] || [ -n "$root" ] ||
  fail 'the package joinery-agent is installed: dpkg upgrades and removes it'
umask 022

case "${1:-install}" in
  install | uninstall | purge) "${1:-install}" ;;
  *) fail "there is no '$1': install, uninstall or purge" ;;
esac
