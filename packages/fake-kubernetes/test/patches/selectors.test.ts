import t from 'tap'
import type { Kind } from '../../src/kinds/kind.ts'
import type { KubeObject } from '../../src/objects/kube-object.ts'
import { fieldSelector, labelSelector, objectSelector } from '../../src/patches/selectors.ts'

const labels = { a: 'b', 'example.org/role': 'x', empty: '' }
const selecting = '|a|a=b|a==b| a = b , !c |c!=d|a in (x, b)|c notin (x)|example.org/role=x|empty='
const others = 'a=c|a=|!a|c|a!=b|a in (x,y)|a notin (b,c),a|a=b,c=d|empty in (x)'
const faulty = `a b|-a|a=-b|a in b|!a=b|,|a=${'x'.repeat(64)}|a/b/c`

t.test('a label selector of a query selects by all of its requirements', async (t) => {
  for (const text of selecting.split('|')) t.ok(labelSelector(text)(labels), text)
  for (const text of others.split('|')) t.notOk(labelSelector(text)(labels), text)
  for (const text of faulty.split('|')) {
    t.throws(() => labelSelector(text), { code: 400, message: /^unable to parse requirement: / }, text)
  }
})

t.test('the selector of an object selects by all of its parts', async (t) => {
  const selector = { matchLabels: { a: 'b' }, matchExpressions: [{ key: 'c', operator: 'DoesNotExist' }] }
  t.ok(objectSelector({})(undefined))
  t.ok(objectSelector(selector)(labels))
  t.notOk(objectSelector(selector)({ a: 'b', c: '' }))
})

t.test('a field selector selects by fields that the kind has for it', async (t) => {
  const selectable = { 'spec.node': ({ spec }: KubeObject) => String(spec) }
  const kind = { selectable, namespaced: true } as unknown as Kind
  const object = { metadata: { name: 'n', namespace: 'ns' }, spec: 'a,b=c\\' } as unknown as KubeObject
  const equal = 'metadata.name=n,metadata.namespace==ns'
  for (const text of ['', equal, 'spec.node=a\\,b\\=c\\\\', 'spec.node!=,metadata.name=n']) {
    t.ok(fieldSelector(kind, text)(object), text)
  }
  for (const text of ['metadata.name!=n', 'spec.node=', `${equal},spec.node=a`]) {
    t.notOk(fieldSelector(kind, text)(object), text)
  }
  t.throws(() => fieldSelector(kind, 'spec.x=1'), { code: 400, message: 'field label not supported: spec.x' })
  t.throws(() => fieldSelector({ ...kind, namespaced: false }, 'metadata.namespace=a'), { code: 400 })
  t.throws(() => fieldSelector(kind, 'x'), { code: 400, message: "invalid selector: 'x'; can't understand 'x'" })
})
