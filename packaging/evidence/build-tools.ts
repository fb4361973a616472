import { spawnSync } from 'node:child_process'

/** Packages of Debian whose versions decide what the bytes of a release are, with what they give to it. */
const deciding = [
  // node without its symbols, and with its path to libatomic
  ...['binutils-aarch64-linux-gnu', 'binutils-x86-64-linux-gnu', 'patchelf'],
  ...['libatomic1', 'libatomic1-amd64-cross', 'libatomic1-arm64-cross'],
  // the packages, and what compresses them
  ...['dpkg', 'libzstd1', 'zstd', 'tar', 'libdeflate-tools', 'xz-utils', 'zlib1g'],
  // the index of the repository
  'apt-utils'
]

/** Name, version and architecture of each of them that this machine has, as "dpkg 1.21.22 amd64". */
export const buildTools = (): string[] => {
  const fields = ['db:Status-Status', 'Package', 'Version', 'Architecture'].map((field) => `\${${field}}`)
  // ends with 1 where one of them is unknown, and prints the others
  const { stdout } = spawnSync('dpkg-query', ['--show', `--showformat=${fields.join(' ')}\n`, ...deciding], {
    encoding: 'utf8'
  })
  return (stdout ?? '')
    .split('\n')
    .flatMap((line) => (line.startsWith('installed ') ? [line.slice('installed '.length)] : []))
    .sort()
}
