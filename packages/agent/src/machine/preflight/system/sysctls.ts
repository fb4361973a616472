import { basename } from 'node:path'
import type { Host } from '../../../host/host.ts'
import { paths } from '../../../host/paths.ts'
import { byHand, type Finding, fail, type PreflightCheck, pass, warn } from '../check/check.ts'
import { type DropIn, dropIns } from '../runtime/drop-ins.ts'

/**
 * Sysctls that have to be 1. The optional one is not there on a machine without IPv6. `initial` is the kernel's value
 * if no file says otherwise. The bridge's sysctls have it once br_netfilter is loaded.
 */
export const neededSysctls = [
  { key: 'net.bridge.bridge-nf-call-iptables', optional: false, initial: '1' },
  { key: 'net.bridge.bridge-nf-call-ip6tables', optional: true, initial: '1' },
  { key: 'net.ipv4.ip_forward', optional: false, initial: '0' }
] as const

interface WrongSysctl {
  key: string
  /** Undefined if the kernel has no such key. */
  value: string | undefined
}

export const sysctls: PreflightCheck = {
  name: 'sysctls',
  why: 'without these settings packets between Pods and Services are dropped',
  mends: 'safe',
  async run(host) {
    const wrong = await wrongSysctls(host)
    if (wrong.length > 0) return wrongNow(wrong)
    const coming = await comingSysctls(host, neededSysctls)
    return coming.length === 0 ? pass('bridged traffic reaches iptables, and packets are forwarded') : later(coming)
  }
}

const wrongNow = (wrong: readonly WrongSysctl[]): Finding => {
  const findings = wrong.map(({ key, value }) =>
    value === undefined ? `${key} does not exist (br_netfilter is not loaded)` : `${key} is ${value}, not 1`
  )
  return fail(
    findings.join('; '),
    ...(wrong.some(({ value }) => value === undefined) ? ['modprobe br_netfilter'] : []),
    keep(wrong.map(({ key }) => key)),
    'sysctl --system'
  )
}

const later = (coming: readonly WrongAtBoot[]): Finding => {
  const findings = coming.map(({ key, path, value }) =>
    path === undefined ? `nothing sets ${key} to 1` : `${path} sets ${key} to ${value}`
  )
  const unset = coming.filter(({ path }) => path === undefined).map(({ key }) => key)
  const found = warn(
    `right now, and wrong after the next boot: ${findings.join('; ')}`,
    ...(unset.length === 0 ? [] : [keep(unset)]),
    ...coming.flatMap(({ key, path }) => (path === undefined ? [] : [correct(key, path)]))
  )
  return coming.some(({ overridesAgent }) => overridesAgent) ? byHand(found) : found
}

const keep = (keys: readonly string[]): string => `printf '%s = 1\\n' ${keys.join(' ')} >> /etc/sysctl.d/k8s.conf`

/** Command that corrects a key in a file, where it may be written with dots or with slashes. */
const correct = (key: string, path: string): string =>
  `sed -i -E 's#^\\s*-?${key.replaceAll('.', '[./]')}\\s*=.*#${key} = 1#' ${path}`

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

/** A sysctl that the next boot sets to something else than 1. */
interface WrongAtBoot {
  key: string
  value: string
  /** Path of the file that sets it. Undefined if it is the kernel's own value. */
  path: string | undefined
  /** True if the file is read after the agent's own: nothing that the agent writes counts. */
  overridesAgent: boolean
}

/**
 * The sysctls that are not 1 after the next boot, by systemd-sysctl's reading of sysctl.d: the last file that sets a
 * key wins. /etc/sysctl.conf counts only if /etc/sysctl.d links to it. `initial` is the kernel's own value.
 */
const comingSysctls = async (
  host: Pick<Host, 'read' | 'list'>,
  needed: readonly { key: string; initial: string }[]
): Promise<WrongAtBoot[]> => {
  const files = await dropIns(host, 'sysctl.d')
  return needed.flatMap(({ key, initial }) => {
    const { file, value } = lastToSet(files, key) ?? { value: initial }
    if (value === '1') return []
    const overridesAgent = file !== undefined && file.name > basename(paths.sysctlsFile)
    return [{ key, value, path: file?.path, overridesAgent }]
  })
}

const lastToSet = (files: readonly DropIn[], key: string): { file?: DropIn; value: string } | undefined => {
  for (const file of files.toReversed()) {
    for (const line of file.lines.toReversed()) {
      const [, name = '', value = ''] = /^-?\s*([^=\s]+)\s*=\s*(.*)$/.exec(line) ?? []
      if (dotted(name) === key) return { file, value }
    }
  }
  return undefined
}

/** The name of a sysctl with dots. If a name is written with slashes, a dot in it is no separator. */
const dotted = (name: string): string => (/^[^./]*\//.test(name) ? name.replaceAll('/', '.') : name)
