import { CommandError } from '../exec.ts'
import type { Program } from '../versions.ts'
import { fail, type PreflightCheck, pass } from './check.ts'

/** The first that reads kubeadm.k8s.io/v1beta4, the only JoinConfiguration that the agent writes. */
const oldestMinor = 31

/** Is it there, does it run, and is it new enough. */
export const installed = (program: Program): PreflightCheck => ({
  name: `${program}-installed`,
  why: 'kubeadm joins the machine, and the kubelet is what runs on it then; kubectl is for who looks after it',
  async run(host) {
    const install = `apt-get install -y ${program}`
    try {
      const version = await host.version(program)
      if (program === 'kubeadm' && minor(version) < oldestMinor) {
        return fail(`kubeadm ${version} is older than v1.${oldestMinor}, the oldest that can be used`, install)
      }
      return pass(`${program} ${version}`)
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      if (error.code === 'ENOENT') return fail(`${program} is not installed`, install)
      return fail(`${program} is installed and does not run: ${error.message}`, `${install} --reinstall`)
    }
  }
})

const minor = (version: string): number => Number(/^v1\.(\d+)\./.exec(version)?.[1] ?? Number.POSITIVE_INFINITY)
