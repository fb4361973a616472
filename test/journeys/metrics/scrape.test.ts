import { request } from 'node:http'
import { metricTable } from '@joinery/server/testing/metrics'
import { ready } from '@joinery/testing/pairing/joined'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import t from 'tap'

/** The scrape over the operators' socket. */
const scrape = ({ config }: Pairing): Promise<{ type: string; text: string }> =>
  new Promise((resolve, reject) => {
    request({ socketPath: config.operators.socket, path: '/metrics' }, async (answer) => {
      const text = (await answer.setEncoding('utf8').toArray()).join('')
      resolve({ type: answer.headers['content-type'] ?? '', text })
    })
      .on('error', reject)
      .end()
  })

t.test('a scrape has each metric of the table, and no other', async (t) => {
  const pairing = await openPairing(t)
  await ready(pairing, 'worker-1')
  const { text } = await scrape(pairing)
  const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name)
  t.same(names.sort(), Object.keys(metricTable).sort())
})
