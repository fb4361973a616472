import type { NoticeDocument, WritableStore } from '@joinery/server/testing/store'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import type { Test } from 'tap'
import { entry } from './store-contract-documents.ts'

const at = (second: number): string => `2026-01-01T00:00:0${second}.000Z`
const aNotice = (id: string, more: Partial<NoticeDocument> = {}): NoticeDocument => ({
  receiver: 'relay',
  id,
  revision: 0,
  kind: 'alert',
  body: '{}',
  since: at(0),
  due: at(0),
  tries: 0,
  ...more
})
const idsOf = (notices: readonly NoticeDocument[]): string[] => notices.map(({ id }) => id)

/** What every store must do for notices. */
export const noticesContract = (t: Test, name: string, open: (t: Test) => Promise<WritableStore>): void => {
  t.test(`${name} gives the entries of all timelines in the order of writing, from a place on`, async (t) => {
    const store = await open(t)
    t.equal(await store.notices.lastPlace(), 0)
    for (const detail of ['one', 'two', 'three']) {
      await store.commit({ entries: [{ subject: detail.slice(0, 2), entry: entry(detail) }] })
    }
    const from = async (place: number, limit = 9) => {
      const found = await store.notices.entriesAfter(place, limit)
      return found.map(({ item }) => item.entry.detail)
    }
    const [, second] = await store.notices.entriesAfter(0, 9)
    t.same(await from(0), ['one', 'two', 'three'])
    t.same(await from(second?.place ?? 0), ['three'])
    t.same(await from(0, 2), ['one', 'two'])
    const last = await store.notices.lastPlace()
    t.same(await from(last), [])
    await store.commit({ untold: ['one', 'tw', 'th', 'on'] })
    t.equal(await store.notices.lastPlace(), last, 'also if its entry is gone')
    await store.commit({ entries: [{ subject: 'x', entry: entry('four') }] })
    t.same(await from(last), ['four'], 'no place is ever given twice')
  })

  t.test(`${name} has each notice once, and changes it only at the revision that was read`, async (t) => {
    const store = await open(t)
    const receiver = { name: 'relay', revision: 0, place: 7 }
    t.equal(await store.commit({ queue: { receivers: [receiver], notices: [aNotice('a')] } }), 'committed')
    t.same(await store.notices.receiver('relay'), { ...receiver, revision: 1 })
    t.same(await store.notices.next('relay'), aNotice('a', { revision: 1 }))
    t.equal(await store.commit({ queue: { receivers: [receiver] } }), 'stale', 'it is there already')
    t.equal(await store.commit({ queue: { notices: [aNotice('a', { body: 'another' })] } }), 'committed')
    t.match(await store.notices.allWaiting('relay'), [{ body: '{}', revision: 1 }], 'an event is there once')
    const tried = aNotice('a', { revision: 1, tries: 1, due: at(5) })
    t.equal(await store.commit({ queue: { notices: [tried] } }), 'committed')
    t.equal(await store.commit({ queue: { notices: [tried] } }), 'stale')
    t.equal(await store.commit({ queue: { sent: [tried] } }), 'stale')
    const stale = { receivers: [{ ...receiver, revision: 1, place: 9 }], sent: [tried] }
    t.equal(await store.commit({ queue: stale, enrolments: [anEnrolment('e')] }), 'stale')
    t.match(await store.notices.receiver('relay'), { place: 7 }, 'all of it or nothing')
    t.equal(await store.enrolment('e'), undefined)
    t.equal(await store.commit({ queue: { sent: [aNotice('a', { revision: 2 })] } }), 'committed')
    t.equal(await store.notices.next('relay'), undefined)
  })

  t.test(
    `${name} gives the notice that is due first, and one that stands for several after those before it`,
    async (t) => {
      const store = await open(t)
      await store.commit({
        queue: {
          notices: [
            aNotice('late', { due: at(9) }),
            aNotice('other', { receiver: 'other' }),
            aNotice('several', { count: 3 }),
            aNotice('soon', { kind: 'ready', due: at(5) }),
            aNotice('given-up', { dead: at(1) })
          ]
        }
      })
      t.match(await store.notices.next('relay'), { id: 'soon' })
      t.same(await store.notices.waiting('relay'), { alert: 2, ready: 1 })
      t.same(idsOf(await store.notices.allWaiting('relay')), ['late', 'several', 'soon'])
      t.same(idsOf(await store.notices.dead('relay')), ['given-up'])
      t.match(await store.notices.open('relay', 'alert'), { id: 'several' })
      t.equal(await store.notices.open('relay', 'ready'), undefined)
      const [late] = (await store.notices.allWaiting('relay')).filter(({ id }) => id === 'late')
      await store.commit({ queue: { sent: late === undefined ? [] : [late] } })
      t.match(await store.notices.next('relay'), { id: 'several' })
      await store.commit({ queue: { notices: [aNotice('several', { revision: 1, count: 3, tries: 1 })] } })
      t.equal(await store.notices.open('relay', 'alert'), undefined, 'it was tried, so it takes up nothing more')
    }
  )

  t.test(`${name} forgets a receiver with what waits for it`, async (t) => {
    const store = await open(t)
    await store.commit({
      queue: {
        receivers: ['relay', 'other'].map((one) => ({ name: one, revision: 0, place: 0 })),
        notices: [aNotice('a'), aNotice('a', { receiver: 'other' })]
      }
    })
    await store.commit({ queue: { forgotten: ['relay'] } })
    t.match(await store.notices.receivers(), [{ name: 'other' }])
    t.same([await store.notices.waiting('relay'), await store.notices.waiting('other')], [{}, { alert: 1 }])
  })
}
