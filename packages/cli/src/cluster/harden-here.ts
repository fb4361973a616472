import { table } from '@joinery/host/text/table'
import { titleOf } from '@joinery/kube'
import {
  adminConnection,
  type Change,
  type ClusterSight,
  commandOf,
  examine,
  kubernetesSight,
  mend
} from '@joinery/kube/doctor'
import { escapeText } from '@joinery/protocol'
import { requireConsent } from '../consent/consent.ts'
import { heedProgram } from '../kubernetes/heed-program.ts'
import { printNext } from '../output/next-command.ts'
import type { Kubeconfig } from '../terminal/kubeconfig.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { tryEach } from '../terminal/try-each.ts'
import { withExitCode } from './with-exit-code.ts'

export const hardenHere = (kubeconfig: Kubeconfig, yes: boolean, terminal: Terminal): Promise<void> =>
  withExitCode(async () => {
    const api = adminConnection(kubeconfig.files, {
      context: kubeconfig.context,
      program: heedProgram(kubeconfig, terminal)
    })
    const cluster = { sight: kubernetesSight(api), mend: (change: Parameters<typeof mend>[1]) => mend(api, change) }
    await harden(cluster, yes, terminal)
  })

export interface HardenedCluster {
  sight: ClusterSight
  /** Makes the change, and says what became of it. To repeat it is success. */
  mend(change: Change): Promise<string>
}

/**
 * Makes the changes that the doctor knows, once a person has read what each one breaks. Each change is complete by
 * itself. After a cut the doctor reports the rest, and the next run does it.
 */
export const harden = async ({ sight, mend }: HardenedCluster, yes: boolean, terminal: Terminal): Promise<void> => {
  const { changes } = await examine(sight, terminal.now())
  if (changes.length === 0) {
    terminal.out('Nothing to change.\n')
    printNext(terminal, 'joinery cluster doctor')
    return
  }
  terminal.out(`${planText(changes, terminal)}\n`)
  const question = `Make ${changes.length === 1 ? 'this change' : `these ${changes.length} changes`}?`
  if (!yes) await requireConsent(question, 'nothing is changed', terminal)
  const { failures } = await tryEach(changes, async (change) =>
    terminal.out(`${escapeText(await withExitCode(() => mend(change)))}\n`)
  )
  printNext(terminal, 'joinery cluster doctor')
  if (failures.length > 0) throw new AggregateError(failures)
}

const planText = (changes: readonly Change[], { told, colour }: Terminal): string =>
  table([['CHANGE', 'WHAT IT BREAKS'], ...changes.map((change) => [changeText(change, told), change.breaks])], colour)

const changeText = (change: Change, told: Terminal['told']): string =>
  change.verb === 'delete' ? told(commandOf(change)) : `apply this version of ${titleOf(change.manifest)}`
