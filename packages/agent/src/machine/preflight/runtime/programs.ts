import { searchPath } from '@joinery/host/exec'
import { minorOf } from '../../../host/versions.ts'
import { fail, type PreflightCheck, pass, warn } from '../check/check.ts'
import { install } from './packages.ts'

/**
 * Programs with their Debian packages, by kubeadm's FileExisting in preflight/checks_linux.go. Without the first
 * three v1.34 and later refuse to join, and from v1.38 on they warn of getent. Up to v1.33 kubeadm refused without the
 * next three too, and warned of the others.
 */
const packages = {
  mount: 'mount',
  losetup: 'mount',
  cp: 'coreutils',
  ip: 'iproute2',
  iptables: 'iptables',
  nsenter: 'util-linux',
  conntrack: 'conntrack',
  ebtables: 'ebtables',
  ethtool: 'ethtool',
  getent: 'libc-bin',
  socat: 'socat',
  tc: 'iproute2'
} as const
export const kubernetesPrograms = Object.keys(packages)
const needed: readonly string[] = ['mount', 'losetup', 'cp']
const neededOnce: readonly string[] = ['ip', 'iptables', 'nsenter']
const lastToNeed = 33

export const programs: PreflightCheck = {
  name: 'programs',
  why: 'kubeadm, the kubelet and network plugins start them: a volume or a Service that needs one fails long after the join',
  async run(host) {
    const [folders, kubeadm] = await Promise.all([
      Promise.all(searchPath.map((folder) => host.list(folder))),
      host.version('kubeadm').catch(() => '')
    ])
    const there = new Set(folders.flat())
    const missing = Object.entries(packages).filter(([program]) => !there.has(program))
    if (missing.length === 0) return pass('every program that kubeadm, the kubelet and network plugins start is there')
    const names = missing.map(([program]) => program)
    const remedy = await install(host, ...new Set(missing.map(([, name]) => name)))
    const refused = (minorOf(kubeadm) ?? Number.POSITIVE_INFINITY) <= lastToNeed ? [...needed, ...neededOnce] : needed
    const found = `not installed: ${names.join(', ')}`
    return names.some((name) => refused.includes(name)) ? fail(found, ...remedy) : warn(found, ...remedy)
  }
}
