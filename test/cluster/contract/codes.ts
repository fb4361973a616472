import { serverUsername } from '@joinery/kube/names'
import type { Test } from 'tap'
import { deleting, making, merging, pathOf, tryingToMake } from '../api-desk.ts'
import { code } from './operators.ts'
import type { ContractSite } from './site.ts'

const restricted = { labels: { 'node-restriction.kubernetes.io/zone': 'a' } }
const another = 'cd'.repeat(32)

type Row = [what: string, user: string, object: ReturnType<typeof code>, refusal: RegExp | '']

const codes: Row[] = [
  ['somebody who invites', 'ines', code('ines'), ''],
  ['a label that no kubelet may set', 'ines', code('ines', restricted), /ines may not give labels or taints/],
  ['the same by an administrator', 'adam', code('adam', restricted), ''],
  ['a control plane', 'ines', code('ines', { role: 'control-plane' }), /may not invite-control-plane/],
  ['somebody else', 'ines', code('adam'), /names who made it: ines/],
  ['another hash than the name', 'adam', code('adam', { hash: another }), /its name is its hash/],
  ['an approver', 'alice', code('alice'), /cannot create resource "codes"/],
  ['no verb', 'wanda', code('wanda'), /may not invite machines/],
  ['a time that is none', 'adam', code('adam', { expires: 'tomorrow' }), /spec.expires/],
  ['the server itself', serverUsername, code(serverUsername), /may not invite machines/],
  ['the server in the name of nobody', serverUsername, code('nobody'), /names who made it/]
]

/** What decides in the place of an approver, and the words for it. */
const deciding: [what: string, spec: object, words: RegExp][] = [
  ['proof', { proof: true }, /a code with proof does/],
  ['a way back by itself', { recover: 'auto 99' }, /a code with recover: auto does/],
  ['one way back', { recover: 'auto 1' }, /a code with recover: auto does/],
  ['checks that do not count', { policy: { ignore: ['swap'] } }, /a code with ignored checks does/],
  ['all of it', { proof: true, recover: 'auto 2', policy: { ignore: ['swap'] } }, /a code with proof does/]
]

const harmless: object[] = [
  {},
  { proof: false },
  { recover: 'ask' },
  { recover: 'never' },
  { policy: { ignore: [] } },
  { policy: { remediate: 'safe' } }
]

/** What the API server alone refuses of Codes. */
export const codeRefusals = async (t: Test, { api }: ContractSite): Promise<void> => {
  await t.test('a Code is made by who may invite, named by its hash, and never changed', async (t) => {
    for (const [what, user, object, expected] of codes) {
      const said = await api.refusal(user, tryingToMake(object))
      if (expected === '') t.equal(said, '', what)
      else t.match(said, expected, what)
    }
    const made = code('adam')
    await api.ask('adam', making(made))
    for (const user of ['wanda', ''])
      for (const spec of [{ expires: '2100-01-01T00:00:00Z' }, { proof: true }])
        t.match(await api.refusal(user, merging(pathOf(made), { spec })), /nobody changes it/, JSON.stringify(spec))
    t.match(await api.refusal('adam', making(made)), /already exists/)
    await api.ask('', deleting(pathOf(made)))
  })

  await t.test('C1, C2: a Code that decides is made only by who may approve such a machine', async (t) => {
    const asks = (user: string, spec: object): Promise<string> => api.refusal(user, tryingToMake(code(user, spec)))
    for (const [what, spec, words] of deciding) {
      const said = await asks('ivan', spec)
      t.match(said, /ivan may not approve enrolments/, what)
      t.match(said, words, what)
      t.equal(await asks('paula', spec), '', `${what}, by who may approve`)
      const ofControlPlane = { role: 'control-plane', ...spec }
      t.match(await asks('ivan', ofControlPlane), /may not approve/, `${what}, of a control plane`)
      t.match(await asks('paula', ofControlPlane), /paula may not approve-control-plane enrolments/, what)
      // a Decision that approves a control plane asks for both verbs, too
      t.match(await asks('celia', ofControlPlane), /celia may not approve enrolments/, what)
      t.equal(await asks('adam', ofControlPlane), '', `${what}, by an administrator`)
    }
    for (const spec of harmless) t.equal(await asks('ivan', spec), '', `${JSON.stringify(spec)} decides nothing`)
  })
}
