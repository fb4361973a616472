import { join } from 'node:path'
import { made } from './cache.ts'
import { mustLogged } from './run.ts'

const packages = [
  'ca-certificates',
  'cloud-guest-utils',
  'cloud-init',
  'conntrack',
  'containernetworking-plugins',
  'dbus',
  'e2fsprogs',
  'ethtool',
  'initramfs-tools',
  'iproute2',
  'iptables',
  'kmod',
  'linux-image-cloud-amd64',
  'mount',
  'netplan.io',
  'nftables',
  'openssh-server',
  'procps',
  'runc',
  'socat',
  'systemd',
  'systemd-resolved',
  'systemd-sysv',
  'systemd-timesyncd',
  'udev',
  'util-linux'
]
const unwanted = ['/usr/share/doc/*', '/usr/share/man/*', '/usr/share/locale/*']

/** A folder with `rootfs.tar`: Debian 13 with systemd and cloud-init, without anything of Kubernetes. About half a minute. */
export function makeRootfs(cache: string, log: string): Promise<string> {
  return made(cache, 'rootfs', [new URL(import.meta.url)], (folder) =>
    mustLogged(
      [
        'mmdebstrap',
        '--variant=minbase',
        ...unwanted.map((path) => `--dpkgopt=path-exclude=${path}`),
        `--include=${packages.join(',')}`,
        'trixie',
        join(folder, 'rootfs.tar')
      ],
      log,
      { env: { TMPDIR: folder } }
    )
  )
}
