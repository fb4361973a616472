import { request } from 'node:http'
import type { Pairing } from './pairing.ts'

/** The scrape over the operators' socket, a second after the one before. */
export const scrape = ({ config, clock }: Pairing): Promise<string> => {
  clock.advance(1_001)
  return new Promise((resolve, reject) => {
    request({ socketPath: config.operators.socket, path: '/metrics' }, async (answer) =>
      resolve((await answer.setEncoding('utf8').toArray()).join(''))
    )
      .on('error', reject)
      .end()
  })
}
