import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { ProblemError, packagePath } from '@joinery/protocol'
import Type from 'typebox'
import type { AgentPackages } from '../../../core/ports/store/agent-packages.ts'
import type { Downloads } from '../downloads.ts'

const Hash = Type.Object({ hash: Type.String({ pattern: '^[0-9a-f]{64}$' }) })

/**
 * Serves the agent's package to machines that have nothing but the server's address. The package is no secret, so the
 * route needs no client certificate.
 */
export const packagePlugin =
  (packages: AgentPackages, downloads: Downloads): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.addHook('onClose', async () => downloads.close())
    // a HEAD would read all of the file
    const options = { schema: { params: Hash }, exposeHeadRoute: false }
    app.get(packagePath(':hash'), options, async (request, reply) => {
      const place = downloads.begin(request.ip, () => request.raw.socket.destroy())
      reply.raw.once('close', place.leave)
      const found = await packages.open(request.params.hash)
      if (found === undefined) throw new ProblemError('not-found', { detail: 'no code names this package' })
      place.reads(found.stream)
      reply.header('content-length', found.size).type('application/vnd.debian.binary-package')
      return reply.send(found.stream)
    })
  }
