import { CommandError } from '@joinery/host/exec'
import type { Host } from '../../../host/host.ts'
import type { Program } from '../../../host/versions.ts'
import { minorOf } from '../../../host/versions.ts'
import { fail, type PreflightCheck, pass, warn } from '../check/check.ts'
import { installKubernetes, packageManager } from './packages.ts'

/** Minor version of the first kubeadm that reads kubeadm.k8s.io/v1beta4, the only JoinConfiguration that the agent writes. */
const oldestMinor = 31

const reasons: Record<Program, string> = {
  kubelet: 'the kubelet registers the machine as a Node and starts its containers',
  kubeadm: 'kubeadm joins the machine to the cluster',
  kubectl: 'kubectl is no part of the join: it is for the person who looks after the machine later'
}

/** Checks that a program is there, runs, and is new enough. */
export const installed = (program: Program, cluster?: string): PreflightCheck => ({
  name: `${program}-installed`,
  why: reasons[program],
  async run(host) {
    const install = () => installKubernetes(host, [program], minorOf(cluster ?? ''))
    const problem = program === 'kubectl' ? warn : fail
    try {
      const version = await host.version(program)
      if (program === 'kubeadm' && (minorOf(version) ?? oldestMinor) < oldestMinor) {
        return fail(
          `kubeadm ${version} is older than v1.${oldestMinor}, the oldest that can be used`,
          ...(await install())
        )
      }
      return pass(`${program} ${version}`)
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      if (error.code === 'ENOENT') return problem(`${program} is not installed`, ...(await install()))
      return problem(`${program} is installed and does not run: ${error.message}`, ...(await reinstall(host, program)))
    }
  }
})

const reinstall = async (host: Host, program: Program): Promise<string[]> => {
  switch (await packageManager(host)) {
    case 'apt':
      return [`apt-get install -y --reinstall ${program}`]
    case 'dnf':
      return [`dnf reinstall -y ${program}`]
    case 'zypper':
      return [`zypper --non-interactive install --force ${program}`]
    case 'none':
      return [`# install ${program} again`]
  }
}
