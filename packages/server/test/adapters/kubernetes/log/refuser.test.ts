import { logPolicy } from '@joinery/kube/names'
import t from 'tap'
import { refuserOf } from '../../../../src/adapters/kubernetes/log/outcome.ts'

const webhook = { is: 'webhook', name: 'log.example.org' } as const
const policy = (name: string, rest = 'denied request: no') =>
  `logheads.log.joinery.dev "joinery" is forbidden: ValidatingAdmissionPolicy '${name}' with binding 'b' ${rest}`

t.test('the name of a webhook or policy is what the API server says of it, and nothing else', async (t) => {
  const rows: [message: string, expected: ReturnType<typeof refuserOf>][] = [
    ['Internal error occurred: failed calling webhook "log.example.org": failed to call webhook: refused', webhook],
    ['failed calling webhook "log.example.org": failed to call webhook: refused', webhook],
    ['admission webhook "log.example.org" denied the request: not on Fridays', webhook],
    ['admission webhook "log.example.org" denied the request without explanation', webhook],
    [policy('strict.example.org'), { is: 'policy', name: 'strict.example.org' }],
    [policy('strict', 'denied request: admission webhook "x" denied the request: y'), { is: 'policy', name: 'strict' }],
    // Joinery's own
    [policy(logPolicy), undefined],
    // a stranger's words, in a name or after it
    ['admission webhook "log example" denied the request: x', undefined],
    ['admission webhook "-x" denied the request: x', undefined],
    [`admission webhook "${'x'.repeat(254)}" denied the request: x`, undefined],
    ['admission webhook "a\u001b[31m" denied the request: x', undefined],
    ['admission webhook "log.example.org" liked the request: x', undefined],
    ['etcd said: admission webhook "log.example.org" denied the request: x', undefined],
    ['admission webhook "a" denied the request: failed calling webhook "b": x', { is: 'webhook', name: 'a' }],
    [policy('strict', 'warned: x'), undefined],
    ['', undefined]
  ]
  for (const [message, expected] of rows) t.same(refuserOf(message), expected, JSON.stringify(message))
})
