import type { Host } from '../host.ts'
import { paths } from '../paths.ts'
import { fail, type PreflightCheck, pass } from './check.ts'

export const neededModules = ['overlay', 'br_netfilter'] as const

export const kernelModules: PreflightCheck = {
  name: 'kernel-modules',
  why: 'containers are mounted by overlay, and br_netfilter shows their traffic to iptables',
  mends: 'safe',
  async run(host) {
    const missing = await missingModules(host)
    if (missing.length === 0) return pass(`${neededModules.join(' and ')} are loaded`)
    return fail(`not loaded: ${missing.join(', ')}`, `modprobe -a ${missing.join(' ')}`)
  }
}

/** Judged by what they bring, so that one which is built into the kernel counts too. */
export const missingModules = async (host: Pick<Host, 'read'>): Promise<string[]> => {
  const filesystems = (await host.read(paths.filesystems)) ?? ''
  const loaded = {
    overlay: /\boverlay$/m.test(filesystems),
    br_netfilter: (await host.read(`${paths.sysctls}/net/bridge/bridge-nf-call-iptables`)) !== undefined
  }
  return neededModules.filter((name) => !loaded[name])
}
