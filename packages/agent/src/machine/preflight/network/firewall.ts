import type { Host } from '../../../host/host.ts'
import { type Finding, fail, type PreflightCheck, pass, warn, worst } from '../check/check.ts'
import type { PreflightInput } from '../check/preflight-input.ts'
import { type Firewall, firewalls } from '../firewall/firewalls.ts'
import { comingTo, reachOf } from './coming.ts'
import { portsOf } from './role-ports.ts'

/**
 * Checks the packet filters of this machine against the ports that others come to. NodePorts need no open port:
 * packets for them are redirected to a Pod before they would be the machine's own. No firewall is ever changed.
 */
export const firewall = (input: PreflightInput): PreflightCheck => ({
  name: 'firewall',
  why: 'the API server calls the kubelet on TCP port 10250, for kubectl logs and exec, and the metrics of Pods; all nodes call a control plane on 6443, and other control planes call its etcd',
  async run(host) {
    const ports = portsOf(input.role, input.cluster?.etcd)
    return worst(await Promise.all(ports.map((port) => judge(host, input, port))))
  }
})

const judge = async (host: Host, input: PreflightInput, port: number): Promise<Finding> => {
  const found = await firewalls(host, comingTo(input, port))
  const comer = `traffic to TCP port ${port}`
  if (found.length === 0) return pass('no firewall is in use')
  if (reachOf(input, port) === 'open') return pass(`the pairing server comes through ${kinds(found)}`)
  const closed = found.filter(({ fate }) => fate === 'drop')
  if (closed.length > 0) return fail(`${comer} is blocked by ${describe(closed)}`, ...commands(closed))
  const unclear = found.filter(({ fate }) => fate === 'unknown')
  if (unclear.length > 0) {
    return warn(
      `the check cannot tell whether ${comer} gets through ${describe(unclear)}`,
      ...commands(unclear),
      ...(commands(unclear).length === 0 ? ['nft list ruleset'] : [])
    )
  }
  return pass(`${comer} gets through ${kinds(found)}`)
}

const kinds = (found: readonly Firewall[]): string => [...new Set(found.map(({ kind }) => kind))].join(' and ')

const describe = (found: readonly Firewall[]): string =>
  found.map(({ kind, where }) => `${kind} (${where})`).join(' and ')

const commands = (found: readonly Firewall[]): string[] => [...new Set(found.flatMap(({ open }) => open))]
