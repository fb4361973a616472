import { adminConnection, kubernetesSight, mend } from '@joinery/kube/doctor'
import { heedProgram } from '../kubernetes/heed-program.ts'
import type { Kubeconfig } from '../terminal/kubeconfig.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { harden } from './harden.ts'
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
