import { CommandEnd } from '@joinery/host/command-end'
import { checksText } from '@joinery/host/text/checks'
import type { ClusterSight } from '@joinery/kube/doctor'
import { adminConnection, examine, kubernetesSight } from '@joinery/kube/doctor'
import { type ClusterReport, resultOf } from '@joinery/protocol'
import { type Printer, printDocument } from '../output/document.ts'
import { exitCodes } from '../terminal/errors.ts'
import type { Kubeconfig } from '../terminal/kubeconfig.ts'
import { withExitCode } from './with-exit-code.ts'

export const doctorHere = async (kubeconfig: Kubeconfig, printer: Printer): Promise<void> =>
  printReport(await doctorReport(kubeconfig, printer.terminal.now()), kubeconfig, printer)

/** The doctor's report about the cluster of the kubeconfig. */
export const doctorReport = (kubeconfig: Kubeconfig, now: Date): Promise<ClusterReport> =>
  withExitCode(async () => {
    const api = adminConnection(kubeconfig.files, kubeconfig.context)
    return doctor(api.server, kubernetesSight(api), kubeconfig, now)
  })

export const doctor = async (
  server: string,
  sight: ClusterSight,
  { told }: Kubeconfig,
  now: Date
): Promise<ClusterReport> => {
  const { findings } = await examine(sight, now)
  const checks = findings.map((check) => ({ ...check, ...(check.remedy && { remedy: check.remedy.map(told) }) }))
  return { version: 1, result: resultOf(checks), cluster: { server, version: await sight.version() }, checks }
}

/** Throws if a check fails. */
export const printReport = (
  { version, result, cluster, checks }: ClusterReport,
  { told }: Kubeconfig,
  printer: Printer
): void => {
  const { out, err, colour } = printer.terminal
  if (!printDocument(printer, { version, result, cluster, checks })) {
    out(checksText(checks, colour))
    if (checks.some(({ hardens }) => hardens)) err(`Next: ${told('joinery cluster harden')}\n`)
  }
  if (result === 'fail') throw new CommandEnd(exitCodes.checkFails, `the cluster at ${cluster.server} needs a person`)
}
