import { fc } from '@joinery/testing/chance/drawn'
import t from 'tap'
import { Value } from 'typebox/value'
import {
  asksForPods,
  type Gate,
  Gates,
  gateProblem,
  hasStartupTaint,
  readGate,
  repeatedGate,
  startupTaint
} from '../../src/words/gates.ts'
import { carriedOver, taintProblem } from '../../src/words/labels-and-taints.ts'

const long = (length: number) => 'x'.repeat(length)
const prefixed = `${long(253)}/${long(63)}`

/** A text, and what is wrong with it, or the gate that it is. */
const texts: [string, Gate | RegExp][] = [
  ['condition:NetworkReady', { kind: 'condition', type: 'NetworkReady' }],
  ['condition:example.org/StorageReady', { kind: 'condition', type: 'example.org/StorageReady' }],
  [`condition:${prefixed}`, { kind: 'condition', type: prefixed }],
  ['condition:', /^give condition:TYPE like/],
  ['condition:a b', /condition:TYPE/],
  ['condition:Ready=True', /condition:TYPE/],
  ['condition:a/b/c', /condition:TYPE/],
  ['condition:Example.org/Ready', /condition:TYPE/],
  [`condition:${long(64)}`, /condition:TYPE/],
  ['condition:Ready\n', /condition:TYPE/],
  ['daemonset:kube-system/cilium', { kind: 'daemonset', namespace: 'kube-system', name: 'cilium' }],
  ['daemonset:a/b.c', { kind: 'daemonset', namespace: 'a', name: 'b.c' }],
  ['daemonset:cilium', /^give daemonset:NAMESPACE\/NAME like daemonset:kube-system\/cilium$/],
  ['daemonset:kube.system/cilium', /NAMESPACE/],
  ['daemonset:/cilium', /NAMESPACE/],
  ['daemonset:kube-system/', /NAMESPACE/],
  ['daemonset:kube-system/cilium/x', /NAMESPACE/],
  ['daemonset:Kube-system/cilium', /NAMESPACE/],
  ['daemonset: kube-system/cilium', /NAMESPACE/],
  [`daemonset:${long(64)}/cilium`, /NAMESPACE/],
  ['pod:gpu/app=validator', { kind: 'pod', namespace: 'gpu', key: 'app', value: 'validator' }],
  ['pod:gpu/a.org/app=v', { kind: 'pod', namespace: 'gpu', key: 'a.org/app', value: 'v' }],
  [`pod:${long(63)}/${prefixed}=${long(63)}`, { kind: 'pod', namespace: long(63), key: prefixed, value: long(63) }],
  ['pod:gpu/app', /^give pod:NAMESPACE\/KEY=VALUE like/],
  ['pod:gpu/app=', /KEY=VALUE/],
  ['pod:gpu/=v', /KEY=VALUE/],
  ['pod:gpu/app=a=b', /KEY=VALUE/],
  ['pod:gpu/app=a,b', /KEY=VALUE/],
  ['pod:app=v', /KEY=VALUE/],
  ['pod:gpu/a/b/c=v', /KEY=VALUE/],
  ['', /^a gate is condition:TYPE .*, daemonset:.*, or pod:NAMESPACE/],
  ['Ready', /^a gate is/],
  ['job:gpu/x', /^a gate is/],
  ['Condition:Ready', /^a gate is/],
  [' condition:Ready', /^a gate is/],
  ['constructor:Ready', /^a gate is/],
  ['__proto__:Ready', /^a gate is/]
]

for (const [text, expected] of texts) {
  const isGate = !(expected instanceof RegExp)
  t.test(`${JSON.stringify(text.slice(0, 50))} is ${isGate ? 'a gate' : 'refused'}`, async (t) => {
    if (isGate) {
      t.same(readGate(text), expected)
      t.equal(gateProblem(text), undefined)
      t.equal(asksForPods(text), expected.kind !== 'condition')
      t.ok(Value.Check(Gates, [text]), 'it fits the schema')
    } else {
      t.equal(readGate(text), undefined)
      t.match(gateProblem(text), expected)
      t.notOk(asksForPods(text))
    }
  })
}

t.test('what is wrong with a gate names gates that can be given', async (t) => {
  for (const text of ['', 'condition:', 'daemonset:', 'pod:']) {
    const examples = [...(gateProblem(text) ?? '').matchAll(/like (\S+?)(?=,? or|, |$)/g)].map(([, example]) => example)
    t.ok(examples.length > 0)
    for (const example of examples) t.ok(readGate(example ?? ''), `${example}`)
  }
})

t.test('no two texts are one gate', async () => {
  const kind = fc.constantFrom('condition', 'daemonset', 'pod')
  const text = fc.tuple(kind, fc.stringMatching(/^[ab./=:-]{0,8}$/))
  const written = ({ ...gate }: Gate): string => {
    if (gate.kind === 'condition') return `condition:${gate.type}`
    if (gate.kind === 'daemonset') return `daemonset:${gate.namespace}/${gate.name}`
    return `pod:${gate.namespace}/${gate.key}=${gate.value}`
  }
  fc.assert(
    fc.property(text, ([kind, rest]) => {
      const given = `${kind}:${rest}`
      const gate = readGate(given)
      return gate === undefined || written(gate) === given
    }),
    { numRuns: 5000 }
  )
})

t.test('a gate that is given twice is found', async (t) => {
  t.equal(repeatedGate(['condition:A', 'condition:B', 'condition:A']), 'condition:A')
  t.equal(repeatedGate(['condition:A', 'condition:B']), undefined)
  t.equal(repeatedGate([]), undefined)
})

t.test('the startup taint is known by key and effect, and no code can give it', async (t) => {
  const { key } = startupTaint
  const other = { key: 'dedicated', value: '', effect: 'NoSchedule' } as const
  t.ok(hasStartupTaint({ taints: [other, { ...startupTaint, value: 'x' }] }))
  t.notOk(hasStartupTaint({ taints: [other, { ...startupTaint, effect: 'NoExecute' }] }))
  t.notOk(hasStartupTaint({ taints: [] }))
  for (const effect of ['NoSchedule', 'NoExecute']) {
    t.match(taintProblem({ key, value: '', effect }), /Joinery itself sets joinery.dev\/not-in-service/)
  }
  t.same(carriedOver({ labels: {}, taints: [startupTaint, other] }).taints, [other], 'nor a Node to the one after it')
})
