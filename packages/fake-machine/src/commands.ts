import { timeServices, unitNames } from '@joinery/agent/testing/debian'
import { units } from '@joinery/agent/testing/machine'
import { CommandError, type Exec } from '@joinery/host/exec'
import type { KubeletLife } from './kubeadm/kubelet.ts'
import { imageList } from './memory-images.ts'
import type { Service, ServiceState } from './service.ts'
import { playedJournal, playedUnits, type Trouble } from './trouble.ts'

export interface CommandParts {
  join: Service
  kubelet: Service
  life: KubeletLife
  reset: () => Promise<void>
  loadModule: (name: string) => void
  swapOff: () => Promise<void>
  trouble: Trouble
}

/** The commands of systemd and of the kernel that the agent runs. Any other command is not installed. */
export const playedCommands = (parts: CommandParts): Exec => {
  const { join, kubelet, life, reset, loadModule, swapOff, trouble } = parts
  const commands: Record<string, () => Promise<string | undefined> | string | undefined> = {
    [`systemctl show ${units.join} --property=ActiveState,Job`]: () => unitText(join.state),
    [`systemctl show ${units.join} --property=Result`]: () => `Result=${join.result}\n`,
    [`journalctl --unit=${units.kubelet} --lines=20 --output=cat --no-pager`]: () =>
      ['Started kubelet.service', ...life.log].slice(-20).join('\n'),
    [`systemctl show ${units.kubelet} --property=LoadState,UnitFileState`]: () =>
      'LoadState=loaded\nUnitFileState=enabled\n',
    [`systemctl show ${units.kubelet} ${units.containerd} --property=${unitNames.join(',')}`]: () =>
      playedUnits(trouble, kubelet),
    [`systemctl show ${timeServices.join(' ')} --property=Id,LoadState,UnitFileState,ActiveState`]: () => timeUnits,
    [`systemctl start --no-block ${units.join}`]: () => void join.start(),
    [`systemctl show ${units.kubelet} --property=ActiveState,ActiveEnterTimestampMonotonic`]: () =>
      kubeletText(kubelet.state, life.since),
    [`journalctl --unit=${units.kubelet} --since=-15min --lines=400 --output=cat --no-pager`]: () =>
      life.log.slice(-400).join('\n'),
    [`systemctl try-restart --no-block ${units.kubelet}`]: async () => {
      if (life.since === undefined) return undefined
      await kubelet.stop()
      kubelet.start()
      return undefined
    },
    [`systemctl start --no-block ${units.kubelet}`]: () => void kubelet.start(),
    [`systemctl start ${units.reset}`]: async () => void (await reset()),
    [`systemctl reset-failed ${units.join}`]: () => void join.resetFailed(),
    [`systemctl stop ${units.join} ${units.kubelet}`]: async () => {
      await join.stop()
      await kubelet.stop()
      return undefined
    },
    'modprobe br_netfilter': () => void loadModule('br_netfilter'),
    'swapoff -a': async () => void (await swapOff())
  }
  return async (argv) => {
    if (argv.slice(0, 4).join(' ') === 'kubeadm config images list')
      return imageList(argv[5] ?? '', argv[7] ?? 'registry.k8s.io')
    if (argv[0] === 'getent') return `127.0.1.1       ${argv.at(-1)}\n`
    const command = commands[argv.join(' ')]
    const journal = argv[0] === 'journalctl' && argv.includes('--boot') ? playedJournal(trouble, argv) : undefined
    if (journal !== undefined) return journal
    if (command === undefined) throw new CommandError(argv, 'ENOENT', '')
    return (await command()) ?? ''
  }
}

/** Units of the time services. Only systemd-timesyncd is installed. */
const timeUnits = timeServices
  .map((unit) => {
    const there = unit === 'systemd-timesyncd.service'
    return there
      ? `Id=${unit}\nLoadState=loaded\nUnitFileState=enabled\nActiveState=active\n`
      : `Id=${unit}\nLoadState=not-found\nUnitFileState=\nActiveState=inactive\n`
  })
  .join('\n')

/** A unit that is being started has a job in the queue. */
const unitText = (state: ServiceState): string => `ActiveState=${state}\nJob=${state === 'activating' ? '1' : ''}\n`

/** The kubelet's unit, which is `activating` for the ten seconds before it is started again. */
const kubeletText = (state: ServiceState, since: number | undefined): string => {
  const active = state === 'activating' ? (since === undefined ? 'activating' : 'active') : state
  return `ActiveState=${active}\nActiveEnterTimestampMonotonic=${Math.round((since ?? 0) * 1000)}\n`
}
