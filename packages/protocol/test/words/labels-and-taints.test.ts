import t from 'tap'
import {
  formatLabels,
  formatTaint,
  labelProblem,
  repeatedTaint,
  type Taint,
  taintProblem
} from '../../src/words/labels-and-taints.ts'

const long = (length: number) => 'x'.repeat(length)

/** Key, value, and what is wrong with it. */
const labels: [string, string, RegExp?][] = [
  ['rack', 'r7'],
  ['rack', ''],
  ['a', 'A'],
  ['example.org/rack', 'R_7.b-c'],
  ['node-role.kubernetes.io/edge', ''],
  ['node-restriction.kubernetes.io/zone', 'dmz'],
  ['topology.kubernetes.io/zone', 'rack-7'],
  [long(63), long(63)],
  [`${long(253)}/${long(63)}`, ''],
  ['', 'x', /NAME is at most 63/],
  [long(64), '', /NAME is at most 63/],
  ['-rack', '', /letter or digit at both ends/],
  ['rack.', '', /letter or digit at both ends/],
  ['räck', '', /at most 63 letters/],
  ['ra ck', '', /at most 63 letters/],
  ['rack\n', '', /at most 63 letters/],
  ['__proto__', '', /letter or digit at both ends/],
  ['example.org/', '', /NAME is/],
  ['/rack', '', /PREFIX is a DNS name/],
  ['Example.org/rack', '', /PREFIX is a DNS name/],
  ['example..org/rack', '', /PREFIX is a DNS name/],
  [`${long(254)}/rack`, '', /PREFIX is a DNS name/],
  ['a/b/c', '', /one \//],
  ['rack', long(64), /value of a label/],
  ['rack', '-', /value of a label/],
  ['rack', 'a b', /value of a label/],
  ['rack', 'a=b', /value of a label/],
  ['rack', 'x\n', /value of a label/],
  ['kubernetes.io/hostname', 'x', /the kubelet sets/],
  ['kubernetes.io/os', 'linux', /the kubelet sets/],
  ['kubernetes.io/arch', 'x', /the kubelet sets/],
  ['beta.kubernetes.io/arch', 'x', /the kubelet sets/],
  ['node-role.kubernetes.io/control-plane', '', /only on control planes/],
  ['node-role.kubernetes.io/master', '', /only on control planes/],
  ['joinery.dev/joining', '', /Joinery itself/]
]

for (const [key, value, problem] of labels) {
  t.test(
    `label ${JSON.stringify(`${key.slice(0, 40)}=${value.slice(0, 20)}`)} is ${problem ? 'refused' : 'taken'}`,
    async (t) => {
      if (problem === undefined) t.equal(labelProblem(key, value), undefined)
      else t.match(labelProblem(key, value), problem)
    }
  )
}

const taints: [string, string, string, RegExp?][] = [
  ['dedicated', 'edge', 'NoSchedule'],
  ['dedicated', '', 'NoExecute'],
  ['example.org/dedicated', 'edge', 'PreferNoSchedule'],
  ['node-role.kubernetes.io/edge', '', 'NoSchedule'],
  ['node.cilium.io/agent-not-ready', 'true', 'NoExecute'],
  ['dedicated', 'edge', 'noschedule', /NoSchedule, PreferNoSchedule or NoExecute/],
  ['dedicated', 'edge', '', /the effect is/],
  ['', '', 'NoSchedule', /key of a taint/],
  ['a b', '', 'NoSchedule', /key of a taint/],
  ['dedicated', 'a b', 'NoSchedule', /value of a taint/],
  ['node.kubernetes.io/not-ready', '', 'NoExecute', /belong to the control plane, which removes them/],
  ['node.kubernetes.io/unschedulable', '', 'NoSchedule', /belong to the control plane, which removes them/]
]

for (const [key, value, effect, problem] of taints) {
  t.test(`taint ${key}=${value}:${effect} is ${problem ? 'refused' : 'taken'}`, async (t) => {
    const found = taintProblem({ key, value, effect })
    if (problem === undefined) t.equal(found, undefined)
    else t.match(found, problem)
  })
}

const taint = (key: string, effect: Taint['effect'], value = ''): Taint => ({ key, value, effect })

t.test('a Node has at most one taint of a key and effect', async (t) => {
  t.equal(repeatedTaint([taint('a', 'NoSchedule'), taint('a', 'NoExecute'), taint('b', 'NoSchedule')]), undefined)
  t.same(repeatedTaint([taint('a', 'NoSchedule', 'x'), taint('a', 'NoSchedule', 'y')]), taint('a', 'NoSchedule', 'y'))
})

t.test('labels and taints are written as kubectl writes them', async (t) => {
  t.same(formatLabels({ b: '', a: 'x' }), ['a=x', 'b='])
  t.equal(formatTaint(taint('a', 'NoSchedule', 'x')), 'a=x:NoSchedule')
  t.equal(formatTaint(taint('a', 'NoExecute')), 'a:NoExecute')
})
