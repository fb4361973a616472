import { type Policy, policies } from '@joinery/kube/names'
import { ProblemError } from '@joinery/protocol'
import t from 'tap'
import { makeLog } from '../../../src/core/base/log.ts'
import { Bounds } from '../../../src/core/credentials/bounds.ts'
import { heldCluster } from '../../../src/core/credentials/held-cluster.ts'
import { boundOf, forTokens } from '../../../src/core/credentials/policy-words.ts'
import type { Cluster } from '../../../src/core/ports/cluster/cluster.ts'

const now = new Date('2026-01-01T00:00:00Z')
const down = new ProblemError('cluster-unavailable', { detail: 'the network is down' })

/** Bounds over a cluster that answers as `answers` says, nothing missing where it says nothing. */
const over = (answers: Partial<Record<Policy, string[] | Error>> = {}) => {
  const asked: Policy[] = []
  const lines: string[] = []
  const bounds = new Bounds({
    cluster: {
      policyGaps: async (policy) => {
        asked.push(policy)
        const answer = answers[policy] ?? []
        if (answer instanceof Error) throw answer
        return answer
      },
      now: () => now,
      version: async () => 'v1.37.2'
    },
    clock: { now: () => now },
    log: makeLog({ write: (line) => void lines.push(line) }),
    rights: { credential: 'token', serving: false }
  })
  return { bounds, answers, asked: () => asked.splice(0), lines }
}
const gap = ['a Secret of another type is not refused']

t.test('each missing policy stops only what rests on it', async (t) => {
  for (const policy of policies) {
    const { bounds } = over({ [policy]: gap })
    const { missing, stops } = boundOf(policy)
    await t.rejects(
      bounds.require(policy),
      {
        code: 'cluster-unsafe',
        message: `${missing}: ${gap}${stops === undefined ? '' : `, and so ${stops}`}`,
        text: { remedy: /joinery-server setup/ }
      },
      policy
    )
    for (const other of policies.filter((one) => one !== policy)) await t.resolves(bounds.require(other), other)
  }
})

t.test('only a policy that is not proven yet is asked for first', async (t) => {
  const { bounds, asked } = over()
  await bounds.require(...forTokens)
  t.same(asked().sort(), [...forTokens].sort())
  await bounds.require(...forTokens)
  t.same(asked(), [])
})

t.test('a missing policy is asked for each time, until somebody has fixed it', async (t) => {
  const { bounds, answers, asked } = over({ 'joinery-csrs': gap })
  for (let time = 0; time < 2; time += 1)
    await t.rejects(bounds.require('joinery-csrs'), { code: 'cluster-unsafe' }, `time ${time}`)
  answers['joinery-csrs'] = []
  await bounds.require('joinery-csrs')
  t.equal(asked().length, 3)
  t.same(bounds.problems, [])
})

t.test('a cluster that does not answer proves nothing, and takes nothing back', async (t) => {
  const { bounds, answers } = over({ 'joinery-csrs': down })
  await t.rejects(bounds.require('joinery-csrs'), { code: 'cluster-unavailable' }, 'never proven')
  delete answers['joinery-csrs']
  await bounds.look()
  answers['joinery-csrs'] = down
  await t.rejects(bounds.look(), { code: 'cluster-unavailable' })
  await t.resolves(bounds.require('joinery-csrs'), 'what was proven stands')
})

t.test('a policy that cannot be asked for hides no gap of another one', async (t) => {
  const { bounds } = over({ 'joinery-bootstrap-tokens': down, 'joinery-token-renewal': gap })
  await t.rejects(bounds.look(), { code: 'cluster-unavailable' })
  t.match(bounds.problems, [{ code: 'cluster-unsafe', message: /is not refused$/ }])
})

t.test('a policy that a later look finds missing stops calls, and is logged once', async (t) => {
  const { bounds, answers, lines } = over()
  await bounds.look()
  answers['joinery-nodes'] = gap
  for (let time = 0; time < 3; time += 1) await bounds.look()
  await t.rejects(bounds.require('joinery-nodes'), { code: 'cluster-unsafe' })
  t.equal(lines.length, 1)
  answers['joinery-nodes'] = []
  await bounds.look()
  t.match(lines[1], 'the policy holds again')
})

/** What the server does in the cluster, and what it does not do while a policy is missing. */
const acts: [call: keyof Cluster, policy: Policy][] = [
  ['approveCsr', 'joinery-csr-approvals'],
  ['createOwnCsr', 'joinery-csrs'],
  ['setLabelsAndTaints', 'joinery-nodes'],
  ['removeStartupTaint', 'joinery-nodes'],
  ['deleteNode', 'joinery-node-deletions'],
  ['unban', 'joinery-ban-list']
]
/** What is taken away is never stopped. */
const always = ['ban', 'deleteToken', 'deleteOwnCsr', 'denyCsr', 'kubeletCsrs', 'nodes'] as const

for (const [call, policy] of acts) {
  t.test(`${call} waits only for ${policy}`, async (t) => {
    const calls: string[] = []
    const note = (name: string) => async () => void calls.push(name)
    const all = [...acts.map(([name]) => name), ...always]
    const cluster = Object.fromEntries(all.map((name) => [name, note(name)])) as unknown as Cluster
    const callOf = (held: Cluster, name: keyof Cluster) => (held[name] as () => Promise<void>).call(held)
    const held = heldCluster(cluster, over({ [policy]: gap }).bounds)
    await t.rejects(callOf(held, call), { code: 'cluster-unsafe' })
    const waiting = acts.filter(([, restsOn]) => restsOn === policy).map(([name]) => name)
    for (const name of all.filter((one) => !waiting.includes(one))) await t.resolves(callOf(held, name), name)
    t.notOk(calls.includes(call), 'nothing was done')
    await callOf(heldCluster(cluster, over().bounds), call)
    t.equal(calls.at(-1), call)
  })
}
