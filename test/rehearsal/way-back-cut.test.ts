import { paths } from '@joinery/agent/testing/machine'
import { Unreachable } from '@joinery/agent/testing/pairing'
import type { Moment } from '@joinery/testing/agents/agent-process'
import { playLives } from '@joinery/testing/agents/lives'
import { isKilled } from '@joinery/testing/agents/way-back'
import t, { type Test } from 'tap'
import { type JoinedMachine, openJoined } from './way-back-machine.ts'

/** What happens to the machine before it needs the way back, and how it is cut on its way. */
interface Way {
  name: string
  spoil: (open: JoinedMachine) => Promise<unknown>
  cut: ('the process is killed' | 'the power is cut')[]
}

const ways: Way[] = [
  {
    name: 'it expired while the machine was off',
    spoil: (open) => open.expire().then(() => open.machine.reboot()),
    cut: ['the power is cut']
  },
  {
    name: 'it expired while the kubelet ran',
    spoil: async (open) => {
      await open.expire()
      open.clock.pass(60_000)
    },
    cut: ['the process is killed']
  },
  {
    name: 'it cannot be read',
    spoil: async (open) => {
      await open.files.write(paths.kubeletCertificate, 'nothing of use', 0o600)
      await open.machine.reboot()
    },
    cut: ['the power is cut']
  },
  {
    name: 'the CA changed',
    spoil: async (open) => {
      await open.forgetAuthority()
      await open.machine.reboot()
      open.clock.pass(60_000)
    },
    cut: ['the process is killed', 'the power is cut']
  }
]

/**
 * The moments of a way back that nothing cuts: before each call to the outside, and after the last one. After any other call
 * nothing outside has changed when the next one begins.
 */
const momentsOf = async (t: Test, { spoil }: Way): Promise<Moment[]> => {
  const open = await openJoined(t)
  await spoil(open)
  const moments = new Set<Moment>()
  const { ended } = open.start((moment) => void moments.add(moment))
  t.match(await ended, { end: 'recovered' })
  const all = [...moments]
  return all.filter((moment) => / before /.test(moment) || moment === all.at(-1))
}

/** A machine that came back, whatever happened on its way. */
const isBack = async (t: Test, open: JoinedMachine, before: string | undefined): Promise<void> => {
  const { pem, api } = await open.machine.recovering.look(open.nodeName)
  const { current, asked = false } = await open.record()
  t.match(
    {
      pem,
      api,
      isAnother: (await open.serial()) !== before,
      frozen: open.server.frozen,
      asked,
      isOneValue: current === open.server.confirmed,
      credential: await open.has(paths.bootstrapConf),
      key: await open.has('/var/lib/joinery-agent/recovery-key.json'),
      isAuthority: (await open.files.read(paths.clusterAuthority)) === open.endpoint.certificateAuthority
    },
    {
      pem: { state: 'whole' },
      api: { status: 200 },
      isAnother: true,
      frozen: false,
      asked: false,
      isOneValue: true,
      credential: false,
      key: false,
      isAuthority: true
    }
  )
}

for (const way of ways) {
  for (const what of way.cut) {
    // one machine for all of them, so that its value goes on through every cut
    t.test(`${way.name}: ${what} at each moment, and the machine goes on`, async (t) => {
      const moments = await momentsOf(t, way)
      t.ok(moments.length > 10, 'the moments are those of a whole way back')
      const open = await openJoined(t)
      await playLives(
        t,
        moments,
        (moments) => `${what} in ${moments}`,
        async (t, left) => {
          await way.spoil(open)
          const before = await open.serial()
          while (await isKilled(open.start, left)) if (what === 'the power is cut') await open.machine.reboot()
          t.match(await open.recover(), { end: /recovered|nothing/ })
          await open.recover()
          await isBack(t, open, before)
          // the kubelet may be quicker than usual
          left.delete('await: before clock.sleep')
        }
      )
    })
  }
}

t.test('the server is killed or away at each call, and the same is asked again', async (t) => {
  const way = ways[0] as Way
  const calls = (await momentsOf(t, way)).filter((moment) => /before server\./.test(moment))
  t.ok(calls.length >= 3)
  for (const moment of calls) {
    for (const lost of ['question', 'answer'] as const) {
      const open = await openJoined(t)
      await way.spoil(open)
      const before = await open.serial()
      let done = false
      const { ended } = open.start((seen) => {
        if (done || seen !== (lost === 'question' ? moment : moment.replace('before', 'after'))) return
        done = true
        if (lost === 'question') open.server.away = 1
        else throw new Unreachable('the answer is lost')
      })
      t.match(await ended, { end: 'recovered' }, `${lost} of ${moment}`)
      await isBack(t, open, before)
    }
  }
})

t.test('two processes at once come back together, and the server takes them for one machine', async (t) => {
  for (const way of ways) {
    const open = await openJoined(t)
    await way.spoil(open)
    const before = await open.serial()
    const ends = await Promise.all([open.start().ended, open.start().ended])
    t.ok(
      ends.some(({ end }) => end === 'recovered'),
      way.name
    )
    t.match(await open.recover(), { end: /recovered|nothing/ })
    await isBack(t, open, before)
  }
})

t.test('a process that is stopped leaves no credential, and the next one goes on', async (t) => {
  const way = ways[0] as Way
  const open = await openJoined(t)
  await way.spoil(open)
  const before = await open.serial()
  const running = open.start((moment) => {
    if (moment === 'place: after machine.writeBootstrap') running.stop()
  })
  t.match(await running.ended, { end: 'later' })
  t.notOk(await open.has(paths.bootstrapConf))
  await open.recover()
  await isBack(t, open, before)
})
