import { Client } from 'undici'
import type { Pairing } from './pairing.ts'

/** Answer that a probe of the pairing server gets. */
export const readyz = async ({ config }: Pairing): Promise<{ statusCode: number; text: string }> => {
  const socket = new Client('http://joinery-server', { socketPath: config.operators.socket })
  try {
    const { statusCode, body } = await socket.request({ path: '/readyz', method: 'GET' })
    return { statusCode, text: await body.text() }
  } finally {
    await socket.close()
  }
}
