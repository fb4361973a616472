import type { FastifyPluginAsync } from 'fastify'
import type { Scraping } from '../../../core/ports/scraping.ts'

/** Serves /metrics to whoever may open the operators' socket. */
export const metricsPlugin =
  ({ scrape }: Pick<Scraping, 'scrape'>): FastifyPluginAsync =>
  async (app) => {
    app.get('/metrics', async (_, reply) => {
      const { type, text } = await scrape()
      return reply.type(type).send(text)
    })
  }
