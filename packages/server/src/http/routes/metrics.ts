import type { FastifyPluginAsync } from 'fastify'

/** The scrape, in a format that the caller accepts. */
export type Scraping = (accept: string | undefined) => Promise<{ type: string; text: string }>

/** Serves /metrics to whoever may open the operators' socket. */
export const metricsPlugin =
  (scrape: Scraping): FastifyPluginAsync =>
  async (app) => {
    app.get('/metrics', async (request, reply) => {
      const { type, text } = await scrape(request.headers.accept)
      return reply.type(type).send(text)
    })
  }
