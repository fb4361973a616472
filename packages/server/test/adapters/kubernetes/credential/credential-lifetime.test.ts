import { join } from 'node:path'
import t from 'tap'
import { stringify } from 'yaml'
import { credentialLifetime, renewalDue } from '../../../../src/adapters/kubernetes/credential/credential-lifetime.ts'

const kubeconfig = (token: unknown) => stringify({ users: [{ name: 'joinery-server', user: { token } }] })
const tokenWith = (claims: unknown) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`

t.test("the lifetime of the server's own token is read from its kubeconfig", async (t) => {
  const folder = t.testdir({ kubeconfig: kubeconfig(tokenWith({ iat: 1_767_225_600, exp: 1_767_830_400 })) })
  t.same(await credentialLifetime(join(folder, 'kubeconfig')), {
    issued: new Date('2026-01-01T00:00:00Z'),
    expires: new Date('2026-01-08T00:00:00Z')
  })
})

t.test('without a token in a kubeconfig there is no lifetime', async (t) => {
  const texts = ['', '{', 'users: []', kubeconfig(undefined), kubeconfig('opaque'), kubeconfig(tokenWith({ exp: 'x' }))]
  const folder = t.testdir(Object.fromEntries(texts.map((text, index) => [`${index}`, text])))
  for (const index of ['missing', ...texts.keys()]) {
    t.equal(await credentialLifetime(join(folder, `${index}`)), undefined, `${index}`)
  }
})

const now = new Date('2026-01-10T00:00:00Z')
const inHours = (hours: number) => new Date(now.getTime() + hours * 3600_000)

t.test('a token is renewed if less than three quarters of its lifetime are left', async (t) => {
  const table: [issued: number, expires: number, due: boolean, name: string][] = [
    [0, 168, false, 'a week, new'],
    [-42, 126, false, 'a week, three quarters left'],
    [-43, 125, true, 'a week, less left'],
    [-0.25, 0.75, false, 'an hour, three quarters left'],
    [-0.3, 0.7, true, 'an hour, less left'],
    [-169, -1, true, 'one that has ended'],
    [1, 169, false, 'one of the future: the clock is behind']
  ]
  for (const [issued, expires, due, name] of table) {
    t.equal(renewalDue({ issued: inHours(issued), expires: inHours(expires) }, now), due, name)
  }
})
