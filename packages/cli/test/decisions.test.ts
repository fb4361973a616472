import { type Enrolment, ProblemError } from '@joinery/protocol'
import t from 'tap'
import { parse } from 'yaml'
import { detail, enrolment, key, otherKey } from './support/fixtures.ts'
import { joinery } from './support/operators.ts'

const approved: Enrolment = { ...enrolment, state: 'approved', revision: 4 }

t.test('approve approves the revision and the key that it read, and shows what fails', async (t) => {
  const { exitCode, out, err, calls } = await joinery(
    t,
    { show: () => detail, approve: () => approved },
    'approve',
    'node-1'
  )
  t.same(calls.at(-1), { route: 'approve', reference: 'e1', body: { revision: 3, key } })
  t.equal(out, 'enrolment/node-1 approved\n')
  t.equal(
    err,
    `node-1: worker, key 4f1c-22ab, seen at 10.0.0.11, machine 0123456789abcdef0123456789abcdef, revision 3, preflight fails: swap
Next: joinery show node-1
`
  )
  t.equal(exitCode, 0)
})

t.test('approve of several goes on after a failure and ends with its exit code', async (t) => {
  const { exitCode, out, err } = await joinery(
    t,
    {
      show: ({ reference }) => (reference === 'node-8' ? undefined : { ...detail, id: reference, name: reference }),
      approve: ({ reference }) => {
        if (reference === 'node-7') throw new ProblemError('revision-changed', { remedy: 'joinery show node-7' })
        return { ...approved, name: reference }
      }
    },
    'approve',
    'node-7',
    'node-8',
    'node-9'
  )
  t.equal(out, 'enrolment/node-9 approved\n')
  t.match(
    err,
    `error: The evidence has changed since it was shown (revision-changed)
remedy: joinery show node-7
error: no enrolment is called node-8 (not-found)
`
  )
  t.equal(exitCode, 6)
})

t.test('approve -o json prints a list of what it approved', async (t) => {
  const answers = { show: () => detail, approve: () => approved }
  const { out } = await joinery(t, answers, 'approve', 'node-1', 'node-1', '-o', 'json')
  t.same(JSON.parse(out), { items: [approved, approved] })
})

t.test('what -o name prints is taken as a reference', async (t) => {
  const answers = { show: () => detail, approve: () => approved, retry: () => approved }
  const many = await joinery(t, answers, 'approve', 'enrolment/node-1', 'node-2', '-o', 'name')
  t.same(
    many.calls.map(({ reference }) => reference),
    ['node-1', 'e1', 'node-2', 'e1']
  )
  t.equal(many.out, 'enrolment/node-1\nenrolment/node-1\n')
  const one = await joinery(t, answers, 'retry', 'enrolment/e1')
  t.equal(one.calls[0]?.reference, 'e1')
})

t.test('release names the whole key and suggests the approval that is still needed', async (t) => {
  const { out, err, calls } = await joinery(t, { release: () => enrolment }, 'release', 'node-1', '--key', otherKey)
  t.same(calls, [{ route: 'release', reference: 'node-1', body: { key: otherKey } }])
  t.equal(out, 'enrolment/node-1 released\n')
  t.equal(err, 'Next: joinery approve node-1\n')
})

t.test('release takes no short fingerprint', async (t) => {
  const { exitCode, err, calls } = await joinery(t, {}, 'release', 'node-1', '--key', '4f1c-22ab')
  t.equal(exitCode, 2)
  t.match(err, 'give the whole fingerprint')
  t.same(calls, [])
})

t.test('retry gives another chance to exactly what it shows', async (t) => {
  const { out, err, calls } = await joinery(t, { show: () => detail, retry: () => approved }, 'retry', 'node-1')
  const { revision, key } = detail
  t.same(calls, [
    { route: 'show', reference: 'node-1', body: '' },
    { route: 'retry', reference: 'e1', body: { revision, key } }
  ])
  t.equal(out, 'enrolment/node-1 retried\n')
  t.match(err, new RegExp(`^node-1: worker, key .*, revision ${revision}, .*\\nNext: joinery show node-1\\n$`))
})

t.test('reject, release and retry print the enrolment with -o json and -o yaml', async (t) => {
  for (const words of [
    ['reject', 'e1', '--reason', 'x'],
    ['release', 'e1', '--key', key],
    ['retry', 'e1']
  ]) {
    const answer = () => enrolment
    const answers = { show: () => detail, reject: answer, release: answer, retry: answer }
    const json = await joinery(t, answers, ...words, '-o', 'json')
    t.same(JSON.parse(json.out), enrolment, words.join(' '))
    t.notMatch(json.err, 'Next:')
    const yaml = await joinery(t, answers, ...words, '-o', 'yaml')
    t.same(parse(yaml.out), enrolment, words.join(' '))
    t.notMatch(yaml.err, 'Next:')
  }
})
