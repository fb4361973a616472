import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** One series of an answer, with its present value. */
export interface Sample {
  metric: Record<string, string>
  value: number
}

export interface Prometheus {
  /** The answer to an expression now. Throws what Prometheus says against it. */
  query(expression: string): Promise<Sample[]>
  /** The data of another part of its API, such as `rules`. */
  get(part: string): Promise<Record<string, unknown>>
  stop(): Promise<void>
}

/** Starts a real Prometheus on a port of its own, with this configuration. */
export const startPrometheus = async (folder: string, config: string): Promise<Prometheus> => {
  const file = join(folder, 'prometheus.yml')
  await writeFile(file, config)
  const child = spawn(
    'prometheus',
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--web.listen-address=127.0.0.1:0',
      '--query.lookback-delta=1m'
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] }
  )
  const address = await listening(child)
  const api = async (path: string, body?: URLSearchParams): Promise<Record<string, unknown>> => {
    const answer = await fetch(`http://${address}/api/v1/${path}`, body === undefined ? {} : { method: 'POST', body })
    const { data, error } = (await answer.json()) as { data?: Record<string, unknown>; error?: string }
    if (data === undefined) throw new Error(`${path}: ${error}`)
    return data
  }
  return {
    query: async (expression) => {
      const { resultType, result } = await api('query', new URLSearchParams({ query: expression }))
      if (resultType === 'scalar') return [{ metric: {}, value: Number((result as [number, string])[1]) }]
      return (result as { metric: Record<string, string>; value: [number, string] }[]).map(({ metric, value }) => ({
        metric,
        value: Number(value[1])
      }))
    },
    get: (part) => api(part),
    stop: async () => {
      if (child.exitCode !== null) return
      child.kill()
      await once(child, 'exit')
    }
  }
}

/**
 * The address at which it listens, once it answers. Throws with its log if it ends before. Its log is read to the end: a program that
 * writes to a log that nobody reads is ended by SIGPIPE.
 */
const listening = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let log = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log += text
      const [, address] = /TLS is disabled.*address=(\S+)/.exec(log) ?? []
      if (address !== undefined && log.includes('Server is ready')) resolve(address)
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`prometheus ended: ${log}`)))
  })
