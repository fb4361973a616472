import { isDeepStrictEqual } from 'node:util'
import type { JoinCredential, JoinOptions, JoinState, MachinePorts } from '@joinery/agent/testing/machine'
import type { PreflightInput } from '@joinery/agent/testing/preflight'
import type { Check, Facts, TokenCredential } from '@joinery/protocol'
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
 * Looks until what is seen is so, and gives that: a busy machine passes the limit that a look has for itself, and is looked at again, as by
 * its agent. Throws with what was seen last, once it has waited for `patience` milliseconds.
 */
export const seenOnce = async <Seen>(
  { pause }: OpenMachine,
  what: string,
  look: () => Promise<Seen>,
  is: (seen: Seen) => boolean,
  patience = 10 * 60_000
): Promise<Seen> => {
  let last: Seen | undefined
  const again = async () => {
    last = await look()
    return is(last) && { seen: last }
  }
  const found = await eventually(what, again, { patience, pause }).catch((error: Error) => {
    throw new Error(`${error.message}; last: ${JSON.stringify(last)}`)
  })
  return found.seen
}

/**
 * The state of the join once it is what is awaited; `first` before each look. kubeadm gives up after five minutes, and for a
 * control plane after eight and eight.
 */
export const joinUntil = (
  open: OpenMachine,
  what: string,
  is: (state: JoinState) => boolean,
  first: () => Promise<unknown> = async () => {}
): Promise<JoinState> =>
  seenOnce(open, what, () => first().then(() => open.machine.looking.joinState()), is, 18 * 60_000)

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

/** Waits until just these checks fail. */
export const failsOnly = (open: OpenMachine, input: PreflightInput, ...wanted: readonly string[]): Promise<unknown> =>
  seenOnce(
    open,
    'the checks that fail',
    async () => failing(await open.machine.looking.preflight(input)),
    (seen) => isDeepStrictEqual(seen, wanted)
  )

/** Facts of the machine once each of its programs has told its version: a busy machine passes the limit of that, and the fact is empty. */
export const factsOf = (open: OpenMachine): Promise<Facts> =>
  seenOnce(
    open,
    'the versions of its programs',
    () => open.machine.looking.facts(),
    ({ kubelet, kubeadm, runtime }) => ![kubelet, kubeadm, runtime].includes('')
  )

/** What preflight is told of a worker that was not enrolled. */
export const preflightOf = (apiEndpoint: string): PreflightInput => ({ role: 'worker', apiEndpoint, ignore: [] })
