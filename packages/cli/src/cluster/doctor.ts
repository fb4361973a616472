import { CommandEnd } from '@joinery/host/command-end'
import { checksText } from '@joinery/host/text/checks'
import type { ClusterSight } from '@joinery/kube/doctor'
import { adminConnection, examine, kubernetesSight } from '@joinery/kube/doctor'
import { type ClusterReport, resultOf } from '@joinery/protocol'
import { heedProgram } from '../kubernetes/heed-program.ts'
import { type Printer, printDocument } from '../output/document.ts'
import { printNext } from '../output/next-command.ts'
import { exitCodes } from '../terminal/errors.ts'
import type { Kubeconfig } from '../terminal/kubeconfig.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { withExitCode } from './with-exit-code.ts'

export const doctorHere = async (
  kubeconfig: Kubeconfig,
  printer: Printer,
  terminal: Pick<Terminal, 'err' | 'now' | 'root' | 'told'>
): Promise<void> => printReport(await doctorReport(kubeconfig, terminal), printer)

/** The doctor's report about the cluster of the kubeconfig. */
export const doctorReport = (
  kubeconfig: Kubeconfig,
  terminal: Pick<Terminal, 'err' | 'now' | 'root' | 'told'>
): Promise<ClusterReport> =>
  withExitCode(async () => {
    const { files, context } = kubeconfig
    const api = adminConnection(files, { context, program: heedProgram(kubeconfig, terminal) })
    return doctor(api.server, kubernetesSight(api), terminal)
  })

export const doctor = async (
  server: string,
  sight: ClusterSight,
  { told, now }: Pick<Terminal, 'told' | 'now'>
): Promise<ClusterReport> => {
  const { findings } = await examine(sight, now())
  const checks = findings.map((check) => ({ ...check, ...(check.remedy && { remedy: check.remedy.map(told) }) }))
  return { version: 1, result: resultOf(checks), cluster: { server, version: await sight.version() }, checks }
}

/** Throws if a check fails. */
export const printReport = ({ version, result, cluster, checks }: ClusterReport, printer: Printer): void => {
  const { out, colour } = printer.terminal
  if (!printDocument(printer, { version, result, cluster, checks })) {
    out(checksText(checks, colour))
    if (checks.some(({ hardens }) => hardens)) printNext(printer.terminal, 'joinery cluster harden')
  }
  if (result === 'fail') throw new CommandEnd(exitCodes.checkFails, `the cluster at ${cluster.server} needs a person`)
}
