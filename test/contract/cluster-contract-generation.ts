import { notedAtMost } from '@joinery/server/testing/cluster'
import { type OpenCluster, unique } from '@joinery/testing/cluster/cluster-fixture'
import type { Test } from 'tap'

/** The number by which the cluster knows the store. */
export const generationContract = async (t: Test, { cluster, world }: OpenCluster): Promise<void> => {
  t.teardown(() => world.writeGenerationAsAdmin(undefined))
  const note = async (text: string) => cluster.noteGeneration(text, (await cluster.generation()).version)
  const noted = async () => (await cluster.generation()).text
  const refused = { code: 'cluster-unavailable', message: /409/ }

  await t.test('a cluster has no generation until it gets one, and then the last one', async (t) => {
    await world.writeGenerationAsAdmin(undefined)
    t.equal(await noted(), undefined)
    await note('1')
    await note('1')
    t.equal(await noted(), '1')
    await note('1000000 a-mac')
    t.equal(await noted(), '1000000 a-mac')
  })

  await t.test('of two servers that read the same one writes, and a late call changes nothing', async (t) => {
    await note('10')
    const { version } = await cluster.generation()
    await cluster.noteGeneration('12', version)
    await t.rejects(cluster.noteGeneration('11', version), refused)
    t.equal(await noted(), '12')
  })

  await t.test('bans and the generation do not disturb each other', async (t) => {
    const name = unique('node')
    t.teardown(() => cluster.unban(name))
    await note('20')
    const { version } = await cluster.generation()
    await cluster.ban(name, 'contract')
    t.equal(await noted(), '20')
    await t.rejects(cluster.noteGeneration('21', version), refused, 'the list is another one by now')
    await note('21')
    t.equal((await cluster.bans()).get(name), 'contract')
    await cluster.unban(name)
    t.equal(await noted(), '21')
  })

  await t.test('a text of somebody else in place of the generation is returned as it is, and cut', async (t) => {
    for (const text of ['', 'garbage', '-1', '9'.repeat(notedAtMost)]) {
      await world.writeGenerationAsAdmin(text)
      t.equal(await noted(), text, text)
    }
    await world.writeGenerationAsAdmin('9'.repeat(10_000))
    t.equal(await noted(), '9'.repeat(notedAtMost))
    await note('30')
    t.equal(await noted(), '30')
  })
}
