import { fail, type PreflightCheck, pass } from '../check/check.ts'

/**
 * Checks that the agent runs as root (kubeadm's IsPrivilegedUser). Most of the other checks see nothing without root
 * either.
 */
export const root: PreflightCheck = {
  name: 'root',
  why: 'kubeadm and the kubelet run as root, and nobody else can read the files that they need',
  async run(host) {
    if (host.uid === 0) return pass('run as root')
    return fail(`run by the user ${host.uid}, not by root`, 'sudo joinery-agent preflight')
  }
}
