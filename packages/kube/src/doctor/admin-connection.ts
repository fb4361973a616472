import type { Connection } from '../connection.ts'
import { explain } from '../errors.ts'
import { connectionByFiles, type FilesOptions } from '../kubeconfig-files.ts'

/** Connection of an administrator by the kubeconfigs in `files`. Throws `cluster-unavailable` if they give no cluster. */
export const adminConnection = (
  files: readonly string[],
  { context, program }: Pick<FilesOptions, 'context' | 'program'>
): Connection => connectionByFiles(files, { context, remedy, program })

/** Does `work` with an administrator's credential. A failure becomes `cluster-unavailable` with the reason. */
export const asAdmin = <T>(api: Connection, work: (api: Connection) => Promise<T>): Promise<T> =>
  explain(api.server, () => work(api), remedy)

const remedy = 'give the kubeconfig of a cluster administrator: --kubeconfig FILE'
