import type { Host } from '../../../host/host.ts'
import { paths } from '../../../host/paths.ts'
import { byHand, fail, type PreflightCheck, pass, warn } from '../check/check.ts'
import { dropIns } from '../runtime/drop-ins.ts'

export const neededModules = ['overlay', 'br_netfilter'] as const

/**
 * The module that must be loaded at boot. overlay comes by itself with the first mount of its kind; nothing asks for
 * this one.
 */
const neededAtBoot = 'br_netfilter'

export const kernelModules: PreflightCheck = {
  name: 'kernel-modules',
  why: 'containers are mounted by overlay, and br_netfilter shows their traffic to iptables',
  mends: 'safe',
  async run(host) {
    const missing = await missingModules(host)
    if (missing.length > 0) return notLoaded(host, missing)
    if (await isLoadedAtBoot(host)) return pass(`${neededModules.join(' and ')} are loaded`)
    return warn(`${neededAtBoot} is loaded, and nothing loads it at the next boot`, keep)
  }
}

const keep = `printf '%s\\n' ${neededModules.join(' ')} > /etc/modules-load.d/k8s.conf`

const notLoaded = async (host: Host, missing: readonly string[]) => {
  const finding = `not loaded: ${missing.join(', ')}`
  const load = `modprobe -a ${missing.join(' ')}`
  const barred = (await dropIns(host, 'modprobe.d')).filter(({ lines }) =>
    lines.some((line) => missing.includes(/^install\s+(\S+)/.exec(line)?.[1] ?? ''))
  )
  if (barred.length === 0) return fail(finding, load, keep)
  const allow = barred.map(({ path }) => `sed -i -E '/^\\s*install\\s+(${missing.join('|')})\\s/s/^/#/' ${path}`)
  return byHand(
    fail(`${finding}; loading them is forbidden by ${barred.map(({ path }) => path).join(', ')}`, ...allow, load, keep)
  )
}

/** Names of the modules that are missing, judged by what they bring. So a module that is built into the kernel counts too. */
export const missingModules = async (host: Pick<Host, 'read'>): Promise<string[]> => {
  const filesystems = (await host.read(paths.filesystems)) ?? ''
  const loaded = {
    overlay: /\boverlay$/m.test(filesystems),
    br_netfilter: (await host.read(`${paths.sysctls}/net/bridge/bridge-nf-call-iptables`)) !== undefined
  }
  return neededModules.filter((name) => !loaded[name])
}

/** True if the module comes at boot. If it is there and the kernel does not list it, it is built in. */
const isLoadedAtBoot = async (host: Pick<Host, 'read' | 'list'>): Promise<boolean> => {
  const modules = (await host.read(paths.modules)) ?? ''
  if (!modules.split('\n').some((line) => line.startsWith(`${neededAtBoot} `))) return true
  const listed = (await dropIns(host, 'modules-load.d')).flatMap(({ lines }) => lines)
  return listed.some((name) => name.replaceAll('-', '_') === neededAtBoot)
}
