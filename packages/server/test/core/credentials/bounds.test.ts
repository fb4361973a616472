import { type Policy, policies } from '@joinery/kube/names'
import { ProblemError } from '@joinery/protocol'
import t from 'tap'
import { makeLog } from '../../../src/core/base/log.ts'
import { Bounds } from '../../../src/core/credentials/bounds.ts'
import { boundOf, forTokens } from '../../../src/core/credentials/policy-words.ts'

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
