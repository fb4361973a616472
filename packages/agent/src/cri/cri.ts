import type { Files } from '@joinery/host/files'
import { type Call, GrpcError, unimplemented, withGrpc } from './grpc.ts'
import { decode, integer, messages, text } from './protobuf.ts'

/** The answers of a container runtime about itself, over the CRI. */
export interface Runtime {
  /** Path of the unix socket that answered. */
  socket: string
  name: string
  version: string
  /** The reason why it cannot run containers (condition RuntimeReady). Undefined if it can. */
  problem: string | undefined
  /** Undefined if the runtime is too old to tell (containerd before 2.0). */
  cgroupDriver: 'systemd' | 'cgroupfs' | undefined
}

/**
 * Sockets of container runtimes. containerd is the last: Docker brings one along whose CRI is off, and then
 * cri-dockerd is the runtime that is meant.
 */
const sockets = ['/run/crio/crio.sock', '/run/cri-dockerd.sock', '/run/containerd/containerd.sock'] as const
/**
 * Milliseconds. A runtime that starts on a slow or busy machine answers after seconds. The kubelet waits two minutes.
 */
const timeout = 20_000

/**
 * Path of this machine's CRI socket: the first that is there of those that kubeadm knows. containerd's if there is
 * none yet.
 */
export const criSocket = async (files: Pick<Files, 'exists'>): Promise<string> => {
  for (const socket of sockets) if (await files.exists(socket)) return socket
  return sockets[2]
}

/** Asks the runtime behind the socket. Rejects as `withGrpc` does. Source: cri-api, runtime/v1/api.proto. */
export const askRuntime = (socket: string): Promise<Runtime> =>
  withGrpc(socket, timeout, async (call) => {
    // VersionResponse { string runtime_name = 2; string runtime_version = 3 }
    const version = decode(await call('/runtime.v1.RuntimeService/Version'))
    const [problem, cgroupDriver] = await Promise.all([readyProblem(call), askCgroupDriver(call)])
    return { socket, name: text(version, 2), version: text(version, 3), problem, cgroupDriver }
  })

/**
 * StatusResponse { RuntimeStatus status = 1 }, RuntimeStatus { repeated RuntimeCondition conditions = 1 },
 * RuntimeCondition { string type = 1; bool status = 2; string reason = 3; string message = 4 }.
 * NetworkReady is not looked at: it comes with the network plugin, after the join.
 */
const readyProblem = async (call: Call): Promise<string | undefined> => {
  const response = decode(await call('/runtime.v1.RuntimeService/Status'))
  const conditions = messages(response, 1).flatMap((status) => messages(status, 1))
  const failing = conditions.find((condition) => text(condition, 1) === 'RuntimeReady' && integer(condition, 2) === 0)
  return failing && `${text(failing, 3)}: ${text(failing, 4)}`
}

/**
 * RuntimeConfigResponse { LinuxRuntimeConfiguration linux = 1 },
 * LinuxRuntimeConfiguration { CgroupDriver cgroup_driver = 1 }, enum CgroupDriver { SYSTEMD = 0; CGROUPFS = 1 }.
 */
const askCgroupDriver = async (call: Call): Promise<Runtime['cgroupDriver']> => {
  try {
    const [linux] = messages(decode(await call('/runtime.v1.RuntimeService/RuntimeConfig')), 1)
    return linux && (integer(linux, 1) === 0 ? 'systemd' : 'cgroupfs')
  } catch (error) {
    if (error instanceof GrpcError && error.status === unimplemented) return undefined
    throw error
  }
}
