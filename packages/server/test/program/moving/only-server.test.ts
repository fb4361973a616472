import t from 'tap'
import type { LeaseObjects, SeenLease } from '../../../src/core/leadership/lease-objects.ts'
import { asOnlyServer } from '../../../src/program/moving/only-server.ts'
import { quiet } from '../../features/high-availability/log/log-fixture.ts'

/** A Lease, a clock that only pauses move, and what the command says. `renew`: the holder renews before each look. */
const makeWorld = (first: Partial<SeenLease['spec']> | undefined, renew = false) => {
  const spec = {
    holder: 'one_1',
    address: 'https://one:7443',
    term: 3,
    acquired: '',
    renewed: '0',
    seconds: 12,
    ...first
  }
  let seen: SeenLease | undefined = first && { version: '1', spec }
  let now = 0
  const said: string[] = []
  const lease: LeaseObjects = {
    read: async () => {
      if (renew && seen !== undefined)
        seen = { version: `${Number(seen.version) + 1}`, spec: { ...seen.spec, renewed: String(now) } }
      return seen
    },
    write: async (written, version) => {
      if (version !== seen?.version) return 'other'
      seen = { version: `${Number(version ?? 0) + 1}`, spec: written }
      return seen
    }
  }
  return {
    said,
    now: () => now,
    parts: {
      lease,
      address: 'https://me:7443',
      log: quiet(),
      say: (line: string) => void said.push(line),
      taking: async () => {},
      clocks: () => ({ monotonic: now, wall: now, uptime: now }),
      sleep: async (milliseconds: number) => {
        await new Promise((resolve) => setImmediate(resolve))
        now += milliseconds
      }
    }
  }
}

t.test('a command says what it waits for, and that a server is active as soon as it sees it', async (t) => {
  const { parts, said, now } = makeWorld({}, true)
  await t.rejects(
    asOnlyServer(parts, async () => t.fail('a server is active')),
    {
      message: 'this needs a log that no server writes: https://one:7443 is active',
      remedy: /systemctl stop joinery-server/
    }
  )
  t.ok(now() <= 8_000, String(now()))
  t.match(said, [/^Waiting 12 s at least, to see that https:..one:7443 is not active any more/])
})

for (const [what, first, waits] of [
  ['a Lease that stands still', {}, true],
  ['a Lease that is gone', undefined, true],
  ['a Lease that was given back', { holder: '', seconds: 1 }, false]
] as const) {
  t.test(`with ${what}, a command ${waits ? 'waits until no server can be active' : 'goes on at once'}`, async (t) => {
    const { parts, said, now } = makeWorld(first)
    const began = await asOnlyServer(parts, async ({ mayGoOn }) => {
      t.equal(mayGoOn(), true)
      return now()
    })
    t.equal(began >= 12_000, waits, String(began))
    t.equal(said.length, waits ? 1 : 0)
  })
}
