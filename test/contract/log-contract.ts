import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { LiveConnection, Sending } from '@joinery/kube'
import { namespace } from '@joinery/kube/names'
import { kubernetesLease, kubernetesLog, kubernetesPresences } from '@joinery/server/testing/kubernetes'
import type { DocumentSpec, HeadSpec } from '@joinery/server/testing/log'
import type { Test } from 'tap'
import { AnswerBytes } from './answer-bytes.ts'
import { leaseContract } from './lease-contract.ts'

type Document = DocumentSpec & { name: string }
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')
const mac = hashOf('mac')
const log = randomUUID()
/** A head whose hash is that of `text`. The API server checks no code. */
const headOf = (number: number, text: string, size = 2): HeadSpec => ({
  format: 1,
  log,
  number,
  hash: hashOf(text),
  term: 1,
  holder: 'a',
  documents: mac,
  batches: [{ number, term: 1, text: base64(size * 1024) }],
  mac
})
const base64 = (size: number): string => randomBytes((size / 4) * 3).toString('base64')
const documentOf = (name: string, number = 1, size = 1024): Document => ({
  name,
  format: 1,
  log,
  number,
  text: base64(size),
  mac
})

/** What the log and the Leases must do in every cluster for a server with `store: cluster`. There must be no head yet. */
export const logContract = async (
  t: Test,
  name: string,
  client: (sending?: Sending) => Pick<LiveConnection, 'connection'>
): Promise<void> => {
  const bytes = new AnswerBytes()
  const [one, other] = [kubernetesLog(client({ listener: bytes })), kubernetesLog(client())]

  const listed = async (): Promise<Map<string, string>> => {
    const found = new Map<string, string>()
    for await (const page of one.documents()) for (const { name, version } of page) found.set(name, version)
    return found
  }

  await t.test('a cluster without a head says so, and a head is made once', async (t) => {
    t.equal(await one.head(), undefined)
    t.equal(await one.moveHead(hashOf('none'), headOf(1, 'first')), 'other', 'there is none to move')
    const made = await Promise.all([one.makeHead(headOf(1, 'a')), other.makeHead(headOf(1, 'b'))])
    t.same(made.toSorted(), ['exists', 'made'])
    const there = await one.head()
    t.equal(there?.hash, hashOf(made[0] === 'made' ? 'a' : 'b'))
    t.same(await other.head(), there)
  })

  await t.test('300 races of two servers on one head have one winner each', async (t) => {
    let before = (await one.head())?.hash ?? ''
    const wins = { a: 0, b: 0 }
    for (let race = 1; race <= 300; race += 1) {
      const [a, b] = [headOf(race + 1, `a${race}`), headOf(race + 1, `b${race}`)]
      const ends = await Promise.all([one.moveHead(before, a), other.moveHead(before, b)])
      const there = (await one.head())?.hash
      const won = ends[0] === 'moved' ? a : b
      if (ends.filter((end) => end === 'moved').length !== 1 || there !== won.hash) {
        return t.fail(`race ${race}: ${ends}, and the head is ${there}`)
      }
      wins[won === a ? 'a' : 'b'] += 1
      before = won.hash
    }
    return t.equal(wins.a + wins.b, 300, `a won ${wins.a}, b ${wins.b}`)
  })

  await t.test('a head of 400 KB is moved, and the answer is small', async (t) => {
    const before = (await one.head()) as HeadSpec
    const next = headOf(before.number + 1, 'large', 400)
    bytes.read = 0
    t.equal(await one.moveHead(before.hash, next), 'moved')
    t.ok(bytes.read < 4096, `${bytes.read} bytes`)
    bytes.read = 0
    const made = await one.writeDocument(documentOf('large', 1, 300 * 1024), undefined)
    t.match(made, { version: /./ })
    t.ok(bytes.read < 4096, `${bytes.read} bytes`)
    t.same(await other.head(), next, 'and it is all there')
  })

  await t.test('what a definition refuses is no lost race, and changes nothing', async (t) => {
    const before = (await one.head()) as HeadSpec
    const next = headOf(before.number + 1, 'next')
    const rows: [what: string, head: object, says: RegExp][] = [
      [
        'a text that is no base64',
        { ...next, batches: [{ number: 1, term: 1, text: 'a b' }] },
        /422.*spec.batches\[0\].text/
      ],
      ['a field that nobody knows', { ...next, more: 1 }, /422.*unknown field/],
      ['a field that is missing', { ...next, mac: undefined }, /422.*spec.mac: Required/],
      ['a number that goes back', { ...next, number: before.number - 1 }, /422.*it never goes back/],
      ['a term that goes back', { ...next, term: 0 }, /422.*it never goes back/],
      [
        'a number that goes back, under another id',
        { ...next, log: 'another', number: before.number - 1 },
        /422.*it never goes back/
      ],
      ['a term that goes back, under another id', { ...next, log: 'another', term: 0 }, /422.*it never goes back/],
      [
        'a batch that is too large',
        { ...next, batches: [{ number: 1, term: 1, text: base64(600 * 1024) }] },
        /422.*Too long/
      ]
    ]
    for (const [what, head, says] of rows) {
      await t.rejects(one.moveHead(before.hash, head as HeadSpec), { name: 'NotDone', message: says }, what)
    }
    await t.rejects(one.writeDocument({ ...documentOf('bad'), text: '?' }, undefined), {
      name: 'NotDone',
      message: /422/
    })
    await t.rejects(one.writeDocument(documentOf('Bad'), undefined), { name: 'NotDone', message: /422/ })
    t.same(await one.head(), before)
    t.equal(await one.moveHead(hashOf('never'), next), 'other', 'and a lost race is one')
    t.equal(await one.moveHead(before.hash, { ...next, log: 'another' }), 'moved', 'another log begins')
  })

  await t.test('a document is written for the version that was read, and for no other one', async (t) => {
    const name = 'enrolment-1'
    t.equal(await one.readDocument(name), undefined)
    t.equal(await one.writeDocument(documentOf(name), '1'), 'other', 'there is none')
    const first = documentOf(name, 3)
    const made = await one.writeDocument(first, undefined)
    if (made === 'other') throw new Error('it is not there')
    const { name: _, ...spec } = first
    t.same(await other.readDocument(name), { name, version: made.version, spec })
    t.equal(await other.writeDocument(documentOf(name, 4), undefined), 'other', 'it is there')
    const put = await other.writeDocument(documentOf(name, 5), made.version)
    if (put === 'other') throw new Error('it was not put')
    t.not(put.version, made.version)
    t.equal(await one.writeDocument(documentOf(name, 6), made.version), 'other', 'a late one')
    await t.rejects(one.writeDocument(documentOf(name, 2), put.version), {
      name: 'NotDone',
      message: /never goes back/
    })
    t.equal(await one.deleteDocument(name, made.version), 'other')
    t.equal(await one.deleteDocument(name, put.version), 'deleted')
    t.equal(await other.deleteDocument(name, put.version), 'gone')
    t.equal(await one.readDocument(name), undefined)
    t.equal(await one.writeDocument(documentOf(name, 7), put.version), 'other', 'what is gone cannot be put')
  })

  await t.test('250 documents come in pages, each once, as they were written', async (t) => {
    const names = Array.from({ length: 250 }, (_, index) => `d-${index}`)
    const versions = new Map<string, string>()
    for (let at = 0; at < names.length; at += 8) {
      const some = names.slice(at, at + 8)
      const made = await Promise.all(some.map((each) => one.writeDocument(documentOf(each, 1, 64), undefined)))
      made.forEach((each, index) => {
        if (each !== 'other') versions.set(some[index] ?? '', each.version)
      })
    }
    const found = await listed()
    for (const each of names) if (found.get(each) !== versions.get(each)) t.fail(`${each}: ${found.get(each)}`)
    t.equal(found.size, 251, 'and the large one')
    for (let at = 0; at < names.length; at += 8) {
      await Promise.all(names.slice(at, at + 8).map((each) => one.deleteDocument(each, versions.get(each) ?? '')))
    }
    t.same([...(await listed()).keys()], ['large'])
  })

  await leaseContract(t, name, async () => {
    const lease = `joinery-server-${randomUUID()}`
    const [a, b] = [client(), client()]
    const remove = async (): Promise<void> => {
      const { coordination } = a.connection()
      await coordination.deleteNamespacedLease({ namespace, name: lease }).catch(() => undefined)
    }
    return { one: kubernetesLease(a, lease), other: kubernetesLease(b, lease), remove, close: remove }
  })

  await t.test('servers see each other by a Lease of each, and take away those of servers that are gone', async (t) => {
    const presences = kubernetesPresences(client())
    const lease = (address: string, renewed: string) => ({ ...spec, address, renewed })
    const spec = { holder: 'a', term: 0, acquired: '2026-01-01T00:00:00.000Z', seconds: 30 }
    const names = ['joinery-server-aaaa', 'joinery-server-bbbb'] as const
    await presences.announce(names[0], lease('https://a:7443', '2026-01-01T00:00:00.000Z'), { mac: 'a' })
    await presences.announce(names[1], lease('https://b:7443', '2026-01-01T00:00:00.000Z'), {})
    const [before] = (await presences.list()).filter(({ name }) => name === names[0])
    if (before === undefined) throw new Error('it is not there')
    await presences.announce(names[0], lease('https://a:7443', '2026-01-01T00:00:10.000Z'), {
      mac: 'b',
      lost: 'what only it has'
    })
    const listed = await presences.list()
    t.same(
      listed.map(({ name, address, holder, mac, lost }) => [name, address, holder, mac, lost]),
      [
        [names[0], 'https://a:7443', 'a', 'b', 'what only it has'],
        [names[1], 'https://b:7443', 'a', undefined, undefined]
      ]
    )
    await presences.remove(before)
    t.equal((await presences.list()).length, 2, 'it was renewed since')
    for (const one of listed) await presences.remove(one)
    t.same(await presences.list(), [])
    await t.resolves(presences.remove(before), 'that it is gone is success')
  })
}
