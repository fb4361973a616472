import { join } from 'node:path'
import t from 'tap'
import { stringify } from 'yaml'
import { credentialLifetime } from '../../../../src/cluster/kubernetes/credential/credential-lifetime.ts'

const kubeconfig = (token: unknown) => stringify({ users: [{ name: 'joinery-server', user: { token } }] })
const tokenWith = (claims: unknown) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`

t.test("the lifetime of the server's own token is read from its kubeconfig", async (t) => {
  const folder = t.testdir({ kubeconfig: kubeconfig(tokenWith({ iat: 1_767_225_600, exp: 1_767_830_400 })) })
  t.same(await credentialLifetime(join(folder, 'kubeconfig')), {
    issued: new Date('2026-01-01T00:00:00Z'),
    expires: new Date('2026-01-08T00:00:00Z')
  })
})

t.test('without a kubeconfig, or with another credential in it, there is none', async (t) => {
  const texts = ['', '{', 'users: []', kubeconfig(undefined), kubeconfig('opaque'), kubeconfig(tokenWith({ exp: 'x' }))]
  const folder = t.testdir(Object.fromEntries(texts.map((text, index) => [`${index}`, text])))
  for (const index of ['missing', ...texts.keys()]) {
    t.equal(await credentialLifetime(join(folder, `${index}`)), undefined, `${index}`)
  }
})
