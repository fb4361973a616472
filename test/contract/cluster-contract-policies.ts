import { type Policy, policies } from '@joinery/kube/names'
import { eventually } from '@joinery/testing/clocks/eventually'
import type { OpenCluster } from '@joinery/testing/cluster/cluster-fixture'
import type { Test } from 'tap'

/** `some`: those that are taken away, one at a time. All of them are looked at each time. */
export const policyContract = async (t: Test, open: OpenCluster, some: readonly Policy[] = policies): Promise<void> => {
  const { cluster, world, serving = false } = open
  const rights = { credential: 'token', serving } as const
  const gapsOf = (policy: Policy) => cluster.policyGaps(policy, rights, new Date())
  /** It takes the API server a moment to heed a change. */
  const eventuallyHolds = (policy: Policy) =>
    eventually(`${policy} holds`, async () => (await gapsOf(policy)).length === 0)

  for (const policy of some) {
    await t.test(`${policy}: a gap names what gets through without it, and the probe makes nothing`, async (t) => {
      t.same(await gapsOf(policy), [])
      const nodes = (await cluster.nodes()).map(({ uid }) => uid)
      const undo = await world.unbindPolicy(policy)
      t.teardown(async () => {
        await undo()
        await eventuallyHolds(policy)
      })
      const named = await eventually(`${policy} is out of force`, async () => {
        const found = await gapsOf(policy)
        return found.length > 0 && !found.some((gap) => gap.includes('by something else')) && found
      })
      for (const gap of named) t.match(gap, / is not refused$|^the binding of .* is missing$/, gap)
      for (const other of policies.filter((one) => one !== policy)) t.same(await gapsOf(other), [], other)
      t.equal(await world.tokenData('aaaaaa'), undefined, 'no token')
      t.same(
        (await cluster.nodes()).map(({ uid }) => uid),
        nodes,
        'every Node is there'
      )
      t.equal(await world.csr('joinery-dry-run'), undefined, 'no request')
      await undo()
      await eventuallyHolds(policy)
    })
  }

  if (some !== policies) return

  await t.test('each kind of Secret that must be refused is named', async (t) => {
    const undo = await world.unbindPolicy('joinery-bootstrap-tokens')
    t.teardown(undo)
    const named = await eventually('the policy is out of force', async () => {
      const found = await gapsOf('joinery-bootstrap-tokens')
      return found.length === 5 && found
    })
    t.same(named, [
      "a token of kubeadm's own group is not refused",
      'a token for an attempt that signs is not refused',
      'a token that lives for a day is not refused',
      'a token without expiry is not refused',
      'a Secret of another type is not refused'
    ])
    await undo()
    await eventuallyHolds('joinery-bootstrap-tokens')
  })

  await t.test('a server for certificates names a right to tokens as a gap', async (t) => {
    t.same(await cluster.policyGaps('joinery-bootstrap-tokens', { credential: 'certificate', serving }, new Date()), [
      'a token for one attempt is not refused'
    ])
  })
}
