import t from 'tap'
import { judgeSwap, type Kubelets, swap } from '../../../../src/machine/preflight/system/swap.ts'
import { table } from '../../../support/check-table.ts'

const off = { '/proc/swaps': 'Filename\t\t\tType\t\tSize\t\tUsed\t\tPriority\n' }
const on = (...lines: string[]) => ({ '/proc/swaps': [off['/proc/swaps'].trim(), ...lines, ''].join('\n') })
const fstab = (line: string) => ({ '/etc/fstab': `LABEL=rootfs / ext4 defaults 0 1\n${line}\n` })
const generator = { '/usr/lib/systemd/system-generators/zram-generator': '' }

/** Of a cluster that says nothing about swap. */
const refused = swap({ cluster: {} })

table(refused, [
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

const swapped = { files: { ...on('/dev/sda2 partition 97 0 -2'), ...fstab('/dev/sda2 none swap sw 0 0') } }
const comes = { files: { ...off, ...fstab('/dev/sda2 none swap sw 0 0') } }

table(
  swap({ cluster: { kubelet: { failSwapOn: false } }, surveyed: true }),
  [
    { name: 'off', machine: { files: off }, verdict: 'pass', finding: /^swap is off$/ },
    { name: 'on', machine: swapped, verdict: 'pass', finding: /^swap is on: \/dev\/sda2; .*failSwapOn: false/ },
    { name: 'off until the next boot', machine: comes, verdict: 'pass', finding: /^swap is off, and comes back/ }
  ],
  'swap in a cluster that allows it'
)

for (const kubelet of [undefined, {}, { failSwapOn: true }, { swapBehavior: 'LimitedSwap' as const }]) {
  table(
    swap({ cluster: kubelet === undefined ? {} : { kubelet }, surveyed: true }),
    [
      {
        name: 'on',
        machine: swapped,
        verdict: 'fail',
        finding: /^swap is on: \/dev\/sda2$/,
        remedy: /^swapoff -a\nsed/
      }
    ],
    `swap in a cluster of which is known: ${JSON.stringify(kubelet)}`
  )
}

table(
  swap({}),
  [
    { name: 'off', machine: { files: off }, verdict: 'pass', finding: /^swap is off$/ },
    {
      name: 'on',
      machine: swapped,
      verdict: 'warn',
      finding: /^swap is on: \/dev\/sda2; the agent learns whether .* once the machine has enrolled$/,
      remedy: /^# if the kubelets .*--fix=swap$/,
      byHand: true
    },
    {
      name: 'off until the next boot',
      machine: comes,
      verdict: 'warn',
      finding: /comes back at the next boot, by \/etc\/fstab; the agent learns whether/,
      remedy: /^# if the kubelets/,
      byHand: true
    }
  ],
  'swap before the machine knows its cluster'
)

table(
  swap({ named: ['sysctls', 'swap'] }),
  [{ name: 'on', machine: swapped, verdict: 'warn', finding: /whether/, remedy: /^swapoff -a\nsed -i/ }],
  'swap that a person wants off'
)

table(
  swap({ surveyed: true }),
  [
    {
      name: 'on',
      machine: swapped,
      verdict: 'fail',
      finding: /^swap is on: \/dev\/sda2; the cluster does not say now/,
      remedy: /^# if the kubelets/,
      byHand: true
    },
    {
      name: 'off until the next boot',
      machine: comes,
      verdict: 'warn',
      finding: /the cluster does not say now/,
      remedy: /^# if the kubelets/,
      byHand: true
    }
  ],
  'swap while the cluster is away'
)

/** Verdict and, after it, what the agent may mend. */
const decisions: Record<Kubelets, [on: string, coming: string]> = {
  allow: ['pass', 'pass'],
  refuse: ['fail, mended', 'warn, mended'],
  named: ['warn, mended', 'warn, mended'],
  'not-asked': ['warn', 'warn'],
  'not-told': ['fail', 'warn']
}
for (const [kubelets, [on, coming]] of Object.entries(decisions) as [Kubelets, [string, string]][]) {
  t.test(`with kubelets ${kubelets}, swap that is on gives ${on}, and if it comes back ${coming}`, async (t) => {
    const unit = { by: 'dev-vda3.swap', remedy: "systemctl mask --now 'dev-vda3.swap'" }
    const verdictOf = (...swaps: Parameters<typeof judgeSwap>): string => {
      const { verdict, mendable = true } = judgeSwap(...swaps)
      return mendable && verdict !== 'pass' ? `${verdict}, mended` : verdict
    }
    t.equal(verdictOf({ active: ['/dev/vda3'], coming: [] }, kubelets), on)
    t.equal(verdictOf({ active: ['/dev/vda3'], coming: [unit] }, kubelets), on)
    t.equal(verdictOf({ active: [], coming: [unit] }, kubelets), coming)
    t.equal(verdictOf({ active: [], coming: [] }, kubelets), 'pass')
  })
}
