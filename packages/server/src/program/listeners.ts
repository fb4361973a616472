import { chmod, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import type { Server } from 'node:tls'
import { given } from '@joinery/protocol/given'
import type { FastifyInstance } from 'fastify'
import type { ServerConfig } from '../core/config/config.ts'
import type { Door } from '../front/connection-guard/connection-guard.ts'
import { type KeptLeaf, keepLeaf } from '../front/http/keep-leaf.ts'
import { listenRefusal, operatorsRefusal } from '../front/http/listen-refusals.ts'
import { type Metrics, type MetricsParts, serveMetrics } from './serve-metrics.ts'
import { splitAddress } from './split-address.ts'

/** The listeners of a server, whether it is active or stands by. */
export interface Listeners {
  /** Port of the agents' listener. If the configuration says 0, this is the port that the system chose. */
  port: number
  /** Port of the listener for metrics, if there is one. */
  metricsPort?: number
  /** Closes them. Connections of agents are cut. It may be called again. */
  close(): Promise<void>
}

export interface ListenersParts extends Omit<KeptLeaf, 'server'> {
  config: ServerConfig
  agents: FastifyInstance
  /** The door of the agents' listener. */
  door: Pick<Door, 'close'>
  operators: FastifyInstance
  metrics: MetricsParts
  /** Frees ports and socket just before they are taken, if this process has them for something else. */
  makeRoom?: () => Promise<void>
}

/**
 * Listens for agents, for operators and for metrics, and keeps the certificate for agents new. If one of them cannot listen, none does:
 * the one that does would keep the process alive, and systemd waiting.
 */
export const openListeners = async (parts: ListenersParts): Promise<Listeners> => {
  const { config, agents, door, operators, tls, place, log } = parts
  let metrics: Metrics | undefined
  try {
    await parts.makeRoom?.()
    // first: if another server has this port, its socket is not taken either
    await agents.listen(splitAddress(config.agents.listen)).catch((error) => {
      throw listenRefusal(error, config.agents.listen, 'agents.listen')
    })
    await listenOnSocket(operators, config.operators.socket)
    metrics = await serveMetrics(config, parts.metrics)
  } catch (error) {
    await Promise.all([agents.close(), operators.close()])
    throw error
  }
  const leaf = keepLeaf({ server: agents.server as unknown as Server, tls, place, log })
  let closed: Promise<unknown> | undefined
  return {
    port: (agents.server.address() as AddressInfo).port,
    ...given({ metricsPort: metrics?.port }),
    close: async () => {
      leaf.stop()
      // agents hold long polls: the door cuts them, and they come back by themselves
      door.close()
      closed ??= Promise.all([agents.close(), closeInTime(operators), metrics?.close()])
      await closed
    }
  }
}

/** Longest time in milliseconds for answers that are under way. */
const inTime = 5_000

/** Closes the listener when its answers are given. What is still open after a time is cut, also a connection on which nothing was asked. */
const closeInTime = async (app: FastifyInstance): Promise<void> => {
  const cut = setTimeout(() => app.server.closeAllConnections(), inTime)
  await app.close()
  clearTimeout(cut)
}

/**
 * Listens on the socket, after removing one that a killed server left behind. The mode is the authentication: beside
 * root, only the server's own user opens the socket.
 */
const listenOnSocket = async (app: FastifyInstance, path: string): Promise<void> => {
  const before = process.umask(0o177)
  try {
    await rm(path, { force: true })
    await app.listen({ path })
  } catch (error) {
    throw operatorsRefusal(error as NodeJS.ErrnoException, path)
  } finally {
    process.umask(before)
  }
  await chmod(path, 0o600)
}
