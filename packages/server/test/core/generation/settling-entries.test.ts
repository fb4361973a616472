import t from 'tap'
import { entry } from '../../../src/core/enrolment/decision/decision.ts'
import { settlingEntries } from '../../../src/core/generation/settling-entries.ts'

const now = new Date('2026-01-02T00:00:00Z')
const before = (hours: number, event: 'restore' | 'older-store' | 'log-edited', count?: number) => ({
  ...entry(new Date(now.getTime() - hours * 3_600_000), 'server', event, '', true),
  ...(count !== undefined && { count })
})

const rows: [what: string, timeline: ReturnType<typeof before>[], isOften: boolean][] = [
  ['the first one', [], false],
  ['the second one in a day', [before(1, 'restore')], false],
  ['the third one in a day', [before(23, 'restore'), before(1, 'older-store')], true],
  ['one that stands for several', [before(1, 'restore', 2)], true],
  ['older ones', [before(25, 'restore'), before(24, 'restore'), before(24, 'older-store')], false],
  ['other alerts', [before(1, 'log-edited'), before(1, 'log-edited')], false]
]
for (const [what, timeline, isOften] of rows) {
  t.test(`a settling is told, and told as one of too many: ${what}`, async (t) => {
    const told = settlingEntries(timeline, 'restore', 'why', now)
    t.same(
      told.map(({ entry }) => entry.event),
      isOften ? ['restore', 'settled-often'] : ['restore']
    )
    t.ok(told.every(({ subject, entry }) => subject === 'store' && entry.alert))
  })
}
