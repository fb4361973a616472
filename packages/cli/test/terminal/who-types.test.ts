import t from 'tap'
import { whoTypes } from '../../src/terminal/who-types.ts'

const root = () => ({ username: 'root', uid: 0 })

t.test('the person who became root by sudo is named, or else the user of the process', async (t) => {
  const table: [environment: Parameters<typeof whoTypes>[0], expected: string | undefined][] = [
    [{ SUDO_USER: 'alice', SUDO_UID: '1000' }, 'alice (uid 1000)'],
    [{ SUDO_USER: 'CORP\\alice.b', SUDO_UID: '70001' }, 'CORP\\alice.b (uid 70001)'],
    [{}, 'root (uid 0)'],
    [{ SUDO_USER: '', SUDO_UID: '' }, 'root (uid 0)'],
    [{ SUDO_USER: 'alice' }, 'root (uid 0)'],
    [{ SUDO_USER: 'a\nb: c', SUDO_UID: '1000' }, undefined],
    [{ SUDO_USER: 'alice', SUDO_UID: '1000) (uid 0' }, undefined],
    [{ SUDO_USER: 'x'.repeat(65), SUDO_UID: '1000' }, undefined]
  ]
  for (const [environment, expected] of table)
    t.equal(whoTypes(environment, root), expected, JSON.stringify(environment))
  const nameless = () => {
    throw new Error('no user of that uid')
  }
  t.equal(whoTypes({}, nameless), undefined)
})
