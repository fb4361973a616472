import { serverUsername } from '@joinery/kube/names'
import { bindsAnother, type DecisionSpec, decisionName } from '@joinery/protocol/door'
import { eventually } from '@joinery/testing/clocks/eventually'
import type { Test } from 'tap'
import { applying, deleting, making, merging, patching, pathOf, tryingToMake } from '../api-desk.ts'
import { mutatingPolicy } from '../mutating-policy.ts'
import { decision, id, other } from './operators.ts'
import { type ContractSite, owner } from './site.ts'

const node = '0a1b2c3d-0000-0000-0000-000000000000'

type Row = [what: string, user: string, object: ReturnType<typeof decision>, refusal: RegExp | '']

const decisions: Row[] = [
  ['an approver approves a worker', 'alice', decision('alice'), ''],
  ['somebody else is named', 'alice', decision('carol'), /names who made it: alice/],
  ['a viewer', 'vera', decision('vera'), /vera" cannot create resource "decisions"/],
  ['an auditor', 'audrey', decision('audrey'), /audrey" cannot create resource "decisions"/],
  ['nobody with a role', 'mallory', decision('mallory'), /mallory" cannot create resource "decisions"/],
  ['all rights on the objects, and no verb', 'wanda', decision('wanda'), /wanda may not approve enrolments/],
  [
    'an approver of workers lets a control plane in',
    'alice',
    decision('alice', { role: 'control-plane' }),
    /may not approve-control-plane/
  ],
  [
    'and tries it again',
    'alice',
    decision('alice', { role: 'control-plane', verdict: 'retry' }),
    /may not approve-control-plane/
  ],
  ['but rejects it', 'alice', decision('alice', { role: 'control-plane', verdict: 'reject', reason: 'not ours' }), ''],
  ['C6: an approver of workers releases one', 'alice', decision('alice', { verdict: 'release' }), ''],
  [
    'C6: but no control plane, whose key he would choose',
    'alice',
    decision('alice', { role: 'control-plane', verdict: 'release' }),
    /alice may not approve-control-plane/
  ],
  ['C6: an administrator does', 'adam', decision('adam', { role: 'control-plane', verdict: 'release' }), ''],
  ['an administrator lets a control plane in', 'adam', decision('adam', { role: 'control-plane' }), ''],
  ['no role', 'alice', decision('alice', { role: undefined }), /spec.role: Required/],
  ['a role written large', 'alice', decision('alice', { role: 'Worker' }), /spec.role: Unsupported value/],
  ['replace without its verb', 'alice', decision('alice', { verdict: 'replace', node }), /may not replace/],
  [
    'replace with the verb to approve alone',
    'only-approve',
    decision('only-approve', { verdict: 'replace', node }),
    /may not replace/
  ],
  [
    'replace with the verb to replace alone',
    'only-replace',
    decision('only-replace', { verdict: 'replace', node }),
    /may not approve/
  ],
  ['replace with both verbs', 'adam', decision('adam', { verdict: 'replace', node }), ''],
  ['replace without a Node', 'adam', decision('adam', { verdict: 'replace' }), /replace names the Node/],
  ['a Node with another verdict', 'adam', decision('adam', { node }), /replace names the Node/],
  ['reject without a reason', 'alice', decision('alice', { verdict: 'reject' }), /reject says why/],
  ['a verdict that nobody knows', 'adam', decision('adam', { verdict: 'grant' }), /spec.verdict: Unsupported value/],
  ['the server itself', serverUsername, decision(serverUsername), /may not approve/],
  ['the server in the name of somebody', serverUsername, decision('alice'), /names who made it/]
]

const hostile: [what: string, spec: object, refusal: RegExp][] = [
  ['an id with a slash', { enrolment: 'a/b' }, /spec.enrolment/],
  ['an id with ESC', { enrolment: `${id.slice(1)}\u001b` }, /spec.enrolment/],
  ['an empty id', { enrolment: '' }, /spec.enrolment/],
  ['the name of a Node', { enrolment: 'worker-1' }, /spec.enrolment/],
  ['a reason with ESC', { reason: 'a\u001b[31m' }, /spec.reason/],
  ['a reason with BEL', { reason: 'a\u0007' }, /spec.reason/],
  ['a reason that turns the writing', { reason: 'a\u202eb' }, /spec.reason/],
  ['a reason of a megabyte', { reason: 'x'.repeat(1_000_000) }, /spec.reason: Too long/],
  ['a key that is none', { key: 'sha256:x' }, /spec.key/],
  ['a revision below zero', { revision: -1 }, /spec.revision/]
]

const dressed: [what: string, metadata: object, refusal: RegExp][] = [
  ['a finalizer', { finalizers: ['example.org/keep'] }, /no finalizer and no owner/],
  ['an owner', { ownerReferences: [owner] }, /no finalizer and no owner/],
  ['an annotation of 200 KB', { annotations: { 'example.org/a': 'x'.repeat(200_000) } }, /at most 4096 characters/]
]

/** What the API server alone refuses of Decisions: there is no pairing server that could. */
export const decisionRefusals = async (t: Test, { api, bed }: ContractSite): Promise<void> => {
  await t.test('a Decision is made by its own name, with the verb of its verdict', async (t) => {
    for (const [what, user, object, expected] of decisions) {
      const said = await api.refusal(user, tryingToMake(object))
      if (expected === '') t.equal(said, '', what)
      else t.match(said, expected, what)
    }
  })

  await t.test('hostile input does not become a Decision', async (t) => {
    for (const [what, spec, expected] of hostile)
      t.match(await api.refusal('alice', tryingToMake(decision('alice', spec))), expected, what)
    for (const [what, metadata, expected] of dressed) {
      const object = decision('alice', {}, { generateName: 'd-', ...metadata })
      t.match(await api.refusal('alice', tryingToMake(object)), expected, what)
    }
  })

  await t.test('a Decision is never changed, and the server alone says what became of it', async (t) => {
    const kept = decision('adam', {}, { name: 'kept' })
    const path = pathOf({ ...kept, metadata: { name: 'kept' } })
    await api.ask('adam', making(kept))
    const changes = {
      'a merge patch': merging(path, { spec: { verdict: 'reject', reason: 'x' } }),
      'a JSON patch': patching(path, { op: 'replace', path: '/spec/by', value: 'alice' }),
      apply: applying(path, decision('adam', { enrolment: other }, { name: 'kept' }))
    }
    for (const [what, change] of Object.entries(changes))
      t.match(await api.refusal('wanda', change), /nobody changes it/, what)
    const settled = {
      ...kept,
      metadata: { name: 'kept' },
      status: { result: 'applied', message: 'approved', at: '2026-01-01T00:00:00Z' }
    }
    const settle = (user: string) => api.replace(user, settled, '/status')
    t.match(await settle('wanda'), /pairing server alone says/)
    t.match(await settle(''), /pairing server alone says/, 'not even who may do everything')
    t.equal(await settle(serverUsername), '')
    t.match(await api.ask('', { method: 'GET', path }), { status: { result: 'applied' } })
    await api.ask('', deleting(path))
  })

  await t.test('C5: what changes a Decision on its way leaves it the name by which the server sees that', async (t) => {
    const sent = decision('adam')
    const name = decisionName(sent.spec, '0123456789abcdef')
    const named = (name: string) => ({ ...sent, metadata: { name } })
    const policy = async (path: string, value: string): Promise<void> => {
      const input = mutatingPolicy('evil', 'replace', path, value)
      const { code, stderr } = await bed.exec(['kubectl', 'apply', '-f', '-'], { input })
      if (code !== 0) throw new Error(stderr)
    }
    await policy('/spec/role', 'control-plane')
    const seen = () => api.ask<{ spec: DecisionSpec }>('adam', tryingToMake(sent))
    await eventually('the policy to be heeded', async () => (await seen()).spec.role === 'control-plane')
    await api.ask('adam', making(named(name)))
    const made = await api.ask<{ spec: DecisionSpec }>('', { method: 'GET', path: pathOf(named(name)) })
    t.match(made.spec, { by: 'adam', role: 'control-plane' }, 'the API server keeps what was made of it')
    t.ok(bindsAnother(name, made.spec), 'and the server refuses it')
    await policy('/metadata/name', 'other')
    // no trace: until the new policy is heeded, the name is kept, and would be taken the next time
    const renamed = () => api.refusal('adam', tryingToMake(named(`${name}-again`)))
    t.match(
      await eventually('the new one to be heeded', async () => (await renamed()) || undefined),
      /nothing renames it on its way/
    )
    await bed.kubectl('delete', 'mutatingadmissionpolicybinding,mutatingadmissionpolicy', 'evil')
    await api.ask('', deleting(pathOf(named(name))))
    await eventually('nobody to change Decisions any more', async () => (await renamed()) === '')
  })
}
