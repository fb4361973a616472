import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Connection } from '@joinery/kube'

/**
 * The ways on which a kubeconfig reaches its cluster: its context, and the CA of the API server if the files name one. A cluster tells
 * its own uid, so another one on a known way shows.
 */
export const waysTo = ({ config }: Pick<Connection, 'config'>, files: readonly string[]): string[] => {
  const { caData, caFile } = config.getCurrentCluster() ?? {}
  const authority = caData ?? (caFile === undefined ? undefined : readFileSync(caFile).toString('base64'))
  return [
    digest('context', config.currentContext, ...files.map((file) => resolve(file))),
    ...(authority ? [digest('authority', authority)] : [])
  ]
}

const digest = (...words: string[]): string =>
  createHash('sha256').update(JSON.stringify(words)).digest('hex').slice(0, 32)
