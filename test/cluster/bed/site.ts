import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { processesInside } from './network.ts'

/** What there is to know about a bed that is up. Kept on disk, so that another process can work on it too. */
export interface Site {
  /** The network namespace of the bed. */
  namespace: string
  /** The Kubernetes version, `v1.37.2`. */
  kubernetes: string
  /** Folder of this run's files, removed at the end. */
  run: string
  /** Folder of every log and console, which stays. */
  logs: string
  /** Folder of the machine image. */
  image: string
  /** The command that starts an emulator. */
  emulator: readonly string[]
  /** Folder of the saved machine from which first boots go on. */
  template: string
  /** Folders of Kubernetes' programs, as in PATH. */
  programs: string
  /** The process that holds the mount namespace open. */
  holder: number
}

export async function writeSite(site: Site): Promise<void> {
  const file = siteFile(site.run)
  await writeFile(`${file}.part`, JSON.stringify(site))
  await rename(`${file}.part`, file)
}

export async function readSite(run: string): Promise<Site> {
  const text = await readFile(siteFile(run), 'utf8').catch(() => {
    throw new Error('no bed is up')
  })
  const site = JSON.parse(text) as Site
  // after a reboot or a kill the file may lie there still, and its process id be another's
  if (!(await processesInside(site.namespace)).includes(site.holder)) throw new Error('no bed is up')
  return site
}

function siteFile(run: string): string {
  return join(run, 'site.json')
}
