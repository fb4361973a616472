import { countCommits } from '@joinery/testing/pairing/count-commits'
import { refusedWith } from '@joinery/testing/pairing/steps'
import t from 'tap'

t.setTimeout(60_000)

t.test(
  'B4: who knocks again and again with a code that is found fills no timeline, and causes few commits',
  async (t) => {
    const { pairing, commits } = await countCommits(t, ({ entries = [] }) =>
      entries.some(({ entry }) => entry.event === 'refused')
    )
    pairing.clock.hold()
    const { code, id } = await pairing.code(undefined, 3600, { uses: 2 })
    for (const name of ['db-1', 'db-2']) await pairing.code(name, 3600)
    const knock = async (name: string) =>
      t.equal(await refusedWith((await pairing.machine()).enrol(code, { name })), 'invalid-name')
    for (let number = 0; number < 30; number += 1) await knock(`db-${1 + (number % 2)}`)
    t.equal(commits(), 11, 'the first one, and ten at once')
    pairing.clock.advance(60_000)
    await knock('db-2')
    t.equal(commits(), 12)
    const machine = await pairing.machine()
    await machine.enrol(code, { name: 'web-1' })
    const { timeline } = await pairing.operator.showCode(id)
    t.match(timeline, [
      { event: 'create' },
      { event: 'refused', count: 31, detail: /^another code names the name; .*, which asked for db-2$/ },
      { event: 'used', detail: new RegExp(machine.identity.fingerprint) }
    ])
    t.equal(timeline.length, 3)
  }
)
