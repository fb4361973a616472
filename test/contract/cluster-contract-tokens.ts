import { randomBytes } from 'node:crypto'
import { controlPlaneGroup, signingGroups, workerGroup } from '@joinery/kube/names'
import { eventually } from '@joinery/testing/clocks/eventually'
import {
  makeToken,
  type OpenCluster,
  refusal,
  seenCsr,
  submit,
  submitWithNew,
  unique
} from '@joinery/testing/cluster/cluster-fixture'
import { kubeletRequest } from '@joinery/testing/cluster/world/kubelet-request'
import type { Test } from 'tap'

export const tokenContract = async (t: Test, open: OpenCluster): Promise<void> => {
  const { cluster, world } = open

  await t.test('a token is a Secret only for authentication, and expires at a whole second', async (t) => {
    const token = await makeToken(t, open)
    t.ok((await world.tokens()).includes(token.id))
    t.same(await world.tokenData(token.id), {
      'token-id': token.id,
      'token-secret': token.secret,
      'auth-extra-groups': workerGroup,
      expiration: `${token.expires.toISOString().slice(0, 19)}Z`,
      'usage-bootstrap-authentication': 'true',
      description: token.description
    })
  })

  for (const group of signingGroups)
    await t.test(`a token of ${group} that signs vouches for cluster-info, and lets its holder in`, async (t) => {
      const token = await makeToken(t, open, { group, signing: true })
      const silent = await makeToken(t, open, { group })
      t.match(await world.tokenData(token.id), {
        'usage-bootstrap-authentication': 'true',
        'usage-bootstrap-signing': 'true',
        'auth-extra-groups': group
      })
      const signature = async (id: string) => (await world.clusterInfo())[`jws-kubeconfig-${id}`]
      await eventually('cluster-info is signed', () => signature(token.id))
      t.equal(await signature(silent.id), undefined, 'one that does not sign does not vouch')
      const { request } = await kubeletRequest(unique('node'))
      const name = await submitWithNew(t, open, { token, request })
      t.same((await seenCsr(open, name)).groups, ['system:bootstrappers', group, 'system:authenticated'])
      await cluster.deleteToken(token.id)
      await eventually('the signature is gone', async () => (await signature(token.id)) === undefined)
    })

  await t.test('a token that exists already is left as it was, with success', async (t) => {
    const token = await makeToken(t, open)
    const before = await world.tokenData(token.id)
    await cluster.createToken({ ...token, secret: 'f'.repeat(16), expires: new Date(Date.now() + 60_000) })
    t.same(await world.tokenData(token.id), before)
  })

  await t.test('a token is deleted, and a second deletion is success', async (t) => {
    const token = await makeToken(t, open)
    await cluster.deleteToken(token.id)
    t.equal(await world.tokenData(token.id), undefined)
    t.notOk((await world.tokens()).includes(token.id))
    await cluster.deleteToken(token.id)
  })

  await t.test('a token for 30 minutes is made, also if the server’s clock is ahead by seconds', async (t) => {
    const token = await makeToken(t, open, { expires: new Date(Date.now() + 30 * 60_000 + 20_000) })
    t.ok(await world.tokenData(token.id))
  })

  const kubeadmGroup = 'system:bootstrappers:kubeadm:default-node-token'
  const forbidden = {
    'that lives longer than 30 minutes': [{ expires: new Date(Date.now() + 3_600_000) }, /30 minutes/],
    'of a longer id': [{ id: randomBytes(4).toString('hex') }, /bootstrap token/],
    "of kubeadm's group": [{ group: kubeadmGroup }, /group/],
    'of a worker that signs': [{ signing: true }, /for signing those of/],
    'of two groups': [{ group: `${workerGroup},${kubeadmGroup}` }, /group/],
    'of the groups of both roles': [{ group: `${workerGroup},${controlPlaneGroup}` }, /group/]
  } as const
  for (const [which, [differs, reason]] of Object.entries(forbidden)) {
    await t.test(`a token ${which} is refused with the reason`, async (t) => {
      const token = { id: randomBytes(3).toString('hex'), ...differs }
      await t.rejects(makeToken(t, open, token), { code: 'cluster-unavailable', message: reason })
      t.equal(await world.tokenData(token.id), undefined)
    })
  }

  await t.test('the holder of a token is let in only with the right secret', async (t) => {
    const token = await makeToken(t, open)
    const { request } = await kubeletRequest(unique('node'))
    await submitWithNew(t, open, { token, request })
    for (const wrong of [
      { id: token.id, secret: 'f'.repeat(16) },
      { id: 'ffffff', secret: token.secret }
    ]) {
      t.equal((await refusal(() => world.submitCsr({ token: wrong, request })))?.status, 401, wrong.id)
    }
  })

  // the API server remembers a token that it let in for 10 s, so both are waited for at once
  await t.test(
    'the holder of a token is let in until it is deleted or expires, and then its Secret goes',
    async (t) => {
      const deleted = await makeToken(t, open)
      // time for a busy etcd to write it, and less than the API server remembers a token
      const expired = await makeToken(t, open, { expires: new Date(Date.now() + 6_000) })
      const { request } = await kubeletRequest(unique('node'))
      for (const token of [deleted, expired]) await submitWithNew(t, open, { token, request })
      await cluster.deleteToken(deleted.id)
      for (const token of [deleted, expired]) {
        const { status } = await eventually('refused', () => refusal(() => submit(t, open, { token, request })))
        t.equal(status, 401)
      }
      await eventually('the Secret is gone', async () => (await world.tokenData(expired.id)) === undefined)
    }
  )
}
