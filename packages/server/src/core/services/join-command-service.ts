import { X509Certificate } from 'node:crypto'
import {
  type CredentialKind,
  fingerprint,
  isArriving,
  type JoinCommand,
  type JoinCommandRequest,
  statesThat
} from '@joinery/protocol'
import type { Clock } from '../base/clock.ts'
import type { Random } from '../base/random.ts'
import type { Enrolments } from '../commit/enrolments.ts'
import type { Bans } from '../credentials/bans.ts'
import type { Bounds } from '../credentials/bounds.ts'
import type { Credentials } from '../credentials/credentials.ts'
import { newTokenId } from '../credentials/derive.ts'
import type { Given } from '../credentials/kind.ts'
import { token } from '../credentials/token.ts'
import { type Asker, signed } from '../enrolment/decision/decision.ts'
import { requireStableEndpoint, requireTurn } from '../enrolment/facts/cluster.ts'
import { requireFreeName } from '../enrolment/name/free-name.ts'
import { takenBy } from '../enrolment/name/whose-name.ts'
import { requireNodeName } from '../enrolment/verbs/enrol.ts'
import { decideJoinCommand } from '../enrolment/verbs/join-command.ts'
import { decideNoToken } from '../enrolment/verbs/outcome.ts'
import type { Generations } from '../generation/generations.ts'
import type { AccessChecks } from '../ports/cluster/access-checks.ts'
import type { ApiSight } from '../ports/cluster/api-sight.ts'
import { askClusterTime } from '../ports/cluster/cluster-clock.ts'
import type { ClusterSettings } from '../ports/cluster/cluster-settings.ts'
import type { Nodes } from '../ports/cluster/nodes.ts'
import type { EnrolmentDocument } from '../ports/store/documents/enrolment-document.ts'
import type { Store } from '../ports/store/store.ts'

interface Parts {
  store: Store
  cluster: ApiSight & AccessChecks & ClusterSettings & Nodes
  clock: Clock
  random: Random
  enrolments: Enrolments
  credentials: Credentials
  bans: Pick<Bans, 'lift'>
  /** Credential kind that the server is set to. */
  credential: CredentialKind
  bounds: Bounds
  generations: Pick<Generations, 'require'>
  /** Makes the reconciler look at the cluster now. */
  nudge: () => void
}

/** Join commands: for machines without an agent. */
export class JoinCommandService {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /**
   * Makes a join command. From now on a machine may join under this name by a token of its own, which is in this one answer. An
   * operator who loses the answer rejects the enrolment, and asks again. Throws `credential-unavailable`, `invalid-name`,
   * `name-in-use`, `control-plane-busy`, `no-stable-endpoint`, `cluster-unsafe` and `cluster-unavailable`.
   */
  async create(request: JoinCommandRequest, asker: Asker = {}): Promise<JoinCommand> {
    const { store, cluster, clock, random, enrolments, credential, bounds, generations, nudge } = this.#parts
    token.offered(credential)
    const name = requireNodeName(request.name, 'give a name like worker-1: --name NAME')
    await generations.require()
    const made = {
      id: random.id(),
      tokenId: newTokenId(random.bytes),
      masterKey: this.#parts.credentials.masterKey,
      clusterNow: await askClusterTime(cluster, clock)
    }
    const decision = signed(asker, decideJoinCommand(made, request, clock.now()))
    const { enrolment } = decision
    requireFreeName(name, takenBy(enrolment, await store.enrolmentsByName(name)))
    requireFreeName(name, await cluster.nameHolder(name))
    const [endpoint, isPublic] = await Promise.all([cluster.endpoint(), cluster.publishesClusterInfo()])
    await token.open(enrolment, { cluster, bounds })
    if (enrolment.role === 'control-plane') {
      requireStableEndpoint(await cluster.network())
      requireTurn(enrolment, await store.enrolments(statesThat(isArriving)), clock.now())
    }
    await enrolments.commit(decision)
    const given = await this.#give(enrolment, isPublic)
    nudge()
    return {
      enrolment: enrolment.id,
      name,
      role: enrolment.role,
      expires: given.attempt.deadline,
      ...endpoint,
      caCertHashes: certificatesIn(endpoint.certificateAuthority).map(({ publicKey }) => fingerprint(publicKey)),
      discovery: isPublic ? 'cluster-info' : 'file',
      token: given.token
    }
  }

  /** Gives the token. If it cannot be made, the enrolment fails and is in nobody's way: no agent asks again. */
  async #give(enrolment: EnrolmentDocument, signing: boolean): Promise<Given<{ token: string }>> {
    const { bans, credentials, enrolments } = this.#parts
    const { id } = enrolment
    try {
      // only once the attempt is open: that is what lifts a ban
      await bans.lift(enrolment)
      return await credentials.give(token, id, { signing })
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      const failed = await enrolments.change(id, (current, now) => decideNoToken(current, why, now))
      await credentials.settleSoon(failed)
      throw error
    }
  }
}

const certificatesIn = (pem: string): X509Certificate[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []).map(
    (one) => new X509Certificate(one)
  )
