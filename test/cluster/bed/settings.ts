import { join } from 'node:path'

export interface Settings {
  /** Folder of what is built once, and of the files of the present runs. */
  cache: string
  /** Folder of this run's logs and consoles. */
  logs: string
  /** Kubernetes' minor version, one of the folders in ../go. */
  minor: string
}

/** JOINERY_BED, JOINERY_LOGS and JOINERY_K8S, or their defaults. */
export function settingsOf(env: NodeJS.ProcessEnv, now: Date): Settings {
  const cache = env.JOINERY_BED ?? '/var/cache/joinery-bed'
  const stamp = now.toISOString().replaceAll(':', '-')
  return {
    cache,
    // two beds may begin at once
    logs: env.JOINERY_LOGS ?? join(cache, 'logs', `${stamp}-${process.pid}`),
    minor: env.JOINERY_K8S ?? '1.37'
  }
}
