import { isDeepStrictEqual } from 'node:util'
import type { JoinCredential, JoinOptions, JoinState, MachinePorts } from '@joinery/agent/testing/machine'
import type { PreflightInput } from '@joinery/agent/testing/preflight'
import type { Check, TokenCredential } from '@joinery/protocol'
import { eventually } from '@joinery/testing/clocks/eventually'

/** A machine that never joined, with the cluster that it may join. */
export interface OpenMachine {
  machine: MachinePorts
  /** host:port of the Kubernetes API. */
  apiEndpoint: string
  /** The name it joins by. */
  nodeName: string
  /** Between two looks at it, in milliseconds: on an emulated machine a look takes processor from what it waits for. */
  pause: number
  /** What the pairing server would give it: a new bootstrap token, which the API server lets in. */
  credential(attempt: number): Promise<TokenCredential>
  /** The same with a client certificate for that name, of ten minutes. */
  certificate(attempt: number): Promise<JoinCredential>
  /**
   * Approves what was asked for since the last credential or reboot, once there is something; gives the certificate of the
   * last request, PEM.
   */
  approve(): Promise<string>
  /** Starts a join and kills kubeadm (SIGKILL) when it has printed a line that begins like that, or soon after. */
  joinAndKill(credential: JoinCredential, line: string, options?: JoinOptions): Promise<void>
  /** Gives the node a network plugin. */
  connectNetwork(): Promise<void>
  /** Cuts the power, and boots again; what was on the disk had been synced. */
  reboot(): Promise<void>
  close(): Promise<void>
}

/**
 * The state of the join once it is what is awaited; `first` before each look. kubeadm gives up after five minutes, and for a
 * control plane after eight and eight.
 */
export const joinUntil = async (
  { machine, pause }: OpenMachine,
  what: string,
  is: (state: JoinState) => boolean,
  first: () => Promise<unknown> = async () => {}
): Promise<JoinState> => {
  let last: JoinState | undefined
  const look = async () => {
    await first()
    last = await machine.looking.joinState()
    return is(last) && last
  }
  return eventually(what, look, { patience: 18 * 60_000, pause }).catch((error: Error) => {
    throw new Error(`${error.message}; last: ${JSON.stringify(last)}`)
  })
}

/** The kubelet has asked for its certificate, and kubeadm waits for it. */
export const joinToCertificate = (open: OpenMachine): Promise<JoinState> =>
  joinUntil(
    open,
    'kubeadm waits for the certificate',
    ({ output, kubeletConf }) => kubeletConf && output.some((line) => line.endsWith('to perform the TLS Bootstrap'))
  )

export const joinToEnd = (open: OpenMachine): Promise<JoinState> =>
  joinUntil(open, 'kubeadm ends', ({ unit }) => unit !== 'running')

/** Names of the checks that fail. */
export const failing = (checks: readonly Check[]): string[] =>
  checks.filter(({ verdict }) => verdict === 'fail').map(({ name }) => name)

/** In milliseconds of waiting: a busy machine passes the limit that a look has for itself, and is looked at again, as by its agent. */
const patience = 10 * 60_000

/** Waits until just these checks fail. */
export const failsOnly = async (
  { machine, pause }: OpenMachine,
  input: PreflightInput,
  ...wanted: readonly string[]
): Promise<void> => {
  let last: string[] = []
  const look = async () => {
    last = failing(await machine.looking.preflight(input))
    return isDeepStrictEqual(last, wanted)
  }
  await eventually('the checks that fail', look, { patience, pause }).catch((error: Error) => {
    throw new Error(`${error.message}; last: ${last.join(', ')}`)
  })
}

/** Gives what the machine sees of its Node, once that is so. */
export const nodeSeen = <Seen>(
  { pause }: OpenMachine,
  what: string,
  look: () => Promise<Seen>,
  is: (seen: Seen) => boolean
): Promise<Seen> =>
  eventually(
    what,
    async () => {
      const seen = await look()
      return is(seen) && { seen }
    },
    { patience, pause }
  ).then(({ seen }) => seen)

/** What preflight is told of a worker that was not enrolled. */
export const preflightOf = (apiEndpoint: string): PreflightInput => ({ role: 'worker', apiEndpoint, ignore: [] })
