import t from 'tap'
import {
  type AuditLeaf,
  leafEvents,
  leafFields,
  leafFieldsOf,
  leafText,
  leafTextOf,
  ownEvents,
  readLeaf,
  timelineEvents
} from '../../src/index.ts'

const leaf: AuditLeaf = {
  v: 1,
  time: '2026-01-01T00:00:00.000Z',
  event: 'approve',
  subject: 'e',
  actor: 'operator',
  by: 'alice (uid 1000)',
  fields: { name: 'worker-1', revision: 3, confirmed: true }
}

t.test('a leaf has one text, whatever the order of its members was', async (t) => {
  const text = leafTextOf(leaf)
  t.equal(
    text,
    '{"actor":"operator","by":"alice (uid 1000)","event":"approve","fields":{"confirmed":true,"name":"worker-1","revision":3},"subject":"e","time":"2026-01-01T00:00:00.000Z","v":1}'
  )
  const { fields, ...others } = leaf
  t.equal(leafTextOf({ fields: { ...fields }, ...others } as AuditLeaf), text)
  t.same(readLeaf(text), leaf)
})

t.test('a leaf fits into an entry of a log, however long and strange its texts are', async (t) => {
  for (const long of ['\u0000'.repeat(10_000), '\ud800'.repeat(10_000), '漢'.repeat(10_000)]) {
    for (const event of leafEvents) {
      const names = leafFieldsOf(event) ?? []
      const fields = Object.fromEntries(names.map((name) => [name, long]))
      const text = leafTextOf({ ...leaf, event, subject: long, actor: long, by: long, decision: long, fields })
      t.ok(Buffer.byteLength(text) < 65_535, `${event}: ${Buffer.byteLength(text)}`)
      t.equal(readLeaf(text)?.subject.length, leafText)
    }
  }
})

t.test('every field that an event names is described, and every described field is named', async (t) => {
  const named = new Set<string>(
    [...Object.values(timelineEvents).map(({ leaf }) => leaf), ...Object.values(ownEvents)].flatMap((leaf) =>
      leaf === 'none' ? [] : [...leaf]
    )
  )
  t.same([...named].sort(), Object.keys(leafFields).sort())
})

t.test('what a machine chats about has no leaf, and an event that nobody knows has one', async (t) => {
  t.equal(leafFieldsOf('progress'), undefined)
  t.equal(leafFieldsOf('node-condition'), undefined)
  t.same(leafFieldsOf('of a newer server'), ['detail'])
  t.same(leafFieldsOf('toString'), ['detail'])
})

t.test('a text that is no leaf of this version is none', async (t) => {
  for (const text of ['', 'x', 'null', '[]', '{}', leafTextOf(leaf).replace('"v":1', '"v":2'), '{"v":1}']) {
    t.equal(readLeaf(text), undefined, text)
  }
})
