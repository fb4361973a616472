import {
  type HeadSpec,
  type LogObjects,
  logKeys,
  nextBatch,
  packBatch,
  type StoredDocument,
  sealDocument,
  sealHead
} from '@joinery/server/testing/log'
import type { Test } from 'tap'

/** The objects of the log of a cluster that has neither head nor document when it is opened. */
export interface OpenLogObjects {
  objects: LogObjects
  /** The same objects through another connection, as another server has them. */
  others: LogObjects
  close(): Promise<void>
}

const keys = logKeys(Buffer.alloc(32, 1))
const log = '0199c7a0-0000-7000-8000-000000000001'

const documentOf = (name: string, number: number, text: string | null = JSON.stringify({ name, number })) =>
  sealDocument({ name, number, text, log }, keys)

/** A head that follows by one batch with these documents. */
const headAfter = (before: HeadSpec, nonce: string, text = '{}'): HeadSpec => {
  const { batch, hash } = nextBatch(before, { term: before.term, text: packBatch([{ name: 'a', text }], nonce) })
  return sealHead({ ...before, number: batch.number, hash, batches: [batch] }, keys)
}

const list = async (objects: LogObjects): Promise<StoredDocument[]> => {
  const all: StoredDocument[] = []
  for await (const page of objects.documents()) all.push(...page)
  return all.sort((a, b) => (a.name < b.name ? -1 : 1))
}

const written = (answer: { version: string } | 'other'): string => {
  if (answer === 'other') throw new Error('it was not written')
  return answer.version
}

/** What the objects of the log must do in every cluster. `races` is how often two servers race for one head. */
export const logObjectsContract = (
  t: Test,
  name: string,
  open: () => Promise<OpenLogObjects>,
  { races = 100 } = {}
): Promise<unknown> => t.test(name, (t) => playContract(t, name, open, races))

const playContract = async (
  t: Test,
  name: string,
  open: () => Promise<OpenLogObjects>,
  races: number
): Promise<void> => {
  const { objects, others, close } = await open()
  t.teardown(close)
  const first = sealHead(
    { log, number: 0, hash: '0'.repeat(64), term: 1, holder: 'host-1', documents: '0'.repeat(64), batches: [] },
    keys
  )

  await t.test(`${name}: without a head there is none to read or to move`, async (t) => {
    t.equal(await objects.head(), undefined)
    t.equal(await objects.moveHead(first.hash, headAfter(first, 'n')), 'other')
    t.equal(await objects.head(), undefined)
    t.same(await list(objects), [])
  })

  await t.test(`${name}: a head is made once, and is what was written`, async (t) => {
    const made = await Promise.all([objects.makeHead(first), others.makeHead(first)])
    t.same([...made].sort(), ['exists', 'made'])
    t.equal(await objects.makeHead(headAfter(first, 'n')), 'exists')
    t.same(await objects.head(), first)
    t.same(await others.head(), first)
  })

  await t.test(`${name}: a head moves only from the batch that was tested`, async (t) => {
    const second = headAfter(first, 'n', JSON.stringify('ü'.repeat(5000)))
    const third = headAfter(second, 'n')
    t.equal(await objects.moveHead(second.hash, third), 'other')
    t.same(await objects.head(), first)
    t.equal(await objects.moveHead(first.hash, second), 'moved')
    t.same(await others.head(), second)
    t.equal(await others.moveHead(first.hash, headAfter(first, 'another')), 'other', 'who comes late')
    t.equal(await objects.moveHead(first.hash, second), 'other', 'the same bytes again')
    t.same(await objects.head(), second)
    t.equal(await others.moveHead(second.hash, third), 'moved')
    t.same(await objects.head(), third, 'a field that is shorter now has nothing of the one before')
  })

  await t.test(`${name}: a head holds 480 KB`, async (t) => {
    const before = (await objects.head()) as HeadSpec
    const large = sealHead(
      { ...before, hash: '1'.repeat(64), batches: [{ number: 2, term: 1, text: 'A'.repeat(480 * 1024) }] },
      keys
    )
    t.equal(await objects.moveHead(before.hash, large), 'moved')
    t.same(await others.head(), large)
    t.equal(await objects.moveHead(large.hash, before), 'moved')
  })

  await t.test(`${name}: a head never goes back, and neither does one of another log`, async (t) => {
    const before = (await objects.head()) as HeadSpec
    const later = sealHead({ ...before, hash: '2'.repeat(64), number: before.number + 5, term: before.term + 1 }, keys)
    t.equal(await objects.moveHead(before.hash, later), 'moved')
    const { number, term } = later
    const back = [
      { number: number - 1, term },
      { number, term: term - 1 },
      { number: number - 1, term, log: 'another' },
      { number, term: term - 1, log: 'another' }
    ]
    for (const fields of back) {
      const head = sealHead({ ...later, ...fields, hash: '3'.repeat(64) }, keys)
      await t.rejects(objects.moveHead(later.hash, head), { name: 'NotDone', message: /it never goes back/ })
    }
    t.same(await others.head(), later)
  })

  await t.test(`${name}: of two servers that race for one head one wins, each time`, async (t) => {
    let head = (await objects.head()) as HeadSpec
    for (let race = 0; race < races; race += 1) {
      const [own, other] = [headAfter(head, `own ${race}`), headAfter(head, `other ${race}`)]
      const answers = await Promise.all([objects.moveHead(head.hash, own), others.moveHead(head.hash, other)])
      if ([...answers].sort().join() !== 'moved,other') t.fail(`race ${race}: ${answers}`)
      const winner = answers[0] === 'moved' ? own : other
      const found = await objects.head()
      if (found?.hash !== winner.hash) t.fail(`race ${race}: the head is not the winner's`)
      head = winner
    }
    t.equal((await others.head())?.number, head.number)
  })

  await t.test(`${name}: a document is created once, and put over only with its version`, async (t) => {
    const [one, two, three] = [documentOf('a', 1), documentOf('a', 2), documentOf('a', 3)]
    const { name: _, ...spec } = two
    t.equal(await objects.readDocument('a'), undefined)
    const version = written(await objects.writeDocument(one, undefined))
    t.equal(await others.writeDocument(two, undefined), 'other', 'the name is taken')
    const next = written(await others.writeDocument(two, version))
    t.not(next, version)
    t.equal(await objects.writeDocument(three, version), 'other', 'somebody else wrote meanwhile')
    t.same(await objects.readDocument('a'), { name: 'a', version: next, spec })
    t.equal(await objects.writeDocument(documentOf('not-there', 1), version), 'other', 'there is nothing to put over')
    t.equal(await objects.readDocument('not-there'), undefined)
  })

  await t.test(`${name}: a document is deleted only with its version`, async (t) => {
    const version = written(await objects.writeDocument(documentOf('b', 1), undefined))
    const next = written(await others.writeDocument(documentOf('b', 2), version))
    t.equal(await objects.deleteDocument('b', version), 'other')
    t.equal((await others.readDocument('b'))?.version, next)
    t.equal(await objects.deleteDocument('b', next), 'deleted')
    t.equal(await objects.deleteDocument('b', next), 'gone')
    t.equal(await objects.writeDocument(documentOf('b', 3), next), 'other', 'a late put does not bring it back')
    t.equal(await objects.readDocument('b'), undefined)
    const again = written(await objects.writeDocument(documentOf('b', 4), undefined))
    t.equal(await others.deleteDocument('b', next), 'other', 'a late delete does not take what came after')
    t.equal(await others.deleteDocument('b', again), 'deleted')
  })

  await t.test(`${name}: a document may be a grave, and may be large`, async (t) => {
    const grave = written(await objects.writeDocument(documentOf('c', 1, null), undefined))
    const large = { ...documentOf('c', 2), text: 'A'.repeat(380 * 1024) }
    const { name: _, ...spec } = large
    const version = written(await objects.writeDocument(large, grave))
    t.same(await others.readDocument('c'), { name: 'c', version, spec })
    t.equal(await objects.deleteDocument('c', version), 'deleted')
  })

  await t.test(`${name}: all documents are listed, over several pages`, async (t) => {
    const before = (await list(objects)).map(({ name }) => name)
    const names = Array.from({ length: 620 }, (_, index) => `many.${String(index).padStart(4, '0')}`)
    const versions = new Map<string, string>()
    const left = names.values()
    const lane = async (): Promise<void> => {
      for (const name of left) versions.set(name, written(await objects.writeDocument(documentOf(name, 1), undefined)))
    }
    await Promise.all(Array.from({ length: 8 }, lane))
    let pages = 0
    for await (const page of objects.documents()) pages += page.length > 0 ? 1 : 0
    t.ok(pages > 1, `${pages} pages`)
    const listed = await list(others)
    t.same(
      listed.map(({ name }) => name),
      [...before, ...names].sort()
    )
    const { name: _, ...spec } = documentOf('many.0007', 1)
    t.same(
      listed.find(({ name }) => name === 'many.0007'),
      { name: 'many.0007', version: versions.get('many.0007'), spec }
    )
    for (const [name, version] of versions) await others.deleteDocument(name, version)
    t.same(
      (await list(objects)).map(({ name }) => name),
      before
    )
  })
}
