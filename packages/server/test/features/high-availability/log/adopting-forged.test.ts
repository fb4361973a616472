import { type KubeObject, textOf } from '@joinery/fake-kubernetes'
import { headName, logGroup } from '@joinery/kube/log'
import { namespace } from '@joinery/kube/names'
import { budgets, systemClock } from '@joinery/server/testing/base'
import { kubernetesLog } from '@joinery/server/testing/kubernetes'
import {
  adoptCluster,
  adoptLocal,
  type DocumentSpec,
  type HeadSpec,
  type KnownLog,
  type LogObjects,
  openHead,
  packBatch,
  systemLogClock,
  takeOver
} from '@joinery/server/testing/log'
import { eventually } from '@joinery/testing/clocks/eventually'
import { fakeCluster } from '@joinery/testing/cluster/fake/fake-cluster'
import { aCode } from '@joinery/testing/documents/code'
import t from 'tap'
import { markDocument } from '../../../../src/adapters/sqlite/mirror/parts.ts'
import { sqliteStore } from '../../../../src/adapters/sqlite/sqlite-store.ts'
import { storeFileIn } from '../../../../src/core/ports/store/store-files.ts'
import { adoptOfThisHost } from '../../../../src/program/moving/adopt.ts'
import { keys, quiet, seededRandom } from './log-fixture.ts'

const random = seededRandom(29)

/** The work of a server, or of a command, on the API server. */
const partsOf = (objects: LogObjects) => ({
  objects,
  keys: [keys] as const,
  known: undefined as KnownLog | undefined,
  holder: 'host',
  clock: systemLogClock,
  random,
  log: quiet(),
  budget: { ...budgets.clusterLog, gather: 0 },
  mayGoOn: () => true,
  deposed: () => undefined,
  seen: undefined,
  mark: markDocument,
  now: () => new Date(0)
})

const logHeads = { group: logGroup, plural: 'logheads' }
const logDocuments = { group: logGroup, plural: 'logdocuments' }

/** The log of a fake cluster, with the hand of somebody whom no policy stops. */
const logApi = async () => {
  const { fake, own } = await fakeCluster(systemClock, { secrets: true, log: true })
  const { objects } = fake
  /** Every spec that the head ever had, oldest first. */
  const heads: unknown[] = []
  objects.follow(({ resource, object }) => {
    if (resource === textOf(logHeads)) heads.push(object.spec)
  })
  const head = () => objects.get<KubeObject & { spec: HeadSpec }>(logHeads, headName, namespace) ?? fail('head')
  return {
    heads,
    objects,
    client: () => kubernetesLog(own),
    head: (): HeadSpec => head().spec,
    putHead: (spec: unknown) => objects.replace(logHeads, { ...head(), spec }),
    numberOf: (name: string): number =>
      (objects.get<KubeObject & { spec: DocumentSpec }>(logDocuments, name, namespace) ?? fail(name)).spec.number,
    remove: (name: string) => objects.delete(logDocuments, name, namespace)
  }
}
type LogApi = Awaited<ReturnType<typeof logApi>>

const fail = (what: string): never => {
  throw new Error(`${what} is not there`)
}

/** Texts that the next server finds, or the code of its refusal. */
const foundBy = async (api: LogApi, known?: KnownLog): Promise<Record<string, string> | string> => {
  try {
    const taken = await takeOver({ ...partsOf(api.client()), known })
    await taken.close()
    return Object.fromEntries(
      taken.documents.filter(({ name }) => name !== 'mark').map(({ name, text }) => [name, text])
    )
  } catch (error) {
    return (error as { code: string }).code
  }
}

const pending = '{"state":"pending"}'
const approved = '{"state":"approved"}'

/** A log with one machine that waits, all of it written. */
const written = async () => {
  const api = await logApi()
  const taken = await takeOver(partsOf(api.client()))
  for (const [name, text] of Object.entries({ 'code.one': '"open"', 'subject.evil': pending })) {
    await taken.appender.append([{ name, text }])
  }
  await eventually('all is written', () => taken.facts().waiting === 0)
  await taken.close()
  const names = ['code.one', 'subject.evil']
  const known: KnownLog = {
    log: taken.log,
    number: api.numberOf('subject.evil'),
    documents: new Map(names.map((name) => [name, api.numberOf(name)]))
  }
  const documents = [
    { name: 'code.one', text: '"open"' },
    { name: 'subject.evil', text: pending }
  ]
  return { api, known, documents }
}

/**
 * Does what somebody can who may write the objects and has no key: one document is deleted, and a batch of theirs stands in the head
 * with its number. They can compute no mac.
 */
const forge = (api: LogApi, over: Partial<HeadSpec> = {}): HeadSpec => {
  const head = api.head()
  const number = api.numberOf('subject.evil')
  const batch = (at: number, text: string) => ({
    number: at,
    term: head.term,
    text: packBatch([{ name: 'subject.evil', text }], 'x')
  })
  const batches = Array.from({ length: head.number - number + 1 }, (_, index) => batch(number + index, approved))
  const forged = { ...head, batches, mac: 'f'.repeat(64), ...over }
  api.remove('subject.evil')
  api.putHead(forged)
  return forged
}

t.test('A1: no head that the API server ever sees while a host adopts has a batch of a forged one', async (t) => {
  const { api, known, documents } = await written()
  const [before, forged] = [api.objects.snapshot(), forge(api)]
  t.equal(await foundBy(api, known), 'log-damaged', 'servers refuse the forged head')
  const since = api.heads.length
  const adopted = await adoptLocal({ ...partsOf(api.client()), documents })
  const seen = api.heads.slice(since)
  t.equal(seen.length, 2)
  for (const one of seen) {
    const { head } = openHead(one, [keys])
    t.same(head.batches, [])
    t.not(head.log, forged.log)
    t.not(head.documents, forged.documents)
  }

  t.comment('whoever watched puts each of those heads back, with the objects as they were before')
  const other = { ...adopted, number: 0, documents: new Map<string, number>() }
  for (const head of seen) {
    for (const knows of [known, other, undefined]) {
      api.objects.restore(before)
      api.remove('subject.evil')
      api.putHead(head)
      t.notMatch(JSON.stringify(await foundBy(api, knows)), 'approved')
      const cluster = await adoptCluster({ ...partsOf(api.client()), known }).catch((error: Error) => error)
      t.ok(cluster instanceof Error, 'and nobody adopts what is not there')
    }
  }
})

t.test('A1: a host whose command is killed after any of its writes takes nothing of a forged head over', async (t) => {
  for (let writes = 1; writes <= 3; writes += 1) {
    const { api, known, documents } = await written()
    forge(api)
    const objects = api.client()
    let left = writes
    const dying: LogObjects = {
      ...objects,
      moveHead: async (...given) => {
        const answer = await objects.moveHead(...given)
        left -= 1
        return answer
      },
      writeDocument: async (...given) => {
        const answer = await objects.writeDocument(...given)
        left -= 1
        return answer
      }
    }
    const killed = adoptLocal({ ...partsOf(dying), documents, mayGoOn: () => left > 0 })
    await t.rejects(killed, /lease/)
    t.equal(await foundBy(api, known), 'log-other', `after ${writes}: the same host`)
    t.equal(await foundBy(api), 'log-damaged', `after ${writes}: a new host`)
    await t.rejects(adoptCluster({ ...partsOf(api.client()), known }), { code: 'log-damaged' })
    const adopted = await adoptLocal({ ...partsOf(api.client()), documents })
    t.same(await foundBy(api, adopted), { 'code.one': '"open"', 'subject.evil': pending })
  }
})

t.test('A1: the command writes what the file of this host has, whatever stands in the head', async (t) => {
  const { api, known } = await written()
  const state = t.testdir({})
  const store = sqliteStore(storeFileIn(state))
  await store.commit({ codes: [aCode('one')] })
  store.close()
  forge(api)
  const since = api.heads.length
  await adoptOfThisHost({
    state,
    log: partsOf(api.client()),
    memory: { seen: undefined, took: async () => undefined },
    now: new Date(0),
    print: () => undefined
  })
  t.equal(api.heads.length, since + 2)
  for (const one of api.heads.slice(since)) t.same(openHead(one, [keys]).head.batches, [])
  t.equal(await foundBy(api, known), 'log-other', 'a host that follows the log of before')
  const found = await foundBy(api)
  t.notMatch(JSON.stringify(found), 'approved')
  t.ok(Object.keys(found).length > 0, 'a new host has what was in the file')
})

t.test('A1: a head that opens is not carried on either: a server that runs is deposed', async (t) => {
  const { api, documents } = await written()
  const deposed: string[] = []
  const running = await takeOver({ ...partsOf(api.client()), deposed: (reason) => deposed.push(reason) })
  const since = api.heads.length
  await adoptLocal({ ...partsOf(api.client()), documents })
  let isWritten = false
  const write = async () => {
    await running.appender.append([{ name: 'subject.evil', text: approved }])
    isWritten = true
  }
  write().catch(() => {})
  await eventually('it is deposed', () => deposed.length > 0)
  await running.close()
  t.notOk(isWritten)
  t.match(deposed, [/another server moved the head/])
  for (const one of api.heads.slice(since)) t.same(openHead(one, [keys]).head.batches, [])
})
