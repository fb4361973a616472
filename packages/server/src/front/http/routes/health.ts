import type { FastifyPluginAsync } from 'fastify'
import type { Store } from '../../../core/ports/store/store.ts'

/** Serves /livez and /readyz as kube-apiserver writes them: one line for each check, status 200 or 503. */
export const healthPlugin =
  (store: Store, trouble: () => string | undefined): FastifyPluginAsync =>
  async (app) => {
    app.get('/livez', async (_, reply) => reply.type('text/plain').send('ok\n'))

    app.get('/readyz', async (_, reply) => {
      const cluster = trouble()
      const storeTrouble = await store.check().then(
        () => undefined,
        (error: Error) => error.message
      )
      const checks = [line('store', storeTrouble), line('cluster', cluster)]
      const ready = storeTrouble === undefined && cluster === undefined
      return reply
        .code(ready ? 200 : 503)
        .type('text/plain')
        .send(`${checks.join('\n')}\n`)
    })
  }

const line = (name: string, trouble: string | undefined): string =>
  trouble === undefined ? `[+]${name} ok` : `[-]${name} failed: ${trouble}`
