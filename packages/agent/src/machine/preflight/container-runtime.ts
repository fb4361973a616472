import { errorCode } from '../connection-problem.ts'
import { GrpcError, unimplemented } from '../grpc.ts'
import { type Finding, fail, type PreflightCheck, pass } from './check.ts'

export const containerRuntime: PreflightCheck = {
  name: 'container-runtime',
  why: 'the kubelet starts every container by it',
  async run(host) {
    try {
      const { name, version, socket, problem } = await host.runtime()
      if (problem === undefined) return pass(`${name} ${version} answers on ${socket}`)
      return fail(`${name} ${version} cannot run containers: ${problem}`, `journalctl -u ${name}`)
    } catch (error) {
      return silent(error)
    }
  }
}

const silent = (error: unknown): Finding => {
  if (error instanceof GrpcError && error.status === unimplemented) {
    return fail(
      'the container runtime runs with its CRI service switched off',
      'take "cri" out of disabled_plugins in /etc/containerd/config.toml, then: systemctl restart containerd'
    )
  }
  if (errorCode(error) === 'ENOENT') {
    return fail('there is no CRI socket: no container runtime is installed, or it does not run', start)
  }
  return fail(`the container runtime does not answer: ${error instanceof Error ? error.message : String(error)}`, start)
}

const start = 'apt-get install -y containerd && systemctl enable --now containerd'
