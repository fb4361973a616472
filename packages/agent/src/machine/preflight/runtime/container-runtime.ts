import { errorCode } from '@joinery/host/connection-problem'
import type { Runtime } from '../../../cri/cri.ts'
import { GrpcError, unimplemented } from '../../../cri/grpc.ts'
import type { Host } from '../../../host/host.ts'
import { byHand, type Finding, fail, type PreflightCheck, pass, warn } from '../check/check.ts'
import { containerdConfig } from './containerd-config.ts'
import { install } from './packages.ts'

export const containerRuntime: PreflightCheck = {
  name: 'container-runtime',
  why: 'the kubelet starts every container by it',
  mends: 'runtime',
  async run(host) {
    try {
      const runtime = await host.runtime()
      const { name, version, problem } = runtime
      if (problem !== undefined) {
        return byHand(fail(`${name} ${version} cannot run containers: ${problem}`, `journalctl -u ${name}`))
      }
      return fitFor(runtime)
    } catch (error) {
      return silent(host, error)
    }
  }
}

/**
 * A runtime that does not tell its cgroup driver is a warning, as kubeadm gives one. Kubernetes has put off the kubelet that refuses it
 * (KEP-4033): v1.38.0-beta.0 still falls back to its own configuration (cmd/kubelet/app/server.go). test/versions sees the day.
 */
const fitFor = ({ name, version, socket, cgroupDriver }: Runtime): Finding =>
  cgroupDriver !== undefined
    ? pass(`${name} ${version} answers on ${socket}`)
    : byHand(
        warn(
          `${name} ${version} does not know the CRI call RuntimeConfig, which kubelets will need`,
          '# install containerd 2.0 or later, or CRI-O 1.28 or later'
        )
      )

const silent = async (host: Host, error: unknown): Promise<Finding> => {
  if (error instanceof GrpcError && error.status === unimplemented) return withoutCri(host)
  if (errorCode(error) === 'ENOENT') {
    return byHand(
      fail('there is no CRI socket: no container runtime is installed, or it does not run', ...(await start(host)))
    )
  }
  const reason = error instanceof Error ? error.message : String(error)
  return byHand(
    fail(`the container runtime does not answer: ${reason}`, 'systemctl status containerd', ...(await start(host)))
  )
}

/** Finding for a runtime without its CRI. Docker's packages of containerd come like that. */
const withoutCri = async (host: Host): Promise<Finding> => {
  if ((await containerdConfig(host)).criDisabled) {
    return fail(
      'the container runtime runs with its CRI service switched off, by disabled_plugins in /etc/containerd/config.toml',
      `sed -i -E '/^\\s*disabled_plugins/s/["\\x27](io\\.containerd\\.grpc\\.v1\\.)?cri["\\x27],?\\s*//' /etc/containerd/config.toml`,
      'systemctl restart containerd'
    )
  }
  return byHand(
    fail(
      'the container runtime runs without its CRI service, which is not switched off: it failed to start',
      'journalctl -u containerd --grep=cri',
      'systemctl restart containerd'
    )
  )
}

const start = async (host: Host): Promise<string[]> => [
  ...(await install(host, 'containerd')),
  'systemctl enable --now containerd'
]
