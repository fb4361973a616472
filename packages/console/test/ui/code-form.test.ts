import { CodeRequest } from '@joinery/protocol'
import t from 'tap'
import { Value } from 'typebox/value'
import { type CodeForm, emptyForm, errorsOf, lifetimesOffered, requestOf } from '../../src/ui/model/code-form.ts'

const wrong: [what: string, form: Partial<CodeForm>, fields: string[]][] = [
  ['nothing', {}, []],
  ['a name', { naming: 'exact', name: 'worker-1' }, []],
  ['a name that is none', { naming: 'exact', name: 'Bad_Name' }, ['name']],
  ['no name', { naming: 'exact' }, ['name']],
  ['a name that nobody asks for', { naming: 'asks', name: 'Bad_Name' }, []],
  ['a pattern', { naming: 'pattern', name: 'worker-{n}', uses: '50' }, []],
  ['a pattern without a number', { naming: 'pattern', name: 'worker' }, ['name']],
  ['one name for two', { naming: 'exact', name: 'worker-1', uses: '2' }, ['uses']],
  ['no machine', { uses: '0' }, ['uses']],
  ['half a machine', { uses: '1.5' }, ['uses']],
  ['too many', { uses: '1001' }, ['uses']],
  ['networks', { from: '10.0.4.0/24, fd00::/8\n192.0.2.0/24' }, []],
  ['an address without its length', { from: '10.0.4.1' }, ['from']],
  ['labels', { labels: 'rack=r7\nzone=a,empty=' }, []],
  ['a label without a value', { labels: 'rack' }, ['labels']]
]

t.test('the wizard says what is wrong before the server does', async (t) => {
  for (const [what, form, fields] of wrong) t.same(Object.keys(errorsOf({ ...emptyForm, ...form })), fields, what)
})

t.test('what the wizard makes fits the schema of the server', async (t) => {
  for (const [what, form, fields] of wrong) {
    if (fields.length === 0) t.ok(Value.Check(CodeRequest, requestOf({ ...emptyForm, ...form })), what)
  }
  for (const [ttl, words] of lifetimesOffered) t.ok(Value.Check(CodeRequest, requestOf({ ...emptyForm, ttl })), words)
})

t.test('a field that stays empty is not asked for', async (t) => {
  t.same(requestOf(emptyForm), { role: 'worker', ttl: 1800 })
  const full = {
    ...emptyForm,
    naming: 'pattern',
    name: ' w-{n} ',
    uses: '3',
    from: '10.0.0.0/8',
    labels: 'a=b,c='
  } as const
  t.same(requestOf(full), {
    role: 'worker',
    ttl: 1800,
    name: 'w-{n}',
    uses: 3,
    from: ['10.0.0.0/8'],
    labels: { a: 'b', c: '' }
  })
})
