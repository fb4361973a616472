import { Refused } from '@joinery/agent/testing/pairing'
import type { Check } from '@joinery/protocol'
import { openWithCode } from '@joinery/testing/agents/agents'
import { approvePending, assertJoined, says } from '@joinery/testing/agents/outcomes'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, refusedWith } from '@joinery/testing/pairing/steps'
import t from 'tap'

const check = (verdict: Check['verdict'], name = 'swap'): Check => ({ name, verdict, finding: 'as it is' })

const approved = async (pairing: Pairing, policy?: { ignore: string[] }) => {
  const machine = await pairing.machine()
  const { code } = await pairing.operator.createCode({ name: 'worker-1', ttl: 1800, ...(policy && { policy }) })
  await machine.enrol(code)
  await approve(pairing, 'worker-1')
  const reports = (preflight: Check[]) => machine.server.observe({ facts: machine.facts, preflight })
  return { machine, reports }
}

t.test('a claim whose preflight fails is refused with its remedy, and writes nothing', async (t) => {
  const pairing = await openPairing(t)
  const { machine } = await approved(pairing)
  const before = await pairing.operator.show('worker-1')
  await t.rejects(machine.server.claim({ preflight: [check('pass', 'mtu'), check('fail')] }), {
    code: 'preflight-failed',
    message: /^preflight fails: swap \(as it is\); .*joinery-agent preflight/
  })
  t.same(await pairing.operator.show('worker-1'), before, 'however often it is sent')
  t.same(await pairing.cluster.tokens(), [])
  const first = await machine.server.claim({ preflight: [check('warn')] })
  t.match(first, { attempt: 1 })
  t.match((await pairing.operator.show('worker-1')).preflight, [check('warn'), { name: 'unique-machine' }])
  t.same(await machine.server.claim({ preflight: [check('fail')] }), first, 'repeated, it is the same attempt')
  await pairing.restart()
  t.same(await machine.server.claim({ preflight: [check('fail')] }), first, 'of a server that was restarted too')
})

t.test('the claim of an older agent is judged by its last report', async (t) => {
  const pairing = await openPairing(t)
  const { machine, reports } = await approved(pairing)
  await reports([check('fail')])
  t.equal(await refusedWith(machine.server.claim()), 'preflight-failed')
  t.match(await machine.server.claim({ preflight: [check('pass')] }), { attempt: 1 }, 'what the claim says is newer')
})

t.test('the older agent goes on after a good report', async (t) => {
  const pairing = await openPairing(t)
  const { machine, reports } = await approved(pairing)
  await reports([check('fail')])
  t.equal(await refusedWith(machine.server.claim()), 'preflight-failed')
  await reports([check('pass')])
  t.match(await machine.server.claim(), { attempt: 1 })
})

t.test('checks that the code or the machine ignores do not count', async (t) => {
  const pairing = await openPairing(t)
  const { machine } = await approved(pairing, { ignore: ['swap'] })
  t.equal(await refusedWith(machine.server.claim({ preflight: [check('fail', 'mtu')] })), 'preflight-failed')
  const preflight = [check('fail'), { ...check('warn', 'mtu'), ignored: true }, check('skipped', 'reachability')]
  t.match(await machine.server.claim({ preflight }), { attempt: 1 })
})

t.test('of two claims at once with one failing preflight only one makes an attempt', async (t) => {
  const pairing = await openPairing(t)
  const { machine } = await approved(pairing)
  const [good] = await Promise.allSettled([
    machine.server.claim({ preflight: [check('pass')] }),
    machine.server.claim({ preflight: [check('fail')] })
  ])
  t.equal(good.status, 'fulfilled')
  t.equal((await pairing.operator.show('worker-1')).attempts.length, 1)
})

t.test('a broken preflight is refused', async (t) => {
  const pairing = await openPairing(t)
  const { machine } = await approved(pairing)
  const wrong: unknown[] = [
    'pass',
    [{}],
    [{ ...check('pass'), verdict: 'ok' }],
    [{ ...check('pass'), finding: 'x'.repeat(1025) }],
    Array.from({ length: 101 }, () => check('pass'))
  ]
  for (const preflight of wrong) {
    t.equal(
      await refusedWith(machine.server.claim({ preflight: preflight as Check[] })),
      'invalid-request',
      JSON.stringify(preflight).slice(0, 60)
    )
  }
  const hostile = { ...check('fail'), name: '\u001b[31m', finding: '\u202e'.repeat(1024) }
  const many = Array.from({ length: 20 }, () => hostile)
  await t.rejects(machine.server.claim({ preflight: many }), {
    code: 'preflight-failed',
    message: /^[\x20-\x7e]{1,1200}$/
  })
})

t.test('the agent sends its preflight with the claim, and looks again if it is older than two minutes', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  const claims: unknown[] = []
  const { preflight } = open.machine.looking
  let looks = 0
  open.machine.looking.preflight = (input) => {
    looks += 1
    return preflight(input)
  }
  let looksBefore = 0
  // the machine sleeps between the look and the claim
  open.show = ({ message }) => {
    if (message !== 'claiming the credential') return
    if (claims.push(message) > 1) return
    looksBefore = looks
    open.clock.pass(120_001)
  }
  const agent = open.start()
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
  t.equal(claims.length, 2)
  t.ok(looks > looksBefore, 'it looked again')
  t.ok((await pairing.operator.show('worker-1')).preflight.length > 10)
})

t.test('while the server is too busy to dial, the agent does not claim, and says why', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  const first = open.start()
  await eventually('it waits', () => open.steps.includes('wait'))
  first.stop()
  await first.ended
  await approve(pairing, 'worker-1')
  open.steps.length = 0
  let tries = 0
  open.watch = (moment) => {
    if (moment !== 'survey: before server.reachability' || tries > 5) return
    tries += 1
    throw new Refused('too-many-requests', 'the server already dials as many machines as it may', { retryAfter: 5000 })
  }
  const agent = open.start()
  await says(open, /the server already dials as many machines as it may.*next try in/)
  t.equal(await agent.ended, 'done')
  t.equal(tries, 6)
  t.equal(open.steps.indexOf('claim-and-join') > open.steps.lastIndexOf('survey'), true, open.steps.join())
  await assertJoined(t, pairing, open)
})
