import type { FastifyPluginAsync } from 'fastify'

export type Scraping = () => Promise<{ type: string; text: string }>

/** Serves /metrics to whoever may open the operators' socket. */
export const metricsPlugin =
  (scrape: Scraping): FastifyPluginAsync =>
  async (app) => {
    app.get('/metrics', async (_, reply) => {
      const { type, text } = await scrape()
      return reply.type(type).send(text)
    })
  }
