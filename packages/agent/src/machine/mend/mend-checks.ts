import type { Exec } from '@joinery/host/exec'
import type { Files } from '@joinery/host/files'
import type { Check, MachineChange, Remediation } from '@joinery/protocol'
import { isDue, type Mended } from '../port/mending.ts'
import { busyWith } from './busy.ts'
import { changeJournal } from './change-journal.ts'
import { type ChangeRecord, describeChange } from './change-record.ts'
import { mendContainerd } from './containerd/mend-containerd.ts'
import { mendKernelModules, mendSysctls } from './kernel-settings.ts'
import type { Mender, MenderParts } from './mender.ts'
import { mendKubeletService, mendTimeService } from './services.ts'
import { mendSwap } from './swap-off.ts'

/**
 * The menders, in this order. Modules come before sysctls: br_netfilter brings the bridge's. containerd has one
 * mender for both of its checks.
 */
const menders: readonly [checks: readonly string[], mender: Mender][] = [
  [['kernel-modules'], mendKernelModules],
  [['sysctls'], mendSysctls],
  [['swap'], mendSwap],
  [['kubelet-service'], mendKubeletService],
  [['time-service'], mendTimeService],
  [['container-runtime', 'cgroup-driver'], mendContainerd]
]

/** Mends the checks that are due at `level`, now and for the next boot. */
export const mendChecks = async (
  files: Files,
  exec: Exec,
  checks: readonly Check[],
  level: Remediation
): Promise<Mended> => {
  const due = checks.filter((check) => isDue(check, level)).map(({ name }) => name)
  if (due.length === 0) return { changes: [] }
  const waits = await busyWith(files)
  if (waits !== undefined) return { changes: [], waits }
  const changes: MachineChange[] = []
  const earlier = await changeJournal(files).records()
  for (const [names, mender] of menders) {
    const check = names.find((name) => due.includes(name))
    if (check === undefined) continue
    const cannot = (what: string): void => void changes.push({ check, what: `cannot ${what}` })
    const parts = { files, exec, earlier, cannot, change: changer(files, check, changes) }
    // a check that cannot be mended does not keep the others from it
    await mender(parts).catch((error: Error) => cannot(`be mended: ${error.message}`))
  }
  return { changes }
}

/** Makes changes for a check, and adds their outcomes to `changes`. */
const changer =
  (files: Files, check: string, changes: MachineChange[]): MenderParts['change'] =>
  async (planned, act) => {
    const whole = { check, ...planned }
    const settle = await changeJournal(files).begin(whole)
    const outcome = await act().then(
      (): ChangeRecord => ({ ...whole, state: 'made' }),
      (error: Error): ChangeRecord => ({ ...whole, state: 'failed', problem: error.message })
    )
    changes.push(describeChange(outcome))
    await settle(outcome)
    return outcome.state === 'made'
  }
