import { aCode } from '@joinery/testing/documents/code'
import t from 'tap'
import { codeWarnings, isOneName } from '../../../../src/core/enrolment/code/code-warnings.ts'

type Named = Parameters<typeof codeWarnings>[1]
const free: Named = { open: [], holder: undefined, inCluster: undefined }
const many = ['a', 'b', 'c', 'd', 'e'].map((id) => aCode(id, { name: 'worker-1' }))

const rows: [what: string, name: string, named: Partial<Named>, warnings: (string | RegExp)[]][] = [
  ['a name that is free', 'worker-1', {}, []],
  ['one open code', 'worker-1', { open: many.slice(0, 1) }, [/another open code \(a\).*joinery code revoke a$/]],
  ['many open codes', 'worker-1', { open: many }, [/\(a, b, c and 2 more\).*joinery code revoke a b c$/]],
  [
    'a ready enrolment',
    'worker-1',
    { holder: { state: 'ready' } },
    [/is ready: .*joinery approve worker-1 --replace$/]
  ],
  [
    'an enrolment that joins',
    'worker-1',
    { holder: { state: 'joining' } },
    [/that is joining: .*joinery show worker-1$/]
  ],
  [
    'its Node too',
    'worker-1',
    { holder: { state: 'ready' }, inCluster: 'Node worker-1' },
    [/an enrolment that is ready/]
  ],
  ['a Node from outside', 'worker-1', { inCluster: 'Node worker-1' }, [/not free in the cluster \(Node worker-1\)/]],
  ['a Pod of any name', 'worker-1', { inCluster: 'Pod default/a\u001b is bound to worker-1' }, [/a\\u\{1b\} is bound/]],
  ['code and Node', 'worker-1', { open: many.slice(0, 1), inCluster: 'Node worker-1' }, [/open code/, /Node worker-1/]]
]

for (const [what, name, named, warnings] of rows) {
  t.test(`a code for a name gets ${warnings.length || 'no'} warnings: ${what}`, async (t) => {
    const found = codeWarnings(name, { ...free, ...named })
    t.equal(found.length, warnings.length, what)
    t.match(found, warnings, what)
  })
}

t.test('a code without a name, or for a pattern, gets no warnings', async (t) => {
  t.equal(isOneName(undefined), false, 'no name')
  t.equal(isOneName('worker-{n}'), false, 'a pattern')
  t.equal(isOneName('worker-1'), true, 'one name')
})
