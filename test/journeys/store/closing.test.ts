import { openPairing } from '@joinery/testing/pairing/pairing'
import t from 'tap'

t.test('a server that is closed lets its pass end before it closes its store', async (t) => {
  const [asked, way] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const pairing = await openPairing(t, {}, async (cluster) => {
    const nodes = cluster.nodes.bind(cluster)
    cluster.nodes = async () => {
      asked.resolve()
      await way.promise
      return nodes()
    }
  })
  await asked.promise
  let isClosed = false
  const restarted = pairing.restart().then(() => {
    isClosed = true
  })
  for (let turns = 500; turns > 0; turns -= 1) await new Promise((resolve) => setImmediate(resolve))
  t.equal(isClosed, false)
  way.resolve()
  await restarted
  t.notMatch(pairing.log, /finalized|database is not open|a pass of the reconciler failed/)
})
