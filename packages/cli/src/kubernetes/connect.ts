import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { CommandEnd } from '@joinery/host/command-end'
import { filesUnder } from '@joinery/host/files'
import { ApiTime, type Connection, callTimeout, connectionByFiles, version } from '@joinery/kube'
import { furtherServers, isReady, ProblemError, type State, states } from '@joinery/protocol'
import type { InstallationView } from '@joinery/protocol/door'
import { given } from '@joinery/protocol/given'
import type { OperatorClient, SeenEnrolmentDetail, SeenStatus, SeenWhy } from '../operator-client.ts'
import { exitCodes } from '../terminal/errors.ts'
import type { Kubeconfig } from '../terminal/kubeconfig.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { codes } from './codes.ts'
import { DoorApi } from './door-api.ts'
import { findEnrolment, followEnrolments, listEnrolments, readEnrolment } from './enrolments.ts'
import { heedProgram } from './heed-program.ts'
import { readInstallation } from './installation.ts'
import { listNodes, nameHolder } from './nodes.ts'
import { requirePin } from './pin/named-pin.ts'
import { pinsIn } from './pin/pins.ts'
import { trust } from './pin/trust.ts'
import { waysTo } from './pin/ways.ts'
import { problemAnswer } from './problem-answer.ts'
import { lackingRights } from './rights/lacking-rights.ts'
import { verbs } from './verbs.ts'

export interface ClusterClientOptions {
  /** Pin of the pairing server, as the operator typed it. */
  pin?: string
  /** Longest time for an answer of the pairing server, in milliseconds. */
  timeout?: number
}

/** A client that speaks to the Kubernetes API with the rights of the kubeconfig's user. */
export const connectToCluster = (
  kubeconfig: Kubeconfig,
  terminal: Pick<
    Terminal,
    'err' | 'now' | 'pause' | 'told' | 'onInterrupt' | 'root' | 'state' | 'ask' | 'pin' | 'project'
  >,
  { pin, timeout = 60_000 }: ClusterClientOptions = {}
): OperatorClient => {
  const typed = pin === undefined ? undefined : requirePin(pin, '--pin')
  const time = new ApiTime()
  const connection = openConnection(kubeconfig, terminal, time, Math.min(timeout, callTimeout))
  const api = new DoorApi(connection)
  const { err, told, pause, onInterrupt, state } = terminal
  const now = (): Date => time.now() ?? terminal.now()
  const pins = state === undefined ? undefined : pinsIn(filesUnder('/'), join(state, 'pins.json'))
  const trusted = trust({
    api,
    ways: () => waysTo(connection, kubeconfig.files),
    pins,
    typed,
    places: { environment: terminal.pin, project: terminal.project },
    ask: terminal.ask,
    // the API server is who must not choose the time
    clock: terminal.now,
    err
  })
  const waiting = { pause, monotonic: () => performance.now(), timeout, err, told, now, onInterrupt }
  const whoAmI = once(() => askWhoIAm(api))
  const unique = (): string => randomBytes(8).toString('hex')
  const ofCodes = codes({ api, trust: trusted, whoAmI, random: randomBytes, ...waiting })
  const ofEnrolments = verbs({ api, whoAmI, unique, ...waiting })
  const list: OperatorClient['list'] = (query = {}) => listEnrolments(api, query, err)
  const client = {
    ...ofCodes,
    ...ofEnrolments,
    list,
    // a view has no more than a row
    listRows: list,
    follow: async (query = {}, { fromNow = false } = {}) => followEnrolments(api, query, { fromNow, err, pause }),
    listNodes: (query = {}) => listNodes(api, { list }, query, err),
    holder: async (id) => {
      const enrolment = await readEnrolment(api, id)
      if (enrolment === undefined) throw problemAnswer('not-found', { detail: `no enrolment has the id "${id}"` })
      return nameHolder(api, enrolment.name)
    },
    status: async () => readStatus(api, { list, listCodes: ofCodes.listCodes }, await readInstallation(api)),
    why: async (reference) => whyOfView(await findEnrolment(api, reference, err), now()),
    access: async (asked) => ({ who: await whoAmI(), lacking: await lackingRights(api, asked) }),
    grant: () => notHere(),
    joinCommand: () => notHere(),
    listWebhooks: () => notHere(),
    testWebhooks: () => notHere(),
    resendWebhooks: () => notHere(),
    listAuditLogs: () => notHere(),
    listAudit: () => notHere(),
    readAuditFile: () => notHere()
  } satisfies Omit<OperatorClient, 'door' | 'cluster' | 'close'>
  // nothing is changed before a pin that the operator named is known to be the server's
  const greet = typed === undefined ? 'meanwhile' : 'first'
  const { cover } = ofEnrolments
  const cluster = { context: connection.config.currentContext, server: connection.server }
  return { ...greeted(client, once(trusted.greet), greet), cover, door: 'cluster', cluster, close: async () => {} }
}

const openConnection = (
  kubeconfig: Kubeconfig,
  terminal: Pick<Terminal, 'err' | 'root'>,
  time: ApiTime,
  timeout: number
): Connection => {
  try {
    return connectionByFiles(kubeconfig.files, {
      context: kubeconfig.context,
      program: heedProgram(kubeconfig, terminal),
      listener: time,
      timeout,
      remedy: 'name another one: --kubeconfig FILE, --context NAME'
    })
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    throw new CommandEnd(exitCodes.failure, error.message, error.text.remedy, { cause: error })
  }
}

/** The name by which the API server knows the operator: a Decision must name it. */
const askWhoIAm = async (api: DoorApi): Promise<string> => {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
  const name: unknown = await api.call(
    async ({ authentication }) => (await authentication.createSelfSubjectReview({ body })).status?.userInfo?.username
  )
  if (typeof name === 'string' && name !== '' && name.length <= 512) return name
  throw new CommandEnd(exitCodes.failure, 'the API server does not say who you are', 'kubectl auth whoami')
}

/** Calls `work` once, and gives everybody its promise. What failed is tried again: a console lives longer than an outage. */
const once = <T>(work: () => Promise<T>): (() => Promise<T>) => {
  let promise: Promise<T> | undefined
  return () => {
    promise ??= work().catch((error) => {
      promise = undefined
      throw error
    })
    return promise
  }
}

/**
 * The same methods, each of which gives its answer only after `greet`: what is wrong with the pin is said before anything is
 * shown. Both ask at the same time, or `greet` asks first.
 */
const greeted = <T extends object>(methods: T, greet: () => Promise<void>, when: 'first' | 'meanwhile'): T =>
  Object.fromEntries(
    Object.entries(methods).map(([name, method]) => [
      name,
      async (...given: unknown[]) => {
        if (when === 'first') await greet()
        const [answer] = await Promise.all([(method as (...given: unknown[]) => Promise<unknown>)(...given), greet()])
        return answer
      }
    ])
  ) as T

const notHere = (): never => {
  throw new CommandEnd(
    exitCodes.denied,
    'this goes only over the socket',
    'run it as root on the host of the pairing server'
  )
}

/**
 * The state of the pairing server, as far as the cluster shows it: what its Installation says, and how many enrolments and codes
 * there are. What only its host knows is absent.
 */
export const readStatus = async (
  api: DoorApi,
  { list, listCodes }: Pick<OperatorClient, 'list' | 'listCodes'>,
  installation: InstallationView
): Promise<SeenStatus> => {
  const [{ items }, codes, kubernetes] = await Promise.all([
    list(),
    // not everybody who sees the machines sees the codes
    listCodes({ state: 'open' }).catch(() => undefined),
    api.call(version).catch(() => undefined)
  ])
  const counts = Object.fromEntries(states.map((state) => [state, 0])) as Record<State, number>
  for (const { state } of items) counts[state] += 1
  const notReady = items.flatMap((one) => (isReady(one) && one.node?.condition !== 'Ready' ? [one.name] : []))
  const others = furtherServers(installation)
  return {
    version: installation.version,
    agents: { url: installation.server, pin: installation.pin, ...given({ nextPin: installation.nextPin }) },
    cluster: given({ version: kubernetes }),
    enrolments: counts,
    ...(notReady.length > 0 && { notReady }),
    ...(others.length > 0 && { servers: [installation.server, ...others].map((url) => ({ url })) }),
    ...(codes !== undefined && { codes: { open: codes.items.length } })
  }
}

/** The part of the reason that the view of an enrolment has: the likeliest cause, without its evidence. */
export const whyOfView = ({ name, state, message, node, cause }: SeenEnrolmentDetail, now: Date): SeenWhy => {
  const at = now.toISOString()
  if (node?.condition === 'Ready') return { name, at, ready: true, summary: `Node ${name} is Ready.`, causes: [] }
  const summary =
    node === undefined || node.condition === 'Gone'
      ? `Node ${name} is not in the cluster. The enrolment is ${state}: ${message}.`
      : `Node ${name} is not Ready: ${cause?.text ?? 'no cause is known yet'}.`
  return {
    name,
    at,
    ready: false,
    summary,
    causes: cause === undefined ? [] : [{ ...cause, evidence: [], remedy: [] }],
    unseen: [elsewhere]
  }
}

const elsewhere =
  "Kubernetes shows only the likeliest cause; evidence, commands and other causes: sudo joinery why on the pairing server's host, or joinery-agent why on the machine"
