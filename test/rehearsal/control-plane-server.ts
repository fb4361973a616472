import { type PairingServer, Refused } from '@joinery/agent/testing/pairing'
import type {
  ClusterFacts,
  Credential,
  Observation,
  OutcomeRequest,
  OwnEnrolment,
  ProblemCode,
  TokenCredential
} from '@joinery/protocol'
import { readSealKey, type SharedFiles, seal } from '@joinery/protocol/seal'
import { shortSleep } from '@joinery/testing/clocks/short-sleep'

const pause = shortSleep(2)

type Failed = Extract<OutcomeRequest, { outcome: 'failed' }>

export interface ControlPlaneServer extends PairingServer {
  enrolment: OwnEnrolment
  observation: Observation | undefined
  /** What an operator, or root on a control-plane host, does. */
  change(part: Partial<OwnEnrolment>): void
  /** The next claims are refused so. */
  refuses: ProblemCode | undefined
  /** What is sealed in the place of what is right. */
  wrong: { enrolment?: string; files?: Partial<SharedFiles> }
  claims: number
  failed: Failed[]
  /** Called when the report of a failure has come, before the agent hears that. */
  atFailure: () => void
}

interface Parts {
  cluster: ClusterFacts
  /** Fingerprint of the machine's key. */
  key: () => Promise<string>
  files: SharedFiles
  credential: (attempt: number) => Promise<TokenCredential>
}

/** A pairing server of one control plane, as an agent sees it: the rules of its own that matter there, and no other. */
export const controlPlaneServer = ({ cluster, key, files, credential }: Parts): ControlPlaneServer => {
  let given: Credential | undefined
  const server: ControlPlaneServer = {
    enrolment: {
      id: 'e1',
      revision: 1,
      state: 'pending',
      name: 'cp-2',
      role: 'control-plane',
      attempt: 0,
      message: 'pending'
    },
    observation: undefined,
    refuses: undefined,
    wrong: {},
    claims: 0,
    failed: [],
    atFailure: () => {},
    change: (part) => {
      const { revision } = server.enrolment
      server.enrolment = { ...server.enrolment, ...part, revision: revision + 1 }
    },
    enrol: async ({ code: _, name: __, ...observation }) => {
      server.observation = observation
      return server.enrolment
    },
    wait: async (after) => {
      await pause(2)
      return server.enrolment.revision > after ? server.enrolment : undefined
    },
    observe: async (observation) => {
      server.observation = observation
      server.change({})
      return server.enrolment
    },
    cluster: async () => ({ ...cluster, time: new Date().toISOString() }),
    reachability: async ({ ports }) => ({
      address: '172.30.0.11',
      ports: ports.map((port) => ({ port, reach: 'open' }))
    }),
    claim: async () => {
      const { state, granted, attempt, id } = server.enrolment
      if (server.refuses !== undefined) throw new Refused(server.refuses, 'refused')
      if (!granted) throw new Refused('not-granted', 'root has not granted it')
      if (state === 'joining' && given !== undefined) return given
      if (state !== 'approved') throw new Refused('illegal-event', state)
      server.claims += 1
      const sealKey = await readSealKey(server.observation?.sealKey ?? '', await key())
      const sealed = await seal(
        { enrolment: server.wrong.enrolment ?? id, files: { ...files, ...server.wrong.files } as SharedFiles },
        sealKey
      )
      given = { ...(await credential(attempt + 1)), sealed }
      server.change({ state: 'joining', attempt: attempt + 1 })
      return given
    },
    progress: async () => server.enrolment,
    reportCauses: async () => server.enrolment,
    outcome: async (outcome) => {
      const { state, attempt } = server.enrolment
      if (outcome.outcome === 'ready') server.change({ state: 'ready' })
      else if (state !== 'joining' || outcome.attempt !== attempt) throw new Refused('illegal-event', state)
      else {
        server.failed.push(outcome)
        server.atFailure()
        server.change({ state: server.failed.length < 3 ? 'approved' : 'failed' })
      }
      return server.enrolment
    }
  }
  return server
}
