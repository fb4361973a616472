import { takeAway } from '@joinery/kube/log'
import type { Test } from 'tap'
import { waitFor } from '../../bed/wait-for.ts'
import { minutes } from '../../product.ts'
import { judgeCrew, runCrew } from '../crew.ts'
import { watchActive } from '../watch-active.ts'
import { type Around, lease, pasted } from './around.ts'

interface Lease {
  spec: { renewTime: string; leaseTransitions: number; holderIdentity: string }
}

const replace = (field: string, value: unknown) => ({ op: 'replace', path: `/spec/${field}`, value }) as const

/**
 * The Lease edited by hand while machines join. Who has it is asked again and again, and the model judges what the machines saw.
 */
export const leaseByHand = async (t: Test, { bed, servers, tokens, desk, hands }: Around): Promise<void> => {
  const active = await desk.allUp()
  const toMallory = replace('holderIdentity', 'mallory')
  t.match(await hands.edit(lease, toMallory), /pairing server alone says which server is active/)
  t.match(await hands.refusal(['delete', lease]), /pairing server alone says/)
  t.equal(await servers.untilActive(), active, 'what was refused changes nothing')
  await hands.takeAway('joinery-server-leases', lease)

  const crewEnd = runCrew(bed, servers, { seed: 18, machines: 16, lanes: 4, seconds: 50 })
  const watch = watchActive(servers)
  await putFarAhead(t, { servers, hands })
  const rows: [what: string, edit: () => Promise<string>, words: RegExp][] = [
    ['another holder', () => hands.edit(lease, toMallory), /it ends: mallory has the Lease/],
    ['a lower term', () => hands.edit(lease, replace('leaseTransitions', 0)), /it ends: somebody changed the term of/],
    ['no Lease', () => hands.refusal(['delete', lease]), /it ends: the Lease was deleted/]
  ]
  for (const [what, edit, words] of rows) {
    const before = await servers.untilActive()
    const { leaseTransitions: term } = (await hands.read<Lease>(lease)).spec
    t.equal(await edit(), '', what)
    await before.ended()
    t.match(await desk.logOf(before), words, what)
    await servers.untilActive(before)
    const now = (await hands.read<Lease>(lease)).spec
    t.ok(now.leaseTransitions > term, `${what}: term ${now.leaseTransitions} after ${term}`)
    await before.start()
  }
  t.same(await watch.end(), [], 'there were never two')
  const saw = await crewEnd
  t.comment(`${saw.machines} machines, ${saw.enrolments.length} enrolments, ${saw.exchanges.length} requests`)
  t.ok(saw.enrolments.length > 0)
  const swept = () => judgeCrew(bed, servers, saw, tokens)
  t.same(await waitFor('the sweeps', swept, (broken) => broken.length === 0, 2 * minutes).catch(swept), [])

  await lastTerm(t, { servers, desk, hands })
}

/** The last term that there is, written by hand: no server is active, and each says how the Lease is made anew, with all policies there. */
const lastTerm = async (
  t: Test,
  { servers, desk, hands }: Pick<Around, 'servers' | 'desk' | 'hands'>
): Promise<void> => {
  const active = await servers.untilActive()
  const last = [replace('leaseTransitions', 2 ** 31 - 1), replace('holderIdentity', 'mallory')]
  t.equal(await hands.edit(lease, ...last), '')
  await active.ended()
  const { stderr, code } = await active.program('setup')
  t.equal(code, 0, stderr)
  await hands.untilGuarded(lease)
  const other = servers.all.find((server) => server.isUp())
  if (other === undefined) throw new Error('no server stands by')
  const said = async () => (await desk.status(other)).leadership?.trouble ?? ''
  const way = takeAway('lease', 'joinery-server')
  const trouble = await waitFor(`${other.name} to say why`, said, (text) => text.includes(way), minutes)
  t.match(trouble, /^the Lease has term 2147483647, the last one that there is/)
  const doctor = ['cluster', 'doctor', '--kubeconfig', '/etc/kubernetes/admin.conf', '-o', 'json']
  t.match((await other.joinery(...doctor)).stdout, /no server becomes active any more/, 'the doctor names it')
  await pasted(hands, way)
  await servers.untilActive()
  t.equal((await hands.read<Lease>(lease)).spec.leaseTransitions, 1)
  await active.start()
}

/** A time that is long ahead counts for nothing. */
const putFarAhead = async (t: Test, { servers, hands }: Pick<Around, 'servers' | 'hands'>): Promise<void> => {
  const active = await servers.untilActive()
  t.equal(await hands.edit(lease, replace('renewTime', '2099-01-01T00:00:00.000000Z')), '')
  const renewed = async () => (await hands.read<Lease>(lease)).spec.renewTime
  await waitFor('the Lease to be renewed', renewed, (time) => !time.startsWith('2099'), minutes)
  t.equal(await servers.untilActive(), active, 'it goes on')
}
