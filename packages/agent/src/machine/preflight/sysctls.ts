import type { Host } from '../host.ts'
import { paths } from '../paths.ts'
import { fail, type PreflightCheck, pass } from './check.ts'

/** Each has to be 1. The optional one is not there on a machine without IPv6. */
export const neededSysctls = [
  { key: 'net.bridge.bridge-nf-call-iptables', optional: false },
  { key: 'net.bridge.bridge-nf-call-ip6tables', optional: true },
  { key: 'net.ipv4.ip_forward', optional: false }
] as const

export interface WrongSysctl {
  key: string
  /** Undefined where the kernel has no such key. */
  value: string | undefined
}

export const sysctls: PreflightCheck = {
  name: 'sysctls',
  why: 'without them packets between Pods and Services are dropped',
  mends: 'safe',
  async run(host) {
    const wrong = await wrongSysctls(host)
    if (wrong.length === 0) return pass('bridged traffic reaches iptables, and packets are forwarded')
    const findings = wrong.map(({ key, value }) =>
      value === undefined ? `${key} does not exist (br_netfilter is not loaded)` : `${key} is ${value}, not 1`
    )
    return fail(findings.join('; '), `sysctl -w ${wrong.map(({ key }) => `${key}=1`).join(' ')}`)
  }
}

export const wrongSysctls = async (host: Pick<Host, 'read'>): Promise<WrongSysctl[]> => {
  const found = await Promise.all(
    neededSysctls.map(async ({ key, optional }) => ({
      key,
      optional,
      value: (await host.read(sysctlPath(key)))?.trim()
    }))
  )
  return found
    .filter(({ optional, value }) => (value === undefined ? !optional : value !== '1'))
    .map(({ key, value }) => ({ key, value }))
}

export const sysctlPath = (key: string): string => `${paths.sysctls}/${key.replaceAll('.', '/')}`
