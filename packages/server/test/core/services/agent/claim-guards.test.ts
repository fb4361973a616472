import { setImmediate } from 'node:timers/promises'
import { ProblemError } from '@joinery/protocol'
import { anAttempt, anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { type Claim, type GuardParts, guards } from '../../../../src/core/services/agent/claim.ts'

const now = new Date('2026-01-01T00:05:00Z')
const failing = { name: 'swap', verdict: 'fail', why: '', finding: 'on' } as const
const copy = { name: 'unique-machine', verdict: 'fail', why: '', finding: 'a copy', remedy: [] } as const
const busy = anEnrolment('other', {
  state: 'joining',
  role: 'control-plane',
  join: { attempts: [anAttempt('abc123')] }
})

/** All that can be wrong with a claim, by the problem that a guard throws for it, in the order of the guards. */
const faults = [
  'illegal-event',
  'preflight-failed',
  'credential-unavailable',
  'not-granted',
  'control-plane-busy',
  'request-not-approved',
  'store-damaged',
  'cluster-unavailable',
  'cluster-unsafe',
  'name-in-use',
  'machine-not-unique'
] as const
type Fault = (typeof faults)[number]

/** A claim with these faults; `asked`: what it asked for, in order. */
const claimWith = (given: readonly Fault[], part: EnrolmentPart = {}) => {
  const has = (fault: Fault) => given.includes(fault)
  const asked: string[] = []
  const ask =
    <T>(what: string, answer: T, fault?: Fault) =>
    async (): Promise<T> => {
      asked.push(what)
      if (fault !== undefined && has(fault)) throw new ProblemError(fault)
      return answer
    }
  const seen = anEnrolment(
    'own',
    {
      state: has('illegal-event') ? 'pending' : 'approved',
      role: 'control-plane',
      preflight: has('preflight-failed') ? [failing] : [],
      join: { ...(!has('not-granted') && { grant: { sealed: 'sealed', until: '' } }) }
    },
    part
  )
  const claim: Claim = {
    seen,
    preflight: undefined,
    approved: ask('request', 'PEM', 'request-not-approved'),
    endpoint: ask('endpoint', { server: '', certificateAuthority: '' }, 'cluster-unavailable')
  }
  const parts = {
    joins: {
      requireTurn: async () => {
        asked.push('turn')
        throw new ProblemError('joins-full')
      }
    },
    store: { enrolments: ask('store', has('control-plane-busy') ? [busy] : []) },
    clock: { now: () => now },
    cluster: {
      autoApproval: ask('autoApproval', has('cluster-unsafe') ? 'a binding' : undefined),
      nameHolder: ask('nameHolder', has('name-in-use') ? 'Node own' : undefined)
    },
    credential: has('credential-unavailable') ? 'certificate' : 'token',
    bounds: { require: ask('bounds', undefined) },
    generations: { require: ask('generation', undefined, 'store-damaged') },
    machines: { knowsNodes: true, check: ask('machines', has('machine-not-unique') ? copy : undefined) }
  } as unknown as GuardParts
  const pass = async () => {
    for (const guard of guards) await guard(claim, parts)
  }
  return { pass, asked, claim }
}

for (const [index, fault] of faults.entries()) {
  t.test(`a claim with several faults is refused for the first: ${fault}`, async (t) => {
    await t.rejects(claimWith([fault]).pass(), { code: fault }, 'alone')
    await t.rejects(claimWith(faults.slice(index)).pass(), { code: fault }, 'with all that would come after it')
  })
}

const first = ['store', 'request', 'generation']
const inCluster = ['endpoint', 'autoApproval', 'bounds']

t.test('a claim without a fault passes, and the cheapest guard is asked first', async (t) => {
  const { pass, asked } = claimWith([])
  await pass()
  t.same(asked.slice(0, 3), first)
  t.same(asked.slice(3).sort(), [...inCluster, 'nameHolder', 'machines'].sort())
})

t.test('what the cluster is asked it is asked side by side', async (t) => {
  const { pass, asked, claim } = claimWith([])
  const endpoint = Promise.withResolvers<{ server: string; certificateAuthority: string }>()
  claim.endpoint = () => endpoint.promise
  const passed = pass()
  await setImmediate()
  t.ok(asked.includes('autoApproval'))
  t.ok(asked.includes('nameHolder'))
  endpoint.reject(new ProblemError('cluster-unavailable'))
  await t.rejects(passed, { code: 'cluster-unavailable' })
})

t.test('a claim that is repeated asks neither for preflight, nor for its name, nor for copies', async (t) => {
  const attempts = [anAttempt('abc123')]
  const { pass, asked } = claimWith(['preflight-failed', 'name-in-use', 'machine-not-unique'], {
    state: 'joining',
    join: { attempts }
  })
  await pass()
  t.same(asked.slice(0, 3), first)
  t.same(asked.slice(3).sort(), inCluster.toSorted())
})

t.test('a worker waits for its turn before anything else is asked, unless its attempt is open', async (t) => {
  const waits = claimWith([], { role: 'worker' })
  await t.rejects(waits.pass(), { code: 'joins-full' })
  t.same(waits.asked, ['turn'])
  await t.rejects(claimWith(['preflight-failed'], { role: 'worker' }).pass(), { code: 'preflight-failed' })
  const again = claimWith([], { role: 'worker', state: 'joining', join: { attempts: [anAttempt('abc123')] } })
  await again.pass()
  t.notOk(again.asked.includes('turn'))
})

t.test('a certificate needs no cluster without bindings that approve tokens', async (t) => {
  const { pass, asked } = claimWith(['cluster-unsafe', 'credential-unavailable'], {
    terms: { credential: 'certificate' }
  })
  await pass()
  t.notOk(asked.includes('autoApproval'))
})
