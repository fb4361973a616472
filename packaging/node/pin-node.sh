#!/bin/sh
# packaging/node/pin-node.sh FOLDER: compares packaging/node/node-binaries.json with what Node's releasers signed. FOLDER has what they
# publish of that release: SHASUMS256.txt.asc, node-vRELEASE-linux-x64.tar.xz and node-vRELEASE-linux-arm64.tar.xz. Their keys are
# in the keyring of who runs it: read there how to get and check them, https://github.com/nodejs/node#release-keys
set -eu

fail() {
  echo "pin-node: $1" >&2
  exit 1
}

[ $# -eq 1 ] || fail 'usage: packaging/node/pin-node.sh FOLDER'
folder=$1
pins=$(dirname "$0")/node-binaries.json
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

pinned() {
  python3 -c 'import functools, json, sys; print(functools.reduce(dict.get, sys.argv[2:], json.load(open(sys.argv[1]))))' "$pins" "$@"
}

release=$(pinned release)
# only what the signature covers is read from here on
gpg --batch --yes --output "$scratch/sums" --decrypt "$folder/SHASUMS256.txt.asc" 2>"$scratch/gpg" ||
  fail "SHASUMS256.txt.asc has no good signature: $(tail -1 "$scratch/gpg")"

for pair in amd64:x64 arm64:arm64; do
  debian=${pair%:*}
  name=node-v$release-linux-${pair#*:}
  grep "  $name.tar.xz\$" "$scratch/sums" >"$scratch/sum" || fail "the signed sums have no $name.tar.xz"
  (cd "$folder" && sha256sum --check --status --strict "$scratch/sum") || fail "$name.tar.xz is not what was signed"
  tar --extract --xz --file "$folder/$name.tar.xz" --directory "$scratch" "$name/bin/node"
  found=$(sha256sum "$scratch/$name/bin/node" | cut -d' ' -f1)
  [ "$found" = "$(pinned sha256 "$debian")" ] || fail "bin/node for $debian is $found, and $pins has another"
  echo "$debian: bin/node of Node $release is what was signed and what is pinned"
done
