import type { Check } from '@joinery/protocol'
import type { Host } from '../host.ts'
import { apiEndpoint } from './api-endpoint.ts'
import { cgroupDriver } from './cgroup-driver.ts'
import { type Finding, fail, type PreflightCheck } from './check.ts'
import { containerRuntime } from './container-runtime.ts'
import { earlierJoin } from './earlier-join.ts'
import { installed } from './installed.ts'
import { kernelModules } from './kernel-modules.ts'
import { kubeletService } from './kubelet-service.ts'
import { portsFree } from './ports-free.ts'
import { swap } from './swap.ts'
import { sysctls } from './sysctls.ts'

/** What a join needs of a machine. `endpoint` is host:port of the Kubernetes API. */
export const checksFor = (endpoint: string): PreflightCheck[] => [
  installed('kubelet'),
  installed('kubeadm'),
  installed('kubectl'),
  kubeletService,
  swap,
  kernelModules,
  sysctls,
  containerRuntime,
  cgroupDriver,
  apiEndpoint(endpoint),
  portsFree,
  earlierJoin
]

/** Runs the checks side by side and reports every one, in their order. One that throws has failed. */
export const preflight = (host: Host, checks: readonly PreflightCheck[]): Promise<Check[]> =>
  Promise.all(
    checks.map(async (check) => {
      const { verdict, finding, remedy } = await check.run(host).catch(couldNotCheck)
      return { name: check.name, verdict, finding: limit(finding), ...(remedy && { remedy: limit(remedy) }) }
    })
  )

const couldNotCheck = (error: unknown): Finding =>
  fail(`could not be checked: ${error instanceof Error ? error.message : String(error)}`, 'journalctl -u joinery-agent')

/** One line, within the protocol's limit of a finding and a remedy. */
const limit = (text: string): string => text.replace(/\s+/g, ' ').slice(0, 1024)
