import { randomUUID } from 'node:crypto'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openDoorPairing } from '@joinery/testing/pairing/kubernetes-door'
import { enrolled } from '@joinery/testing/pairing/steps'
import t from 'tap'

/** The bounds of a server, each a hundredth or less. */
const bounds = { page: 10, listed: 100, judged: 10, kept: 20, deleted: 20 }
const flood = 150

t.test('C8: who makes more Decisions than a look reads keeps those of nobody else unread', async (t) => {
  const pairing = await openDoorPairing(t, undefined, { decisions: { ...bounds, kept: flood } })
  const { decisions, cluster } = pairing
  await enrolled(pairing)
  await enrolled(pairing, 'worker-2')
  await cluster.goDown()
  const ofIvan = []
  for (let count = 0; count < flood; count += 1) {
    const verdict = count % 2 === 0 ? { verdict: 'reject', reason: 'flood' } : { verdict: 'approve' }
    const differs = { by: 'ivan', enrolment: randomUUID(), ...verdict }
    ofIvan.push(await pairing.decide('worker-1', 'approve', differs))
  }
  const rejection = await pairing.decide('worker-1', 'reject', { reason: 'stolen' })
  const approval = await pairing.decide('worker-2', 'approve', { by: 'bob' })
  await cluster.comeBack()
  t.match(await pairing.settled(rejection), { result: 'applied', state: 'rejected' })
  t.match(await pairing.settled(approval), { result: 'applied', state: 'approved' })
  const version = async ({ name }: { name: string }) => Number((await decisions.read(name))?.resourceVersion ?? 0)
  const last = Math.max(await version(rejection), await version(approval))
  const before = []
  for (const one of ofIvan) {
    const object = await decisions.read(one.name)
    if (object?.status !== undefined && Number(object.resourceVersion) < last) before.push(one)
  }
  t.ok(before.length < bounds.judged, `in the same look, beside ${before.length} of the others`)
})

t.test('C8: a flood that is settled goes faster than it came, and the newest of each user stay', async (t) => {
  const pairing = await openDoorPairing(t, undefined, { decisions: bounds })
  const { decisions } = pairing
  await enrolled(pairing)
  const kept = await pairing.decide('worker-1', 'approve', { revision: 99 })
  t.match(await pairing.settled(kept), { result: 'refused' })
  const flooding = Array.from({ length: flood }, () =>
    pairing.decide('worker-1', 'approve', { by: 'ivan', enrolment: randomUUID() })
  )
  const ofIvan = await Promise.all(flooding)
  const left = async () => {
    const objects = await Promise.all(ofIvan.map(({ name }) => decisions.read(name)))
    return objects.filter((object) => object !== undefined)
  }
  await eventually('most of them are gone', async () => (await left()).length < bounds.kept)
  t.match(await decisions.read(kept.name), { status: { result: 'refused' } }, 'nobody floods away what others read')
})
