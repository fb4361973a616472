import type { Taint } from '@joinery/protocol'
import t from 'tap'
import { judgePlacement, type Placement } from '../../../../src/core/enrolment/prefetch/placement.ts'
import type { PlacementNeeds, Requirement, Toleration } from '../../../../src/core/ports/cluster/node-sight.ts'

const labels = { 'kubernetes.io/os': 'linux', rack: '7', gpu: '' }
const taint = (key: string, effect: Taint['effect'] = 'NoSchedule', value = ''): Taint => ({ key, value, effect })
const toleration = (part: Partial<Toleration>): Toleration => ({
  key: '',
  operator: 'Equal',
  value: '',
  effect: '',
  ...part
})
const term = (...expressions: Requirement[]) => ({ terms: [{ expressions, fields: [] }] })
const field = (operator: string, ...values: string[]) => ({
  terms: [{ expressions: [], fields: [{ key: 'metadata.name', operator, values }] }]
})
const requires = (key: string, operator: string, ...values: string[]): Requirement => ({ key, operator, values })

const table: [what: string, needs: Partial<PlacementNeeds>, taints: Taint[], expected: Placement][] = [
  ['nothing is asked', {}, [], 'runs'],
  ['its labels fit', { nodeSelector: { rack: '7', gpu: '' } }, [], 'runs'],
  ['one label is another', { nodeSelector: { rack: '8' } }, [], 'elsewhere'],
  ['a label is missing', { nodeSelector: { disk: '' } }, [], 'elsewhere'],
  ['the template names it', { nodeName: 'worker-1' }, [], 'runs'],
  ['the template names another', { nodeName: 'worker-2' }, [], 'elsewhere'],
  ['In has its value', term(requires('rack', 'In', '6', '7')), [], 'runs'],
  ['In has not its value', term(requires('rack', 'In', '6')), [], 'elsewhere'],
  ['In, and there is no such label', term(requires('disk', 'In', '6')), [], 'elsewhere'],
  ['NotIn has its value', term(requires('rack', 'NotIn', '7')), [], 'elsewhere'],
  ['NotIn, and there is no such label', term(requires('disk', 'NotIn', '7')), [], 'runs'],
  ['Exists', term(requires('gpu', 'Exists')), [], 'runs'],
  ['Exists, and there is no such label', term(requires('disk', 'Exists')), [], 'elsewhere'],
  ['DoesNotExist', term(requires('disk', 'DoesNotExist')), [], 'runs'],
  ['DoesNotExist, and it does', term(requires('gpu', 'DoesNotExist')), [], 'elsewhere'],
  ['Gt', term(requires('rack', 'Gt', '6')), [], 'runs'],
  ['Gt of its own value', term(requires('rack', 'Gt', '7')), [], 'elsewhere'],
  ['Lt', term(requires('rack', 'Lt', '10')), [], 'runs'],
  ['Lt of its own value', term(requires('rack', 'Lt', '7')), [], 'elsewhere'],
  ['Gt of what is no number', term(requires('kubernetes.io/os', 'Gt', '1')), [], 'elsewhere'],
  ['an operator that nobody knows', term(requires('rack', 'Like', '7')), [], 'elsewhere'],
  ['one of two expressions fails', term(requires('rack', 'In', '7'), requires('disk', 'Exists')), [], 'elsewhere'],
  ['a term that asks for nothing', { terms: [{ expressions: [], fields: [] }] }, [], 'elsewhere'],
  ['no term at all in a selector', { terms: [] }, [], 'elsewhere'],
  ['its name is in a field', field('In', 'worker-1'), [], 'runs'],
  ['its name is in no field', field('NotIn', 'worker-1'), [], 'elsewhere'],
  [
    'a field of another kind',
    { terms: [{ expressions: [], fields: [requires('metadata.uid', 'In', 'worker-1')] }] },
    [],
    'elsewhere'
  ],
  ['labels fit, and no term', { nodeSelector: { rack: '7' }, ...term(requires('disk', 'Exists')) }, [], 'elsewhere'],
  ['a taint', {}, [taint('a')], { keptOut: taint('a') }],
  ['a taint that only prefers', {}, [taint('a', 'PreferNoSchedule')], 'runs'],
  ['a toleration of all', { tolerations: [toleration({ operator: 'Exists' })] }, [taint('a')], 'runs'],
  [
    'a toleration of all that is of one effect',
    { tolerations: [toleration({ operator: 'Exists', effect: 'NoExecute' })] },
    [taint('a')],
    { keptOut: taint('a') }
  ],
  ['its key', { tolerations: [toleration({ key: 'a', operator: 'Exists' })] }, [taint('a')], 'runs'],
  [
    'another key',
    { tolerations: [toleration({ key: 'b', operator: 'Exists' })] },
    [taint('a')],
    { keptOut: taint('a') }
  ],
  ['its value', { tolerations: [toleration({ key: 'a', value: 'x' })] }, [taint('a', 'NoSchedule', 'x')], 'runs'],
  [
    'another value',
    { tolerations: [toleration({ key: 'a', value: 'y' })] },
    [taint('a', 'NoSchedule', 'x')],
    { keptOut: taint('a', 'NoSchedule', 'x') }
  ],
  [
    'an operator of later',
    { tolerations: [toleration({ key: 'a', operator: 'Gt', value: '1' })] },
    [taint('a')],
    { keptOut: taint('a') }
  ],
  [
    'the second of two',
    { tolerations: [toleration({ key: 'a', operator: 'Exists' })] },
    [taint('a'), taint('b')],
    { keptOut: taint('b') }
  ],
  ...(['not-ready', 'unreachable'] as const).map((name): (typeof table)[number] => [
    `${name}, which evicts`,
    {},
    [taint(`node.kubernetes.io/${name}`, 'NoExecute')],
    'runs'
  ]),
  ...(['disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable'] as const).map(
    (name): (typeof table)[number] => [name, {}, [taint(`node.kubernetes.io/${name}`)], 'runs']
  ),
  [
    'not-ready, which schedules nobody',
    {},
    [taint('node.kubernetes.io/not-ready')],
    { keptOut: taint('node.kubernetes.io/not-ready') }
  ],
  [
    'no network, and it needs one',
    {},
    [taint('node.kubernetes.io/network-unavailable')],
    { keptOut: taint('node.kubernetes.io/network-unavailable') }
  ],
  [
    "no network, and it has the host's",
    { hostNetwork: true },
    [taint('node.kubernetes.io/network-unavailable')],
    'runs'
  ],
  ['it is elsewhere, tainted or not', { nodeSelector: { rack: '8' } }, [taint('a')], 'elsewhere']
]

for (const [what, part, taints, expected] of table) {
  t.test(`a DaemonSet and a Node: ${what}`, async (t) => {
    const needs = { nodeSelector: {}, tolerations: [], hostNetwork: false, ...part }
    t.same(judgePlacement(needs, { name: 'worker-1', labels, taints }), expected)
  })
}
