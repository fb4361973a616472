import { swap } from '../../../src/machine/preflight/swap.ts'
import { table } from './check-table.ts'

const off = { '/proc/swaps': 'Filename\t\t\tType\t\tSize\t\tUsed\t\tPriority\n' }
const on = (...lines: string[]) => ({ '/proc/swaps': [off['/proc/swaps'].trim(), ...lines, ''].join('\n') })
const fstab = (line: string) => ({ '/etc/fstab': `LABEL=rootfs / ext4 defaults 0 1\n${line}\n` })
const generator = { '/usr/lib/systemd/system-generators/zram-generator': '' }

table(swap, [
  { name: 'off', machine: { files: { ...off, ...fstab('') } }, verdict: 'pass', finding: /^swap is off$/ },
  { name: 'a kernel without swap', machine: {}, verdict: 'pass', finding: /off/ },
  {
    name: 'on, from a partition and a file',
    machine: { files: on('/dev/sda2  partition\t97\t0\t-2', '/swap.img file\t9\t0\t-3') },
    verdict: 'fail',
    finding: /^swap is on: \/dev\/sda2, \/swap\.img$/,
    remedy: /^swapoff -a$/
  },
  {
    name: 'on, and in fstab',
    machine: { files: { ...on('/dev/sda2 partition 97 0 -2'), ...fstab('/dev/sda2 none swap sw 0 0') } },
    verdict: 'fail',
    finding: /^swap is on: \/dev\/sda2$/,
    remedy: /^swapoff -a\nsed -i -E .* \/etc\/fstab$/
  },
  {
    name: 'off until the next boot',
    machine: { files: { ...off, ...fstab('/dev/vg/swap\tnone\tswap\tsw 0 0') } },
    verdict: 'warn',
    finding: /comes back at the next boot, by \/etc\/fstab$/,
    remedy: /^sed .* \/etc\/fstab$/
  },
  {
    name: 'a comment in fstab',
    machine: { files: { ...off, ...fstab('  #/dev/sda2 none swap sw 0 0') } },
    verdict: 'pass',
    finding: /off/
  },
  {
    name: 'a line of fstab that nothing starts',
    machine: { files: { ...off, ...fstab('/dev/sda2 none swap sw,noauto 0 0') } },
    verdict: 'pass',
    finding: /off/
  },
  {
    name: 'a unit of systemd',
    machine: {
      files: {
        ...off,
        '/etc/systemd/system/swapfile.swap': '[Swap]\nWhat=/swapfile\n',
        '/etc/systemd/system/swap.target.wants/swapfile.swap': '[Swap]\nWhat=/swapfile\n'
      }
    },
    verdict: 'warn',
    finding: /by swapfile\.swap$/,
    remedy: /^systemctl mask --now 'swapfile\.swap'$/
  },
  {
    name: 'a unit that nothing wants',
    machine: { files: { ...off, '/etc/systemd/system/swapfile.swap': '[Swap]\nWhat=/swapfile\n' } },
    verdict: 'pass',
    finding: /off/
  },
  {
    name: 'a swap partition that systemd finds by its type',
    machine: { files: { ...off, '/run/systemd/generator.late/dev-vda3.swap': '[Swap]\n' } },
    verdict: 'warn',
    finding: /by dev-vda3\.swap$/,
    remedy: /mask --now 'dev-vda3\.swap'/
  },
  {
    name: 'the same, masked',
    machine: {
      files: { ...off, '/run/systemd/generator.late/dev-vda3.swap': '', '/etc/systemd/system/dev-vda3.swap': '' }
    },
    verdict: 'pass',
    finding: /off/
  },
  {
    name: 'zram, on and kept by its generator',
    machine: {
      files: {
        ...on('/dev/zram0 partition 97 0 100'),
        ...generator,
        '/usr/lib/systemd/zram-generator.conf': '# by default\n[zram0]\nzram-size = ram / 2\n'
      }
    },
    verdict: 'fail',
    finding: /^swap is on: \/dev\/zram0$/,
    remedy: /^swapoff -a\nsystemctl mask --now 'dev-zram0\.swap'$/
  },
  {
    name: 'zram whose configuration somebody emptied',
    machine: {
      files: {
        ...off,
        ...generator,
        '/usr/lib/systemd/zram-generator.conf': '[zram0]\n',
        '/etc/systemd/zram-generator.conf': ''
      }
    },
    verdict: 'pass',
    finding: /off/
  },
  {
    name: 'zram by a drop-in',
    machine: { files: { ...off, ...generator, '/etc/systemd/zram-generator.conf.d/swap.conf': '[zram1]\n' } },
    verdict: 'warn',
    finding: /by dev-zram1\.swap$/,
    remedy: /dev-zram1\.swap/
  },
  {
    name: 'a configuration of zram whose generator is gone',
    machine: { files: { ...off, '/etc/systemd/zram-generator.conf': '[zram0]\n' } },
    verdict: 'pass',
    finding: /off/
  },
  {
    name: 'a service that makes swap',
    machine: { files: { ...off, '/etc/systemd/system/multi-user.target.wants/zramswap.service': '' } },
    verdict: 'warn',
    finding: /by zramswap\.service$/,
    remedy: /^systemctl disable --now zramswap\.service$/
  }
])
