import { delimiter } from 'node:path'
import t, { type Test } from 'tap'
import { needs } from '../../src/processes/needs.ts'

const onMachine = (t: Test, has: Record<string, string>, CI?: string): void => {
  t.intercept(process, 'env', {
    value: { PATH: ['/nowhere', t.testdir(has)].join(delimiter), ...(CI === undefined ? {} : { CI }) }
  })
}

t.test('a test is skipped with a word if the machine lacks what it needs', async (t) => {
  onMachine(t, { curl: '' })
  t.equal(needs('curl'), false)
  t.equal(needs('gpg'), 'there is no gpg here: apt-get install gnupg')
  t.equal(needs('go'), 'there is no go here')
  t.equal(
    needs('user namespaces', () => true),
    false
  )
  t.equal(
    needs('curl', () => false),
    'there is no curl here: apt-get install curl',
    'whoever knows better says it'
  )
})

t.test('nothing is skipped in CI', async (t) => {
  onMachine(t, {}, 'true')
  for (const name of ['gpg', 'go'] as const) t.equal(needs(name), false, name)
  t.equal(
    needs('chromium', () => false),
    false
  )
})
