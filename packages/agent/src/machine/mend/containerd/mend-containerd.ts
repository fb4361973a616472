import type { Exec } from '@joinery/host/exec'
import type { Files } from '@joinery/host/files'
import { paths, units } from '../../../host/paths.ts'
import type { Mender, MenderParts } from '../mender.ts'
import { changedLines, keepBackup, othersFile } from '../others-file.ts'
import { editConfig } from './edit-config.ts'
import { importsInTheWay } from './imports-in-the-way.ts'

const path = paths.containerdConfig
/** Folder from which a newer containerd imports if it has no configuration at all. */
const defaultImports = '/etc/containerd/conf.d'
const restartTimeout = 120_000

const refused = 'containerd did not start with it'

/**
 * Switches the CRI and the systemd cgroup driver on, and restarts containerd. Containers go on running meanwhile. If
 * containerd does not start any more, it gets its old configuration back, and the same change is not tried again.
 */
export const mendContainerd: Mender = async (parts) => {
  const { files, exec, earlier, change, cannot } = parts
  const found = await othersFile(files, path)
  if (typeof found === 'object' && 'problem' in found) return cannot(`set up containerd: ${found.problem}`)
  const old = found === 'absent' ? undefined : found
  const edited = editConfig(old?.text ?? '')
  if ('problem' in edited) return cannot(`set up containerd by ${path}: ${edited.problem}`)
  const way = old === undefined ? await importedByDefault(files) : await importsInTheWay(files, path, old.text)
  if (way !== undefined) return cannot(`set up containerd by ${path}: ${way}`)
  if (edited.text === old?.text) return finish(parts)
  const backup = old && (await keepBackup(files, path, old))
  const object = `${path} (${backup === undefined ? 'there was none' : `as it was: ${backup}`})`
  const planned = { verb: 'change', object, ...changedLines(old?.text ?? '', edited.text) } as const
  const tried = earlier.find((one) => one.object === object && one.after === planned.after && one.state === 'failed')
  if (tried?.problem?.startsWith(refused))
    return cannot(`set up containerd by ${path}: it was tried, and ${tried.problem}`)
  await change(planned, async () => {
    await files.write(path, edited.text, old?.mode ?? 0o644)
    await restart(files, exec, backup)
  })
}

/** Restarts containerd if the file is right already: after a power cut containerd has not read it. */
const finish = async ({ files, exec, earlier, change, cannot }: MenderParts): Promise<void> => {
  const begun = earlier.find(({ state, object }) => state === 'begun' && object.startsWith(`${path} (`))
  if (begun === undefined) {
    return cannot(`set up containerd: ${path} is as it should be, but containerd does not use it`)
  }
  const { state: _, ...planned } = begun
  await change(planned, () => restart(files, exec, /\(as it was: (.+)\)$/.exec(begun.object)?.[1]))
}

const restart = async (files: Files, exec: Exec, backup: string | undefined): Promise<void> => {
  const run = () => exec(['systemctl', 'restart', units.containerd], { timeout: restartTimeout })
  try {
    await run()
  } catch (error) {
    await putBack(files, backup)
    const again = await run().then(
      () => 'it runs as before',
      () => 'it does not start with its old configuration either'
    )
    throw new Error(`${refused}, and ${again}: ${(error as Error).message}`)
  }
}

const putBack = async (files: Files, backup: string | undefined): Promise<void> => {
  if (backup === undefined) return files.remove(path)
  const kept = await othersFile(files, backup)
  if (typeof kept === 'object' && 'text' in kept) await files.write(path, kept.text, kept.mode)
}

const importedByDefault = async (files: Files): Promise<string | undefined> =>
  (await files.list(defaultImports)).some((name) => name.endsWith('.toml'))
    ? `there is none, and ${defaultImports} would not be read beside one`
    : undefined
