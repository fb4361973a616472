import { Agent, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { deserialize, serialize } from 'node:v8'
import { ProblemError } from '@joinery/protocol'
import type { Clock } from '@joinery/server/testing/base'
import type { UnguardedCluster } from '@joinery/server/testing/cluster'
import type { Answer } from '../cluster-door.ts'

/** Every call that has an answer: none is forgotten, or it does not compile. */
const calls: Record<Exclude<keyof UnguardedCluster, 'now' | 'answers' | 'watch'>, true> = {
  version: true,
  endpoint: true,
  publishedEndpoint: true,
  apiHosts: true,
  network: true,
  nodeConfiguration: true,
  imageSight: true,
  publishesClusterInfo: true,
  nameHolder: true,
  nodePods: true,
  boundPods: true,
  autoApproval: true,
  policyGaps: true,
  createToken: true,
  deleteToken: true,
  kubeletCsrs: true,
  servingCsrs: true,
  approveCsr: true,
  denyCsr: true,
  createOwnCsr: true,
  ownCsr: true,
  deleteOwnCsr: true,
  nodes: true,
  nodeSight: true,
  podSight: true,
  daemonSets: true,
  setLabelsAndTaints: true,
  removeStartupTaint: true,
  deleteNode: true,
  ban: true,
  bans: true,
  unban: true,
  settleBannedLeases: true,
  generation: true,
  noteGeneration: true
}

/** For an answer, in milliseconds of the host. */
const patience = 3000

/** The cluster behind a `ClusterDoor` of another process: what it has outlives this one. */
export const remoteCluster = (socketPath: string, clock: Clock): UnguardedCluster => {
  const agent = new Agent({ keepAlive: true })
  let answered = false
  const send = (path: string, body: Buffer, signal?: AbortSignal) => {
    const { promise, resolve, reject } = Promise.withResolvers<import('node:http').IncomingMessage>()
    const options = { socketPath, path, method: 'POST', agent, ...(signal && { signal }) }
    request(options, resolve).on('error', reject).end(body)
    return promise
  }
  const call = async (name: string, args: unknown[]): Promise<unknown> => {
    const answer = await send(`/${name}`, serialize(args), AbortSignal.timeout(patience))
      .then(buffer)
      .catch((cause) => {
        throw new ProblemError('cluster-unavailable', { detail: 'no answer' }, { cause })
      })
    answered = true
    const told = deserialize(answer) as Answer
    if ('problem' in told) throw new ProblemError(told.problem.code, told.problem.text)
    return told.value
  }
  const watch: UnguardedCluster['watch'] = async (changed, signal) => {
    const response = await send('/watch', Buffer.alloc(0), signal)
    let rest = ''
    for await (const chunk of response.setEncoding('latin1')) {
      const lines = `${rest}${chunk}`.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) changed(deserialize(Buffer.from(line, 'base64')))
    }
  }
  const named = Object.fromEntries(Object.keys(calls).map((name) => [name, (...args: unknown[]) => call(name, args)]))
  return {
    ...(named as Omit<UnguardedCluster, 'now' | 'answers' | 'watch'>),
    now: () => (answered ? clock.now() : undefined),
    answers: () => ({ all: 0, slow: 0, refused: 0 }),
    watch
  }
}
