import type { Policy, Rule } from '@joinery/policy'
import { lifetimes } from '@joinery/protocol'
import { TestClock } from '@joinery/testing/clocks/test-clock'
import { aCode } from '@joinery/testing/documents/code'
import { anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import type { Test } from 'tap'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import { makeLog } from '../../../src/core/base/log.ts'
import { Enrolments } from '../../../src/core/commit/enrolments.ts'
import type { CodeDocument } from '../../../src/core/ports/store/documents/code-document.ts'
import type { WritableStore } from '../../../src/core/ports/store/store.ts'
import { approve } from '../../../src/core/services/operator/approving.ts'
import { reject } from '../../../src/core/services/operator/ending.ts'
import { Policies } from '../../../src/features/policy/policies.ts'
import type { Current, News } from '../../../src/features/policy/policy-file.ts'
import { commitsTo } from '../../../src/testing/commit.ts'

export const aRule = (name: string, more: Partial<Rule> = {}): Rule => ({
  name,
  when: 'true',
  verdict: 'approve',
  roles: ['worker'],
  uses: [],
  claimsOnly: false,
  needsProof: false,
  ...more
})

export const aPolicy = (...rules: Rule[]): Policy => ({ mode: 'enforce', hash: 'sha256:00', rules })

type Parts = ConstructorParameters<typeof Policies>[0]

/** A store with machines that wait, and servers that decide about them by a policy whose engine is the test's. */
export const openPolicies = (t: Test) => {
  const clock = new TestClock()
  const store = sqliteStore(':memory:')
  t.teardown(() => store.close())
  const nodes: { name: string }[] = []
  const current: {
    policy: Policy
    first: Current['engine']['first']
    news?: News
    problems: string[]
    /** False as long as no pass has seen the Nodes. */
    isNodesKnown: boolean
  } = {
    problems: [],
    isNodesKnown: true,
    policy: aPolicy(aRule('all')),
    first: async ([number]) => (number === undefined ? undefined : { number })
  }
  const log = makeLog({ write: () => {} })
  const machines = { withCheck: async (one: unknown) => one, note: () => {} } as never

  /** A server on that store. `over` has methods of the store that do something else for it. */
  const server = (over: Partial<WritableStore> = {}) => {
    const ours: WritableStore = { ...store, ...over }
    const commits = commitsTo(ours)
    const enrolments = new Enrolments({
      store: ours,
      commits,
      clock,
      times: { left: () => undefined },
      lifetimes
    })
    const view = { store: ours, machines, lifetimes, trouble: () => undefined, turnOf: () => undefined }
    const verbs = {
      ...view,
      clock,
      credential: 'token',
      enrolments,
      credentials: { settleSoon: async () => {} },
      cluster: {
        nodes: async () => nodes,
        network: async () => ({ controlPlaneEndpoint: '192.0.2.1:6443' }),
        nameHolder: async (name: string) => nodes.find((node) => node.name === name) && `Node ${name}`
      }
    } as unknown as Parameters<typeof approve>[0]
    const operators = { approve: approve(verbs), reject: reject(verbs as never) }
    const file: Parts['file'] = {
      look: async () => {
        const { news } = current
        delete current.news
        return news
      },
      get current() {
        const engine = { first: current.first, compile: async () => [], close: async () => {} }
        return { policy: current.policy, engine }
      },
      path: '/etc/joinery/policy.yaml',
      get problems() {
        return current.problems
      },
      close: async () => {}
    }
    const policies = new Policies({
      store: ours,
      commits,
      clock,
      monotonic: clock.monotonic,
      file,
      operators,
      enrolments,
      machines,
      nodes: () => (current.isNodesKnown ? (nodes as never) : undefined),
      budget: { look: 1, gather: 1, sweep: 60_000 },
      log
    })
    return { policies, operators, enrolments }
  }

  return {
    clock,
    store,
    nodes,
    current,
    server,
    /** Adds a machine that waits. */
    waits: async (id: string, part: EnrolmentPart = {}, ofCode: Partial<CodeDocument> = {}) => {
      const now = clock.now().toISOString()
      const key = `sha256:${Buffer.from(id).toString('hex').padEnd(64, '0')}`
      const one = anEnrolment(id, { created: now, since: now, key, code: `code-${id}` }, part)
      await store.commit({ enrolments: [one], codes: [aCode(`code-${id}`, { enrolment: id, ...ofCode })] })
    },
    stateOf: async (id: string) => (await store.enrolment(id))?.state,
    /** Events of the policy in the timeline of an enrolment. */
    told: async (id: string) => (await store.timeline(id)).filter(({ actor }) => actor === 'policy')
  }
}
