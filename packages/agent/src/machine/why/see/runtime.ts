import { errorCode } from '@joinery/host/connection-problem'
import type { Exec } from '@joinery/host/exec'
import type { Files } from '@joinery/host/files'
import { criSocket, type Runtime } from '../../../cri/cri.ts'
import { type Call, GrpcError, unimplemented, withGrpc } from '../../../cri/grpc.ts'
import { decode, integer, messages, text } from '../../../cri/protobuf.ts'
import { units } from '../../../host/paths.ts'
import type { ContainerSeen, RuntimeSeen } from '../seen.ts'
import { seeContainers } from './containers.ts'

/** The answers of the container runtime about Pods, over the CRI. Both reject as `withGrpc` does. */
export interface CriLooks {
  /** The reason why the runtime has no network for Pods. Undefined if it has one. */
  network(): Promise<string | undefined>
  /** The containers of the system that end with an error. */
  containers(): Promise<ContainerSeen[]>
}

const timeout = 15_000

/** The looks at this machine's runtime. `now`: this machine's time of day. */
export const criLooks = (files: Pick<Files, 'exists'>, exec: Exec, now: () => number): CriLooks => {
  const connected = async <T>(use: (call: Call) => Promise<T>): Promise<T> =>
    withGrpc(await criSocket(files), timeout, use)
  return {
    network: () => connected(networkProblem),
    containers: () => connected((call) => seeContainers(call, exec, now()))
  }
}

/**
 * StatusResponse { RuntimeStatus status = 1 { repeated RuntimeCondition conditions = 1 { string type = 1; bool status = 2; string reason =
 * 3; string message = 4 } } }.
 */
export const networkProblem = async (call: Call): Promise<string | undefined> => {
  const response = decode(await call('/runtime.v1.RuntimeService/Status'))
  const conditions = messages(response, 1).flatMap((status) => messages(status, 1))
  const failing = conditions.find((condition) => text(condition, 1) === 'NetworkReady' && integer(condition, 2) === 0)
  return failing && [text(failing, 3), text(failing, 4)].filter(Boolean).join(': ')
}

/** The unit of the runtime behind the socket. */
export const unitOfSocket = (socket: string): string => {
  if (socket.includes('crio')) return 'crio.service'
  return socket.includes('cri-dockerd') ? 'cri-docker.service' : units.containerd
}

/** The runtime by its answer, or by the error that came instead. */
export const seeRuntime = async (socket: string, ask: () => Promise<Runtime>): Promise<RuntimeSeen> => {
  try {
    const { problem } = await ask()
    return { socket, answer: problem === undefined ? 'ready' : 'not-ready', problem: problem ?? '' }
  } catch (error) {
    return { socket, answer: answerOf(error), problem: error instanceof Error ? error.message : String(error) }
  }
}

const answerOf = (error: unknown): RuntimeSeen['answer'] => {
  if (error instanceof GrpcError && error.status === unimplemented) return 'without-cri'
  const code = errorCode(error)
  if (code === 'ENOENT') return 'missing'
  return code === 'ECONNREFUSED' ? 'silent' : 'late'
}
