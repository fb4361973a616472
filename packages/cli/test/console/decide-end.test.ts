import t from 'tap'
import { linkLasts } from '../../src/console/guard/entrance.ts'
import { type ConsoleEnd, type ConsoleState, decideEnd, idleLasts } from '../../src/console/serve.ts'

const lifetime = 8 * 3_600_000
const fresh: ConsoleState = { began: 5000, pages: 0, lifetime }
const used: ConsoleState = { ...fresh, used: 5000 + 1000 }

const rows: readonly [name: string, state: ConsoleState, after: number, end: ConsoleEnd | undefined][] = [
  ['a link that nobody has used yet', fresh, linkLasts - 1, undefined],
  ['a link that nobody used in time', fresh, linkLasts, 'link-not-used'],
  ['a page that asked a moment ago', used, 1000 + idleLasts - 1, undefined],
  ['no page for half an hour', used, 1000 + idleLasts, 'idle'],
  ['an open page that only listens', { ...used, pages: 1 }, lifetime - 1, undefined],
  ['an open page after the lifetime', { ...used, pages: 1 }, lifetime, 'lifetime'],
  ['a short lifetime, unused', { ...fresh, lifetime: 60_000 }, 60_000, 'lifetime']
]
for (const [name, state, after, end] of rows) {
  t.test(`${name}: ${end ?? 'goes on'}`, async (t) => {
    t.equal(decideEnd(state, state.began + after), end)
  })
}
