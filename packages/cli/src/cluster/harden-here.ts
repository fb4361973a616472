import { adminConnection } from '@joinery/server/doctor/admin-connection.ts'
import { kubernetesSight } from '@joinery/server/doctor/kubernetes-sight.ts'
import { mend } from '@joinery/server/doctor/mend.ts'
import type { Kubeconfig } from '../kubeconfig.ts'
import type { Terminal } from '../terminal.ts'
import { harden } from './harden.ts'
import { withExitCode } from './with-exit-code.ts'

export const hardenHere = (kubeconfig: Kubeconfig, yes: boolean, terminal: Terminal): Promise<void> =>
  withExitCode(async () => {
    const api = adminConnection(kubeconfig.files)
    const cluster = { sight: kubernetesSight(api), mend: (change: Parameters<typeof mend>[1]) => mend(api, change) }
    await harden(cluster, kubeconfig, yes, terminal)
  })
