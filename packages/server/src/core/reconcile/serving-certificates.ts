import { nodeUsername } from '@joinery/kube/names'
import { holdsName, ProblemError, statesThat } from '@joinery/protocol'
import type { InjectionToken } from 'tsyringe'
import { plainAddress } from '../base/ip-address.ts'
import type { Enrolments } from '../commit/enrolments.ts'
import type { Giving } from '../credentials/cluster-guard.ts'
import { JudgedCsrs } from '../enrolment/csr/judged-csrs.ts'
import { addressHolders } from '../enrolment/serving/address-holders.ts'
import { decideServingCsrs, isOpen, servingCsrsToApprove } from '../enrolment/serving/decide-serving-csrs.ts'
import type { Surroundings } from '../enrolment/serving/serving-csr-guard.ts'
import type { ClusterSettings } from '../ports/cluster/cluster-settings.ts'
import type { Csr, Csrs } from '../ports/cluster/csrs.ts'
import { usualKeys } from '../ports/cluster/kubelet-keys.ts'
import type { ClusterNode } from '../ports/cluster/nodes.ts'
import type { EnrolmentDocument } from '../ports/store/documents/enrolment-document.ts'
import type { Store } from '../ports/store/store.ts'
import type { ReadKubeletKeys } from './read-kubelet-keys.ts'

/** Finds the IP addresses of a host name. Rejects if there are none. */
export type Resolve = (host: string) => Promise<string[]>
export const Resolve = Symbol('Resolve') as InjectionToken<Resolve>

interface Parts {
  store: Pick<Store, 'enrolments'>
  cluster: Pick<Csrs, 'servingCsrs'> & Pick<ClusterSettings, 'apiHosts' | 'network'>
  giving: Giving
  enrolments: Pick<Enrolments, 'change'>
  resolve: Resolve
}

/** Requests for serving certificates that the cluster has. */
export interface ServingRequests {
  /** The requests by the kubelet of that name. */
  of(name: string): readonly Csr[]
  /** True if every request of its kubelet has its answer and is written down. */
  isDone(enrolment: EnrolmentDocument, now: Date): boolean
  /** Answers the requests of the kubelet of one enrolment. `node`: the Node of its name, if that is its own. */
  answer(enrolment: EnrolmentDocument, node: ClusterNode | undefined): Promise<void>
}

/**
 * Answers requests for the serving certificates of kubelets, if the server is set to approve them. A pass begins with `look`.
 * Whatever costs more than a list is asked only if a Node that the server knows waits for an answer.
 */
export class ServingCertificates {
  readonly #parts: Parts
  readonly #judged = new JudgedCsrs()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /**
   * Lists the requests. Throws `cluster-unavailable`. `answer` throws it too, if the server cannot learn what a request is
   * judged by. `keys`: reads the keys that kubelets make.
   */
  async look(nodes: readonly ClusterNode[], keys: ReadKubeletKeys): Promise<ServingRequests> {
    const listed = await this.#parts.cluster.servingCsrs()
    this.#judged.keep(listed)
    const byRequester = Map.groupBy(listed, ({ username }) => username)
    let asked: Promise<WithoutKeys> | undefined
    const surroundings = () => {
      asked ??= this.#surroundings(nodes)
      return asked
    }
    const of = (name: string): readonly Csr[] => byRequester.get(nodeUsername(name)) ?? []
    return {
      of,
      isDone: (enrolment, now) => this.#isDone(enrolment, of(enrolment.name), now),
      answer: async ({ id, name, certificates: { serving = [] } }, node) => {
        const csrs = of(name)
        if (csrs.length === 0 && serving.length === 0) return
        const around = csrs.some(isOpen)
          ? { ...(await surroundings()), algorithm: (await keys(csrs)).serving }
          : nothing
        await this.#answer(id, csrs, node, around)
      }
    }
  }

  #isDone(enrolment: EnrolmentDocument, csrs: readonly Csr[], now: Date): boolean {
    if (csrs.length === 0 && (enrolment.certificates.serving ?? []).length === 0) return true
    if (csrs.some(isOpen)) return false
    const done = decideServingCsrs(enrolment, csrs, undefined, nothing, now, this.#isSettled(enrolment)) === undefined
    if (done) this.#judged.note(enrolment, csrs)
    return done
  }

  /** True of requests that are answered and judged. An open one is judged each time, by the addresses that others have now. */
  #isSettled(enrolment: EnrolmentDocument): (csr: Csr) => boolean {
    return (csr) => !isOpen(csr) && this.#judged.isJudged(enrolment, csr)
  }

  async #answer(id: string, csrs: readonly Csr[], node: ClusterNode | undefined, around: Surroundings): Promise<void> {
    const { giving, enrolments } = this.#parts
    const after = await enrolments.change(id, (current, now) =>
      decideServingCsrs(current, csrs, node, around, now, this.#isSettled(current))
    )
    this.#judged.note(after, csrs)
    for (const csr of servingCsrsToApprove(after, csrs)) {
      await giving.approveCsr(csr).catch((error: unknown) => {
        if (!isTooLate(error)) throw error
      })
    }
  }

  async #surroundings(nodes: readonly ClusterNode[]): Promise<WithoutKeys> {
    const { store, cluster } = this.#parts
    const [hosts, { serviceSubnets, podSubnets }, enrolments] = await Promise.all([
      cluster.apiHosts(),
      cluster.network(),
      store.enrolments(statesThat(holdsName))
    ])
    const addresses = await Promise.all(hosts.map((host) => this.#addressesOf(host)))
    return {
      holders: addressHolders(nodes, enrolments),
      apiHosts: [...hosts, ...addresses.flat()],
      clusterNetworks: [...serviceSubnets, ...podSubnets]
    }
  }

  async #addressesOf(host: string): Promise<string[]> {
    const plain = plainAddress(host)
    if (plain !== undefined) return [plain]
    const found = await this.#parts.resolve(host).catch((cause: Error) => {
      const detail = `no serving certificate is approved: the API server's name ${host} cannot be resolved: ${cause.message}`
      throw new ProblemError('cluster-unavailable', { detail, remedy: `getent hosts ${host}` }, { cause })
    })
    return found.flatMap((address) => plainAddress(address) ?? [])
  }
}

type WithoutKeys = Omit<Surroundings, 'algorithm'>

/** Surroundings for a look without open requests: there is nothing to judge. */
const nothing: Surroundings = {
  holders: new Map(),
  apiHosts: [],
  clusterNetworks: [],
  algorithm: usualKeys.serving
}

/** True if the request is gone, or somebody denied it meanwhile. */
const isTooLate = (error: unknown): boolean =>
  error instanceof ProblemError && (error.code === 'not-found' || error.code === 'illegal-event')
