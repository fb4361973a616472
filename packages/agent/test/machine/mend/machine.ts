import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { memoryFiles } from '@joinery/fake-machine'
import type { Exec } from '@joinery/host/exec'
import { type Files, filesUnder } from '@joinery/host/files'
import type { Check } from '@joinery/protocol'
import type { Test } from 'tap'
import { timeServices } from '../../../src/host/time-services.ts'
import { changesMade } from '../../../src/machine/mend/change-journal.ts'
import { mendChecks } from '../../../src/machine/mend/mend-checks.ts'

export const modulesFile = '/etc/modules-load.d/joinery.conf'
export const sysctlsFile = '/etc/sysctl.d/99-zz-joinery.conf'
export const config = '/etc/containerd/config.toml'

export const fstab = 'UUID=1 / ext4 defaults 0 1\n/dev/sda2 none swap sw 0 0\n'
export const containerd = '# Docker says\ndisabled_plugins = ["cri"]\n'

const levels: Record<string, 'runtime'> = { 'container-runtime': 'runtime', 'cgroup-driver': 'runtime' }
export const failed = (...names: string[]): Check[] =>
  names.map((name) => ({ name, verdict: 'fail', finding: '', mends: levels[name] ?? 'safe' }))
/** Of all that this machine fails. */
export const all = failed('kernel-modules', 'sysctls', 'swap', 'kubelet-service', 'time-service', 'container-runtime')

/** Each of them writes, or runs a command that may. */
const acts = ['write', 'create', 'set', 'remove'] as const

/** The power goes before the act number `after`, counted from 0: neither that act nor any later one happens. */
const withPower = (files: Files, exec: Exec, after: number) => {
  let acted = 0
  const spend = (): void => {
    if (acted++ >= after) throw new Error('the power is cut')
  }
  const cut: Files = { ...files }
  for (const name of acts) {
    const act = files[name] as (...args: unknown[]) => Promise<unknown>
    Object.assign(cut, {
      [name]: async (...args: unknown[]) => {
        spend()
        return act(...args)
      }
    })
  }
  const cutExec: Exec = async (argv, options) => {
    if (argv[1] !== 'show') spend()
    return exec(argv, options)
  }
  return { files: cut, exec: cutExec, isCut: () => acted > after }
}

const bridge = '/proc/sys/net/bridge'
const noSwaps = 'Filename Type Size Used Priority\n'

const disk: Record<string, string> = {
  '/etc/fstab': fstab,
  '/etc/systemd/zram-generator.conf': '[zram0]\n',
  [config]: containerd,
  '/usr/lib/systemd/system-generators/zram-generator': '',
  '/proc/filesystems': 'nodev\toverlay\n',
  '/proc/swaps': `${noSwaps}/dev/sda2 partition 1 0 -2\n`,
  '/proc/sys/net/ipv4/ip_forward': '0\n'
}

/** Its files below a folder of the test. */
const onDisk = (t: Test) => {
  const root = t.testdir({})
  for (const [path, text] of Object.entries(disk)) {
    mkdirSync(join(root, dirname(path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return { root, files: filesUnder(root) }
}

/** Its files in memory, for a test of very many writes. */
const inMemory = () => {
  const files = memoryFiles()
  for (const [path, text] of Object.entries(disk)) files.append(path, text)
  return { root: '', files }
}

/**
 * A machine as it comes: overlay is loaded, br_netfilter is not, packets are not forwarded, swap is on by fstab and by zram, the
 * kubelet is not enabled, no time service runs, and containerd's CRI is off. Kernel and systemd are played.
 */
export const freshMachine = (t: Test, { memory = false } = {}) => {
  const { root, files }: { root: string; files: Files } = memory ? inMemory() : onDisk(t)
  const at = (path: string): string => join(root, path)
  const world = {
    kubelet: 'disabled',
    timesyncd: 'disabled',
    /** The configuration that containerd runs by. */
    containerd: '',
    /** It starts by such a configuration. */
    starts: (_config: string): boolean => true
  }
  const commands: string[] = []
  const played: Record<string, () => Promise<string | undefined> | string> = {
    'modprobe br_netfilter': async () => {
      await files.write(`${bridge}/bridge-nf-call-iptables`, '1\n', 0o644)
      await files.write(`${bridge}/bridge-nf-call-ip6tables`, '0\n', 0o644)
      return undefined
    },
    'swapoff -a': async () => {
      await files.write('/proc/swaps', noSwaps, 0o444)
      return undefined
    },
    'systemctl mask -- dev-zram0.swap': async () => {
      await files.write('/etc/systemd/system/dev-zram0.swap', '', 0o644)
      return undefined
    },
    'systemctl show kubelet.service --property=LoadState,UnitFileState': () =>
      `LoadState=${world.kubelet === 'masked' ? 'masked' : 'loaded'}\nUnitFileState=${world.kubelet}\n`,
    'systemctl enable kubelet.service': () => {
      world.kubelet = 'enabled'
      return ''
    },
    [`systemctl show ${timeServices.join(' ')} --property=Id,LoadState,UnitFileState,ActiveState`]: () =>
      timeServices
        .map((unit) => {
          if (unit !== 'systemd-timesyncd.service') return `Id=${unit}\nLoadState=not-found\n`
          const active = world.timesyncd === 'enabled' ? 'active' : 'inactive'
          return `Id=${unit}\nLoadState=loaded\nUnitFileState=${world.timesyncd}\nActiveState=${active}\n`
        })
        .join('\n'),
    'systemctl enable --now systemd-timesyncd.service': () => {
      world.timesyncd = 'enabled'
      return ''
    },
    'systemctl restart containerd.service': async () => {
      const text = (await files.read(config)) ?? ''
      if (!world.starts(text)) throw new Error('Job for containerd.service failed')
      world.containerd = text
      return undefined
    }
  }
  const exec: Exec = async (argv) => {
    const command = argv.join(' ')
    if (argv[1] !== 'show') commands.push(command)
    const act = played[command]
    if (act === undefined) throw new Error(`${command}: no such command`)
    return (await act()) ?? ''
  }
  return {
    root,
    at,
    files,
    exec,
    world,
    commands,
    mend: (checks: readonly Check[] = all, level: 'off' | 'safe' | 'runtime' = 'runtime') =>
      mendChecks(files, exec, checks, level),
    /** The same, and the power goes before an act of it. False where it came to an end before. */
    mendUntil: async (after: number, checks: readonly Check[] = all) => {
      const cut = withPower(files, exec, after)
      await mendChecks(cut.files, cut.exec, checks, 'runtime').catch(() => undefined)
      return cut.isCut()
    },
    /** What was changed, in words. */
    told: async () => (await changesMade(files)).map(({ what }) => what)
  }
}
