import { aCsr } from '@joinery/testing/documents/csr'
import { anAttempt, anEnrolment } from '@joinery/testing/documents/enrolment'
import { aNode } from '@joinery/testing/documents/node'
import t, { type Test } from 'tap'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import type { Csr } from '../../../src/core/ports/cluster/csrs.ts'
import type { ClusterNode } from '../../../src/core/ports/cluster/nodes.ts'
import type { EnrolmentDocument } from '../../../src/core/ports/store/documents/enrolment-document.ts'
import { inSight } from '../../../src/core/reconcile/in-sight.ts'

const opened = async (t: Test, ...enrolments: EnrolmentDocument[]) => {
  const store = sqliteStore(':memory:')
  t.teardown(() => store.close())
  await store.commit({ enrolments })
  return { store, sights: store }
}
const nodes = (...names: string[]) => names.map((name) => aNode(name))
const csr = (uid: string, username: string) => aCsr(`csr-${uid}`, { uid, username })
const removed = (id: string, tokenId: string, name = id) =>
  anEnrolment(id, { name, state: 'removed', settled: true, join: { attempts: [anAttempt(tokenId)] } })
const ready = (id: string, tokenId: string, name = id) =>
  anEnrolment(id, { name, state: 'ready', join: { attempts: [anAttempt(tokenId)] } })

t.test('a settled enrolment is in sight only for its Node, its name and its token', async (t) => {
  const found = await opened(t, ...['one', 'two', 'three', 'four'].map((id) => removed(id, `${id}-id`.slice(0, 6))))
  const ids = async (...[seenNodes, csrs]: [ClusterNode[], Csr[]]) =>
    (await inSight(found, seenNodes, csrs)).heads.map(({ id }) => id)
  t.same(await ids([], []), [])
  t.same(await ids(nodes('two', 'other'), []), ['two'])
  t.same(await ids([], [csr('a', 'system:node:three')]), ['three'])
  t.same(await ids([], [csr('a', 'system:serviceaccount:x:y'), csr('b', 'system:bootstrap:zzzzzz')]), [])
})

t.test('a request belongs to the enrolment of its token or its node', async (t) => {
  const found = await opened(t, removed('old', 'aaaaaa', 'n'), ready('new', 'bbbbbb', 'n'), ready('other', 'cccccc'))
  const csrs = [
    csr('1', 'system:bootstrap:aaaaaa'),
    csr('2', 'system:bootstrap:bbbbbb'),
    csr('3', 'system:node:n'),
    csr('4', 'system:bootstrap:bbbbbb'),
    csr('5', 'system:bootstrap:ffffff')
  ]
  const { heads, csrsOf, tokenIds } = await inSight(found, nodes('n'), csrs)
  t.same(
    heads.map((head) => [head.id, csrsOf(head).map(({ uid }) => uid)]),
    [
      ['old', ['3', '1']],
      ['new', ['3', '2', '4']],
      ['other', []]
    ]
  )
  t.same([...tokenIds].sort(), ['aaaaaa', 'bbbbbb'], 'one that is not ours is none of them')
})

t.test('a former holder of the name is not looked up while somebody holds it', async (t) => {
  const found = await opened(t, removed('old', 'aaaaaa', 'n'), ready('new', 'bbbbbb', 'n'))
  let asked: string[] = []
  const headsByName = (names: readonly string[]) => {
    asked = [...names]
    return found.store.headsByName(names)
  }
  const { heads } = await inSight({ ...found, store: { ...found.store, headsByName } }, nodes('n', 'm'), [])
  t.same(asked, ['m'])
  t.same(
    heads.map(({ id }) => id),
    ['new']
  )
})

t.test('a pending enrolment is out of sight', async (t) => {
  const found = await opened(t, anEnrolment('e', { name: 'n', join: { attempts: [anAttempt('aaaaaa')] } }))
  t.same((await inSight(found, nodes('n'), [csr('1', 'system:bootstrap:aaaaaa')])).heads, [])
})
